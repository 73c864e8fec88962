/**
 * Which entities got an event that belongs before one that they have: before the last that made their state, before one
 * that failed, or before one of the run that the set was made of that no state tells of. These are folded again.
 */
import type { FrozenSpec } from '../../schemas/job.js';
import { type InputRows, selectedClause } from '../store/selection.js';
import { type LiveSet, latestEventsSql, setParams } from '../store/set-states.js';
import type { QueryOptions, Store } from '../store/store.js';
import type { BaseRun } from './base-run.js';

export interface LateQuery {
  readonly spec: FrozenSpec;
  readonly set: LiveSet;
  /** See lastUnsaid. */
  readonly unsaidNs: string;
  readonly rows: InputRows;
}

/**
 * Up to which time an event may be earlier than one that the run folded without its entity's state saying so: the last
 * event that the run read, however far its range goes on; before all times where states say it.
 */
export async function lastUnsaid(
  store: Store,
  { spec, startNs, statesAreLast }: BaseRun,
  rows: InputRows,
  statement: QueryOptions,
): Promise<string> {
  const before = (BigInt(startNs) - 1n).toString();
  if (statesAreLast) return before;
  const selected = selectedClause(spec, rows);
  const found = await store.query<{ count: string; last: string }>(
    `SELECT toString(count()) AS count, toString(toUnixTimestamp64Nano(max(occurred_at))) AS last
     FROM ${store.t(rows.table)} WHERE ${selected.sql}`,
    selected.params,
    statement,
  );
  return found[0]!.count === '0' ? before : found[0]!.last;
}

/** Hashes of the entities. */
export async function findLate(store: Store, query: LateQuery, statement: QueryOptions): Promise<string[]> {
  const { spec, set, unsaidNs, rows } = query;
  const selected = selectedClause(spec, rows);
  const entity = 'entity_hash, entity_type, entity_id';
  const events = `FROM ${store.t(rows.table)} WHERE ${selected.sql}`;
  const found = await store.query<{ hash: string }>(
    `WITH earliest AS (SELECT ${entity}, min((occurred_at, event_id)) AS first ${events} GROUP BY ${entity})
     SELECT DISTINCT toString(e.entity_hash) AS hash FROM earliest AS e
     LEFT JOIN (${latestEventsSql(store, `entity_hash IN (SELECT entity_hash ${events})`)}) AS s
       ON s.entity_hash = e.entity_hash AND s.entity_type = e.entity_type AND s.entity_id = e.entity_id
     LEFT JOIN (
       SELECT entity_type, entity_id, max((occurred_at, event_id)) AS failed FROM ${store.t('dead_letters')}
       WHERE startsWith(job_id, {jobs:String}) AND kind = 'failed' GROUP BY entity_type, entity_id) AS f
       ON f.entity_type = e.entity_type AND f.entity_id = e.entity_id
     WHERE e.first.1 <= fromUnixTimestamp64Nano({unsaid:Int64}, 'UTC')
       OR (s.event_id != '' AND e.first <= (s.occurred_at, s.event_id))
       OR (f.failed.2 != '' AND e.first <= f.failed)`,
    { ...selected.params, ...setParams(set), unsaid: unsaidNs, jobs: `${set.setId}.` },
    statement,
  );
  return found.map(({ hash }) => hash);
}
