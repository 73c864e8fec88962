/**
 * A unit of a verification: folds a part of a finished run again into the scratch table, compares it with what the run has
 * stored, and drops it. A crash here leaves scratch rows only.
 */
import { runFoldTask } from '../replay/task-fold.js';
import { runBasedFoldTask } from '../replay/task-fold-base.js';
import { runFoldSqlTask } from '../replay/task-fold-sql.js';
import type { TaskCounters, UnitTask } from '../replay/tasks.js';
import type { Store } from '../store/store.js';
import { newClaimId } from '../store/unit-log.js';
import { dropScratch } from './scratch.js';
import { bothSides, scratchRows, storedRows } from './sides.js';
import { writeVerification } from './verify-rows.js';

export async function runVerifyTask(
  store: Store,
  task: UnitTask,
  verifies: NonNullable<UnitTask['verifies']>,
  signal: AbortSignal,
): Promise<TaskCounters> {
  const scratch = newClaimId();
  try {
    const counters = await foldAgain(
      store,
      { ...task, scratch: { claim: scratch, keepsLetters: false } },
      signal,
    );
    // What the run itself began with is no row of it.
    const run = { ...verifies, based: false };
    const { sql, params } = bothSides(storedRows(store, run, 'a'), scratchRows(store, scratch, 'b'));
    await writeVerification(
      store,
      {
        jobId: task.jobId,
        run: verifies.jobId,
        claim: task.claim,
        sides: { sql, params: { ...params, lo: task.range.lo, hi: task.range.hi } },
        valueMaxBytes: task.limits.sampleMaxBytes,
      },
      { signal, maxSeconds: task.limits.statementMaxSeconds, settings: { max_threads: 1 } },
    );
    return counters;
  } finally {
    // Not with the unit's signal: what was written is dropped all the more when the unit is given up.
    await dropScratch(store, scratch).catch(() => undefined);
  }
}

function foldAgain(store: Store, task: UnitTask, signal: AbortSignal): Promise<TaskCounters> {
  if (task.base !== undefined) return runBasedFoldTask(store, task, task.base, signal);
  return task.foldIn === 'store' ? runFoldSqlTask(store, task, signal) : runFoldTask(store, task, signal);
}
