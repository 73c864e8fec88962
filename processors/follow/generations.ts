/** Generations of a followed set: its rows written together, and what is removed then. */
import { hashRanges } from '../replay/segments.js';
import { STATE_COLUMNS } from '../store/run-states.js';
import { type LiveSet, latestStatesSql, setParams } from '../store/set-states.js';
import type { QueryOptions, Store } from '../store/store.js';
import { type PromotedSet, stepUnit } from './live-units.js';

/** What stands in `job_id` of rows that a generation's steps write. */
export function liveJob(setId: string, generation: number): string {
  return `${setId}.${generation}`;
}

/** Rows that are read into memory at once, about. */
const RANGE_ROWS = 1_000_000;

export interface NewGeneration {
  readonly tenantId: string;
  /** As it is before. */
  readonly set: LiveSet;
  readonly generation: number;
  readonly step: bigint;
  readonly claim: string;
}

/** Writes the last state of each entity; returns how many there are. */
export async function writeTogether(
  store: Store,
  { tenantId, set, generation, step, claim }: NewGeneration,
  options: QueryOptions,
): Promise<number> {
  const table = store.t('entity_states');
  const params = { ...setParams(set), tenantId, next: generation, step: step.toString(), newClaim: claim };
  const count = async (sql: string) =>
    Number(
      (await store.query<{ count: string }>(`SELECT toString(count()) AS count ${sql}`, params, options))[0]!
        .count,
    );
  const rows = await count(
    `FROM ${table} WHERE scope = {setId:String} AND generation = {generation:UInt32} AND claim IN {setClaims:Array(UInt64)}`,
  );
  for (const { lo, hi } of hashRanges(Math.max(1, Math.ceil(rows / RANGE_ROWS)))) {
    await store.command(
      `INSERT INTO ${table} (tenant_id, scope, generation, step, ${STATE_COLUMNS.join(', ')}, claim)
       SELECT {tenantId:String}, {setId:String}, {next:UInt32}, {step:UInt64}, ${STATE_COLUMNS.join(', ')}, {newClaim:UInt64}
       FROM (${latestStatesSql(store, 'entity_hash BETWEEN {lo:UInt64} AND {hi:UInt64}')})`,
      { ...params, lo, hi },
      { ...options, settings: { max_threads: 1, optimize_aggregation_in_order: 1 } },
    );
  }
  return count(
    `FROM ${table} WHERE scope = {setId:String} AND generation = {next:UInt32} AND claim = {newClaim:UInt64}`,
  );
}

/** Removes the rows and the steps of a generation and of those before it. Whoever still reads it has its parts in hand. */
export async function dropGeneration(
  store: Store,
  { tenantId, setId }: PromotedSet,
  generation: number,
): Promise<void> {
  if (generation < 1) return;
  const params = { tenantId, setId, generation, job: liveJob(setId, generation) };
  await store.command(
    `ALTER TABLE ${store.t('entity_states')} DROP PARTITION tuple({tenantId:String}, {setId:String}, {generation:UInt32})`,
    params,
  );
  await store.command(`ALTER TABLE ${store.t('live_snapshots')} DROP PARTITION {job:String}`, params);
  await store.command(
    `DELETE FROM ${store.t('unit_log')} WHERE scope = {setId:String} AND startsWith(unit, 'live/') AND unit < {first:String}`,
    { ...params, first: stepUnit(generation + 1, 0n) },
  );
}
