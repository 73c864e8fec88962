/**
 * A job's input in numbers: the funnel from scanned records to selected events, and the event ids that different
 * entities share. Both run inside the store over the job's visible rows, and are frozen in the job log before the fold.
 */
import { RewindError } from '../../schemas/errors.js';
import type { FrozenSpec, FunnelStep } from '../../schemas/job.js';
import {
  funnelConditions,
  type InputRows,
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
  const rows = await store.query<Record<string, string | [string, number, string]>>(
    `SELECT ${columns.join(', ')} FROM ${table} WHERE ${visible.sql}`,
    params,
    options,
  );
  const undecodable = undecodableClause(spec, input);
  const failed = await store.query<{ count: string }>(
    `SELECT toString(count()) AS count FROM ${table} WHERE ${undecodable.sql}`,
    undecodable.params,
    options,
  );
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

/** Rows that one pass over event ids groups; with an entry per id and entity, fewer fit into the same memory. */
const SLICE_ROWS = 8_000_000;
const FAN_OUT_SLICE_ROWS = 1_000_000;
/** With more repeated ids than this the fold looks at every id by itself. */
const REPEATED_MAX = 4_096;

export interface RepeatedIds {
  /** sipHash64, in decimal, of each event id that occurs more than once; null: too many to list, any id may. */
  readonly repeated: readonly string[] | null;
  /** `eventId \0 entityType \0 entityId` of every entity in which all copies of an id are conflicts. */
  readonly losers: readonly string[];
}

/**
 * Event ids that occur more than once, found by hash in slices of bounded memory. Of an id that occurs under more than one
 * entity the first record in the job's order counts, with all entities that it touches; in every other entity the id's
 * copies are conflicts. Rejects with too_many_conflicts.
 */
export async function findRepeated(
  store: Store,
  spec: FrozenSpec,
  input: InputRows,
  limits: { selected: number; fansOut: boolean; maxConflicts: number },
  options: QueryOptions,
): Promise<RepeatedIds> {
  const selected = selectedClause(spec, input);
  const from = `FROM ${store.t(input.table)} WHERE ${selected.sql}`;
  const record =
    spec.ordering === 'log' ? 'topic_id, partition, offset' : 'occurred_at, topic_id, partition, offset';
  // Where records touch several entities, an id that stands under several is usual: only those entities have lost that
  // the id's first record does not touch.
  const candidates = limits.fansOut
    ? `SELECT h, 1 AS shared FROM (
         SELECT sipHash64(event_id) AS h, min((${record})) AS first ${from} AND h % {slices:UInt32} = {slice:UInt32}
         GROUP BY h, entity_hash)
       GROUP BY h HAVING min(first) != max(first)`
    : `SELECT h, min(entity_hash) != max(entity_hash) AS shared
       FROM (SELECT sipHash64(event_id) AS h, entity_hash ${from})
       WHERE h % {slices:UInt32} = {slice:UInt32}
       GROUP BY h HAVING count() > 1`;
  const slices = Math.max(1, Math.ceil(limits.selected / (limits.fansOut ? FAN_OUT_SLICE_ROWS : SLICE_ROWS)));
  let repeated: string[] | null = limits.fansOut ? null : [];
  const shared: string[] = [];
  for (let slice = 0; slice < slices; slice++) {
    const params = { ...selected.params, slices, slice };
    const [found] = await store.query<{ repeated: string[]; shared: string[] }>(
      `SELECT groupArray(${REPEATED_MAX + 1})(toString(h)) AS repeated,
         groupArrayIf({sharedMax:UInt32})(toString(h), shared) AS shared FROM (${candidates})`,
      { ...params, sharedMax: limits.maxConflicts + 1 },
      options,
    );
    shared.push(...found!.shared);
    if (repeated !== null) repeated.push(...found!.repeated);
    if (repeated !== null && repeated.length > REPEATED_MAX) repeated = null;
    if (shared.length > limits.maxConflicts) {
      throw new RewindError(
        'too_many_conflicts',
        `more than ${limits.maxConflicts} event ids are shared by different entities`,
      );
    }
  }
  const losers: string[] = [];
  for (let at = 0; at < shared.length; at += 5000) {
    const rows = await store.query<{ event_id: string; entity_type: string; entity_id: string }>(
      `SELECT event_id, entity_type, entity_id FROM (
         SELECT event_id, entity_type, entity_id, min((${record})) AS first,
           min(first) OVER (PARTITION BY event_id) AS winner
         FROM (SELECT event_id, entity_type, entity_id, occurred_at, topic_id, partition, offset ${from}
           AND sipHash64(event_id) IN {hashes:Array(UInt64)})
         GROUP BY event_id, entity_type, entity_id)
       WHERE first != winner`,
      { ...selected.params, hashes: shared.slice(at, at + 5000).map(BigInt) },
      options,
    );
    for (const row of rows) losers.push(`${row.event_id}\u0000${row.entity_type}\u0000${row.entity_id}`);
  }
  return { repeated, losers };
}
