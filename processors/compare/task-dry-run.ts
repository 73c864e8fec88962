/**
 * A unit of a job that keeps no snapshots: folds into the scratch table, looks at the rows there, and drops them. A dry
 * run counts them; with a baseline the unit is folded a second time and both folds are compared. A crash here leaves scratch
 * rows only.
 */
import { runFoldTask } from '../replay/task-fold.js';
import { runFoldSqlTask } from '../replay/task-fold-sql.js';
import type { TaskCounters, UnitTask } from '../replay/tasks.js';
import type { QueryOptions, Store } from '../store/store.js';
import { newClaimId } from '../store/unit-log.js';
import { writeDifferences } from './difference-rows.js';
import { writeReport } from './report-rows.js';
import { dropScratch } from './scratch.js';
import { bothSides, scratchRows } from './sides.js';

export async function runDryRunTask(
  store: Store,
  task: UnitTask,
  signal: AbortSignal,
): Promise<TaskCounters> {
  const unit = new ScratchUnit(store, task, signal);
  try {
    return await unit.dryRun();
  } finally {
    await unit.drop();
  }
}

class ScratchUnit {
  readonly #store: Store;
  readonly #task: UnitTask;
  readonly #signal: AbortSignal;
  readonly #options: QueryOptions;
  readonly #scratches: string[] = [];

  constructor(store: Store, task: UnitTask, signal: AbortSignal) {
    this.#store = store;
    this.#task = task;
    this.#signal = signal;
    this.#options = { signal, maxSeconds: task.limits.statementMaxSeconds, settings: { max_threads: 1 } };
  }

  async dryRun(): Promise<TaskCounters> {
    const { spec, jobId, claim, baseline, limits } = this.#task;
    const own = await this.#fold({ ...this.#task, spec: { ...spec, snapshots: 'all' } }, true);
    // What a rebuild of this spec would keep.
    const snapshots = { all: 'processed', changed: 'changed', final: 'entities' }[spec.snapshots];
    const counters = { ...own.counters, snapshots: own.counters[snapshots] ?? 0 };
    await writeReport(this.#store, { jobId, claim, scratch: own.scratch }, limits, this.#options);
    if (baseline === undefined) return counters;
    const other = await this.#fold(
      {
        ...this.#task,
        encoding: baseline.encoding,
        foldIn: baseline.foldIn,
        rules: null,
        // An event that the baseline cannot take is counted: it must not end a run of the new version.
        spec: { ...spec, snapshots: 'all', onFailure: spec.onFailure === 'stop' ? 'skip' : spec.onFailure },
      },
      false,
    );
    const sides = bothSides(
      scratchRows(this.#store, other.scratch, 'a'),
      scratchRows(this.#store, own.scratch, 'b'),
    );
    const differences = await writeDifferences(
      this.#store,
      { jobId, claim, sides, ordering: spec.ordering, history: true },
      this.#options,
    );
    const { processed = 0, failed = 0, skipped = 0 } = other.counters;
    return {
      ...counters,
      ...differences,
      baselineProcessed: processed,
      baselineFailed: failed,
      baselineSkipped: skipped,
    };
  }

  async #fold(task: UnitTask, keepsLetters: boolean): Promise<{ counters: TaskCounters; scratch: string }> {
    const scratch = newClaimId();
    this.#scratches.push(scratch);
    const fold = { ...task, scratch: { claim: scratch, keepsLetters } };
    const run = task.foldIn === 'store' ? runFoldSqlTask : runFoldTask;
    return { counters: await run(this.#store, fold, this.#signal), scratch };
  }

  /** Not with the unit's signal: what was written is dropped all the more when the unit is given up. */
  async drop(): Promise<void> {
    for (const scratch of this.#scratches) await dropScratch(this.#store, scratch).catch(() => undefined);
  }
}
