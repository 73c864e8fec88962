/**
 * The last state of each entity in a finished run: that of its last snapshot, or the one that the run began with. An
 * incremental run begins with these, and a promotion copies them.
 */
import { hashRangeClause } from './selection.js';
import type { Store } from './store.js';

/** Columns of entity_states that say what the state is of and what it is. */
export const STATE_COLUMNS = [
  'entity_hash',
  'entity_type',
  'entity_id',
  'fold_seq',
  'occurred_at',
  'event_id',
  'exists',
  'shape',
  'state',
] as const;

/** Rows of STATE_COLUMNS for a range of entity hashes; takes runStatesParams, lo and hi. */
export function runStatesSql(store: Store): string {
  const columns = STATE_COLUMNS.join(', ');
  const key = 'entity_hash, entity_type, entity_id';
  // In the order of the tables' keys: three times as fast as aggregating the states.
  const last = `ORDER BY ${key}, fold_seq DESC LIMIT 1 BY ${key}`;
  return `SELECT ${columns} FROM (
      SELECT ${columns} FROM ${store.t('snapshots')}
      WHERE job_id = {run:String} AND claim IN {runClaims:Array(UInt64)} AND ${hashRangeClause} ${last}
      UNION ALL SELECT ${columns} FROM ${store.t('entity_states')}
      WHERE scope = {run:String} AND generation = 0 AND claim IN {runClaims:Array(UInt64)} AND ${hashRangeClause})
    ${last}`;
}

export function runStatesParams(run: {
  readonly jobId: string;
  readonly claims: readonly string[];
}): Record<string, unknown> {
  return { run: run.jobId, runClaims: run.claims.map(BigInt) };
}

/** Entities that a finished run has a state of. */
export async function countRunStates(
  store: Store,
  run: { readonly jobId: string; readonly claims: readonly string[] },
): Promise<number> {
  const key = 'entity_hash, entity_type, entity_id';
  const rows = await store.query<{ count: string }>(
    `SELECT toString(count()) AS count FROM (
       SELECT ${key} FROM (
         SELECT ${key} FROM ${store.t('snapshots')}
         WHERE job_id = {run:String} AND claim IN {runClaims:Array(UInt64)}
         UNION ALL SELECT ${key} FROM ${store.t('entity_states')}
         WHERE scope = {run:String} AND generation = 0 AND claim IN {runClaims:Array(UInt64)})
       GROUP BY ${key})`,
    runStatesParams(run),
    { settings: { max_bytes_before_external_group_by: 256 * 2 ** 20 } },
  );
  return Number(rows[0]!.count);
}
