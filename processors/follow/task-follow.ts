/**
 * The work of one step, in a worker thread: entities whose new events all come after what they have are folded on from
 * their states; the others from their first event on. Both write snapshots; the last of each entity becomes its state.
 * A crash here leaves rows without a manifest: invisible.
 */
import { runFoldTask } from '../replay/task-fold.js';
import type { StoredInput, TaskCounters, UnitTask } from '../replay/tasks.js';
import { STATE_COLUMNS } from '../store/run-states.js';
import { type LiveSet, latestStatesSql, setParams } from '../store/set-states.js';
import type { Store } from '../store/store.js';
import { FAILPOINTS, reach } from '../testing/failpoints.js';

/** Entities of one read. */
const ONLY_MAX = 10_000;

export interface FollowTask {
  readonly kind: 'follow';
  readonly unit: string;
  readonly claim: string;
  readonly step: string;
  readonly set: LiveSet;
  /** The fold of the new rows. */
  readonly fold: Omit<UnitTask, 'unit' | 'claim'>;
  /** Hashes of the entities that are folded from their first event on. */
  readonly anew: readonly string[];
  /** All rows of the set, the new ones with them. */
  readonly whole: StoredInput;
  /** Of the whole; see UnitTask. */
  readonly losers: readonly string[];
  readonly repeated: readonly string[] | null;
}

/** Rejects as runFoldTask does. `refolded`: entities that were folded again. */
export async function runFollowTask(
  store: Store,
  task: FollowTask,
  signal: AbortSignal,
): Promise<TaskCounters> {
  const { unit, claim, anew, set, whole, losers, repeated } = task;
  const fold: UnitTask = { ...task.fold, unit, claim };
  const counters: Record<string, number> = { refolded: anew.length };
  const add = (more: TaskCounters) => {
    for (const [name, count] of Object.entries(more)) counters[name] = (counters[name] ?? 0) + count;
  };
  add(await runFoldTask(store, fold, signal, { except: anew, states: set }));
  for (let at = 0; at < anew.length; at += ONLY_MAX) {
    const only = anew.slice(at, at + ONLY_MAX);
    add(await runFoldTask(store, { ...fold, input: whole, losers, repeated }, signal, { only }));
  }
  await writeStates(store, task, signal);
  if (FAILPOINTS) await reach('follow.stored');
  return counters;
}

async function writeStates(store: Store, task: FollowTask, signal: AbortSignal): Promise<void> {
  const { set, claim, step, fold, anew } = task;
  const options = { signal, maxSeconds: fold.limits.statementMaxSeconds, settings: { max_threads: 1 } };
  const params = {
    ...setParams(set),
    tenantId: fold.spec.tenantId,
    step,
    job: fold.jobId,
    newClaim: claim,
    anew: anew.map(BigInt),
  };
  const rest = STATE_COLUMNS.slice(3);
  const insert = `INSERT INTO ${store.t('entity_states')} (tenant_id, scope, generation, step, ${STATE_COLUMNS.join(', ')}, claim)
    SELECT {tenantId:String}, {setId:String}, {generation:UInt32}, {step:UInt64}, entity_hash, entity_type, entity_id`;
  const written = `FROM ${store.t('live_snapshots')} WHERE job_id = {job:String} AND claim = {newClaim:UInt64}`;
  await store.command(
    `${insert}, ${rest.map((_, i) => `latest.${i + 1}`).join(', ')}, {newClaim:UInt64}
     FROM (SELECT entity_hash, entity_type, entity_id, argMax((${rest.join(', ')}), fold_seq) AS latest
       ${written} GROUP BY entity_hash, entity_type, entity_id)`,
    params,
    { ...options, settings: { ...options.settings, optimize_aggregation_in_order: 1 } },
  );
  if (anew.length === 0) return;
  // Entities of which no event counts any more: the first of each id turned out to be another's.
  const nothing = rest.map((name) => NOTHING[name]!).join(', ');
  for (let at = 0; at < anew.length; at += ONLY_MAX) {
    await store.command(
      `${insert}, ${nothing}, {newClaim:UInt64}
       FROM (${latestStatesSql(store, `entity_hash IN (SELECT arrayJoin({anew:Array(UInt64)}) EXCEPT SELECT entity_hash ${written})`)})`,
      { ...params, anew: anew.slice(at, at + ONLY_MAX).map(BigInt) },
      options,
    );
  }
}

/** A state that is not there. */
const NOTHING: Readonly<Record<string, string>> = {
  fold_seq: 'toUInt64(0)',
  occurred_at: "fromUnixTimestamp64Nano(toInt64(0), 'UTC')",
  event_id: "''",
  exists: 'toUInt8(0)',
  shape: "''",
  state: "''",
};
