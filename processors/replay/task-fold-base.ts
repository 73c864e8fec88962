/**
 * One fold unit of an incremental run. First the last states of the base run are copied, under the unit's own claim, so
 * that the run can be read without its base. Entities to which something came that belongs before their last event, or
 * an event id that they or others had already, are folded again from their first event on. A crash here leaves rows
 * without a manifest: invisible.
 */
import { runStatesParams, runStatesSql, STATE_COLUMNS } from '../store/run-states.js';
import type { Store } from '../store/store.js';
import { runFoldTask } from './task-fold.js';
import { runFoldSqlTask } from './task-fold-sql.js';
import type { TaskBase, TaskCounters, UnitTask } from './tasks.js';

/** Rejects as runFoldTask does. Of the counters, `states` is the number of entities of the base in the unit. */
export async function runBasedFoldTask(
  store: Store,
  task: UnitTask,
  base: TaskBase,
  signal: AbortSignal,
): Promise<TaskCounters> {
  const states = await copyStates(store, task, base, signal);
  const counters: Record<string, number> = { states };
  const add = (more: TaskCounters) => {
    for (const [name, count] of Object.entries(more)) counters[name] = (counters[name] ?? 0) + count;
  };
  if (base.anew !== null) {
    const part = { except: base.anew, based: true };
    const fold = task.foldIn === 'store' ? runFoldSqlTask : runFoldTask;
    add(await fold(store, task, signal, part));
  }
  if (base.anew === null || base.anew.length > 0) add(await foldAnew(store, task, base, signal));
  return counters;
}

/** From the first event of the whole history on. */
function foldAnew(store: Store, task: UnitTask, base: TaskBase, signal: AbortSignal): Promise<TaskCounters> {
  const { behind: _, ...input } = task.input;
  const whole = { ...task, input };
  if (base.anew !== null) return runFoldTask(store, whole, signal, { only: base.anew });
  return task.foldIn === 'store' ? runFoldSqlTask(store, whole, signal) : runFoldTask(store, whole, signal);
}

async function copyStates(
  store: Store,
  task: UnitTask,
  base: TaskBase,
  signal: AbortSignal,
): Promise<number> {
  const options = { signal, maxSeconds: task.limits.statementMaxSeconds, settings: { max_threads: 1 } };
  const params = {
    ...runStatesParams(base),
    lo: task.range.lo,
    hi: task.range.hi,
    scope: task.jobId,
    newClaim: task.claim,
    anew: (base.anew ?? []).map(BigInt),
  };
  const states = runStatesSql(store);
  if (base.anew !== null) {
    await store.command(
      `INSERT INTO ${store.t('entity_states')} (scope, ${STATE_COLUMNS.join(', ')}, claim)
       SELECT {scope:String}, ${STATE_COLUMNS.join(', ')}, {newClaim:UInt64} FROM (${states})
       WHERE entity_hash NOT IN {anew:Array(UInt64)}`,
      params,
      options,
    );
  }
  const rows = await store.query<{ count: string }>(
    `SELECT toString(count()) AS count FROM (${states})`,
    params,
    options,
  );
  return Number(rows[0]!.count);
}
