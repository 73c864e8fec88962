/**
 * A job's input in numbers: the funnel from scanned records to selected events, and the event ids that different
 * entities share. Both run inside the store over the job's visible rows, and are frozen in the job log before the fold.
 */
import { RewindError } from '../../schemas/errors.js';
import type { FrozenSpec, FunnelStep } from '../../schemas/job.js';
import {
  type Clause,
  funnelConditions,
  type InputRows,
  repeatedClause,
  selectedClause,
  specParams,
  undecodableClause,
  visibleClause,
} from '../store/selection.js';
import type { QueryOptions, Store } from '../store/store.js';

export interface InputCounts {
  readonly funnel: readonly FunnelStep[];
  readonly scanned: number;
  readonly selected: number;
  /** True: some record of the input touches several entities. */
  readonly fansOut: boolean;
  /** Decoded events of the tenant from before the range: the run starts in the middle of their history. */
  readonly earlier: number;
  /** Records that did not decode and whose record time lies in the range. */
  readonly undecodable: number;
}

/** Counts the rows left after each step of the funnel, with the first record that each step dropped. */
export async function countInput(
  store: Store,
  spec: FrozenSpec,
  input: InputRows,
  entityFilters: boolean,
  options: QueryOptions,
): Promise<InputCounts> {
  const conditions = funnelConditions(spec, entityFilters);
  const columns: string[] = ['toString(count()) AS scanned', 'toString(max(n)) AS last_n'];
  columns.push(
    `toString(countIf(error_code = '' AND tenant_id = {tenantId:String} AND occurred_at < fromUnixTimestamp64Nano({startNs:Int64}, 'UTC'))) AS earlier`,
  );
  let before = '1';
  for (const { step, sql } of conditions) {
    const after = `${before} AND (${sql})`;
    columns.push(`toString(countIf(${after})) AS ${step}`);
    columns.push(`minIf((topic, partition, offset), ${before} AND NOT (${sql})) AS ${step}_example`);
    before = after;
  }
  const visible = visibleClause(input);
  const params = { ...visible.params, ...specParams(spec) };
  const table = store.t(input.table);
  const undecodable = undecodableClause(spec, input);
  const [rows, failed] = await Promise.all([
    store.query<Record<string, string | [string, number, string]>>(
      `SELECT ${columns.join(', ')} FROM ${table} WHERE ${visible.sql}`,
      params,
      options,
    ),
    store.query<{ count: string }>(
      `SELECT toString(count()) AS count FROM ${table} WHERE ${undecodable.sql}`,
      undecodable.params,
      options,
    ),
  ]);
  return toCounts(rows[0]!, Number(failed[0]!.count));
}

function toCounts(row: Record<string, string | [string, number, string]>, undecodable: number): InputCounts {
  const scanned = Number(row.scanned);
  const funnel: FunnelStep[] = [{ step: 'scanned', kept: scanned, dropped: 0, example: null }];
  let kept = scanned;
  for (const step of ['decoded', 'tenant', 'time', 'filters'] as const) {
    const left = Number(row[step]);
    const example = row[`${step}_example`] as [string, number, string];
    funnel.push({ step, kept: left, dropped: kept - left, example: kept > left ? example.join('/') : null });
    kept = left;
  }
  const fansOut = Number(row.last_n) > 0;
  return { funnel, scanned, selected: kept, fansOut, earlier: Number(row.earlier), undecodable };
}

/** From here on the grouping of ids goes on in files: memory does not grow with the input, and the input is read once. */
const GROUP_MEMORY_BYTES = 256 * 2 ** 20;
/** With more repeated ids than this the fold looks at every id by itself. */
const REPEATED_MAX = 4_096;

/** The selected rows of a job, and what orders them. */
function selectedRows(store: Store, spec: FrozenSpec, input: InputRows) {
  const { sql, params } = selectedClause(spec, input);
  return {
    from: `FROM ${store.t(input.table)} WHERE ${sql}`,
    params,
    record:
      spec.ordering === 'log' ? 'topic_id, partition, offset' : 'occurred_at, topic_id, partition, offset',
  };
}

/**
 * cityHash64, in decimal, of each event id that occurs more than once in the input; null: too many to list, any id may.
 * Where two ids share a hash, the fold is slower and not wrong.
 */
export async function findRepeated(
  store: Store,
  spec: FrozenSpec,
  input: InputRows,
  options: QueryOptions,
): Promise<string[] | null> {
  const { from, params } = selectedRows(store, spec, input);
  const rows = `FROM (SELECT cityHash64(event_id) AS h ${from}) GROUP BY h HAVING count() > 1`;
  const found = await hashes(store, rows, { ...params, max: REPEATED_MAX + 1 }, options);
  return found.length > REPEATED_MAX ? null : found;
}

/**
 * Of an event id that occurs under more than one entity the first record in the job's order counts, with all entities
 * that it touches; in every other entity the id's copies are conflicts. `repeated`: as findRepeated found.
 * Returns `eventId \0 entityType \0 entityId` of every entity that lost. Rejects with too_many_conflicts.
 */
export async function findLosers(
  store: Store,
  spec: FrozenSpec,
  input: InputRows,
  limits: { fansOut: boolean; maxConflicts: number; repeated: readonly string[] | null },
  options: QueryOptions,
): Promise<string[]> {
  const { fansOut, maxConflicts, repeated } = limits;
  if (repeated?.length === 0) return [];
  const { from, params, record } = selectedRows(store, spec, input);
  const among = repeated === null ? '' : ` AND ${repeatedClause}`;
  // Where records touch several entities, an id that stands under several is usual: only those entities have lost that
  // the id's first record does not touch.
  const candidates = fansOut
    ? `FROM (SELECT cityHash64(event_id) AS h, min((${record})) AS first ${from} GROUP BY h, entity_hash)
       GROUP BY h HAVING min(first) != max(first)`
    : `FROM (SELECT cityHash64(event_id) AS h, entity_hash ${from}${among})
       GROUP BY h HAVING min(entity_hash) != max(entity_hash)`;
  const shared = await hashes(
    store,
    candidates,
    { ...params, max: maxConflicts + 1, repeated: (repeated ?? []).map(BigInt) },
    options,
  );
  if (shared.length > maxConflicts) {
    throw new RewindError(
      'too_many_conflicts',
      `more than ${maxConflicts} event ids are shared by different entities`,
    );
  }
  const losers: string[] = [];
  for (let at = 0; at < shared.length; at += REPEATED_MAX) {
    const rows = await store.query<{ event_id: string; entity_type: string; entity_id: string }>(
      `SELECT event_id, entity_type, entity_id FROM (
         SELECT event_id, entity_type, entity_id, min((${record})) AS first,
           min(first) OVER (PARTITION BY event_id) AS winner
         FROM (SELECT event_id, entity_type, entity_id, occurred_at, topic_id, partition, offset ${from}
           AND ${repeatedClause})
         GROUP BY event_id, entity_type, entity_id)
       WHERE first != winner`,
      { ...params, repeated: shared.slice(at, at + REPEATED_MAX).map(BigInt) },
      options,
    );
    for (const row of rows) losers.push(`${row.event_id}\u0000${row.entity_type}\u0000${row.entity_id}`);
  }
  return losers;
}

/** The hashes that the rest of a statement selects, at most {max}. */
async function hashes(
  store: Store,
  rest: string,
  params: Clause['params'],
  options: QueryOptions,
): Promise<string[]> {
  const rows = await store.query<{ hash: string }>(
    `SELECT toString(h) AS hash ${rest} LIMIT {max:UInt32}`,
    params,
    {
      ...options,
      settings: { ...options.settings, max_bytes_before_external_group_by: GROUP_MEMORY_BYTES },
    },
  );
  return rows.map(({ hash }) => hash);
}
