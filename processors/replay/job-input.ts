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

/** Rows that one pass over event ids groups; with an entry per id and entity, fewer fit into the same memory. */
const SLICE_ROWS = 8_000_000;
const SHARED_SLICE_ROWS = 4_000_000;
const FAN_OUT_SLICE_ROWS = 1_000_000;
/** With more repeated ids than this the fold looks at every id by itself. */
const REPEATED_MAX = 4_096;

export interface RepeatedIds {
  /** cityHash64, in decimal, of each event id that occurs more than once; null: too many to list, any id may. */
  readonly repeated: readonly string[] | null;
  /** `eventId \0 entityType \0 entityId` of every entity in which all copies of an id are conflicts. */
  readonly losers: readonly string[];
}

export interface RepeatedLimits {
  readonly selected: number;
  readonly fansOut: boolean;
  readonly maxConflicts: number;
}

/**
 * Event ids that occur more than once. Of an id that occurs under more than one entity the first record in the job's
 * order counts, with all entities that it touches; in every other entity the id's copies are conflicts. Hashes stand for
 * ids: where two ids share one, the fold is slower and not wrong. Rejects with too_many_conflicts.
 */
export async function findRepeated(
  store: Store,
  spec: FrozenSpec,
  input: InputRows,
  limits: RepeatedLimits,
  options: QueryOptions,
): Promise<RepeatedIds> {
  const ids = new InputIds(store, spec, input, limits, options);
  const repeated = limits.fansOut ? null : await ids.repeated();
  return { repeated, losers: repeated?.length === 0 ? [] : await ids.losers(repeated) };
}

class InputIds {
  readonly #store: Store;
  readonly #limits: RepeatedLimits;
  readonly #options: QueryOptions;
  readonly #params: Clause['params'];
  /** The selected rows. */
  readonly #from: string;
  /** What orders records in the job. */
  readonly #record: string;

  constructor(
    store: Store,
    spec: FrozenSpec,
    input: InputRows,
    limits: RepeatedLimits,
    options: QueryOptions,
  ) {
    const { sql, params } = selectedClause(spec, input);
    this.#store = store;
    this.#limits = limits;
    this.#options = options;
    this.#params = params;
    this.#from = `FROM ${store.t(input.table)} WHERE ${sql}`;
    this.#record =
      spec.ordering === 'log' ? 'topic_id, partition, offset' : 'occurred_at, topic_id, partition, offset';
  }

  /** Hashes of the ids that occur more than once; null: too many. */
  async repeated(): Promise<string[] | null> {
    const rows = `SELECT cityHash64(event_id) AS h ${this.#from}`;
    const found = await this.#hashes(
      SLICE_ROWS,
      REPEATED_MAX,
      (slice) => `FROM (${rows}) WHERE ${slice} GROUP BY h HAVING count() > 1`,
    );
    return found.length > REPEATED_MAX ? null : found;
  }

  /** `among`: hashes of all ids in question; null: any. */
  async losers(among: readonly string[] | null): Promise<string[]> {
    const shared = await this.#shared(among);
    const { maxConflicts } = this.#limits;
    if (shared.length > maxConflicts) {
      throw new RewindError(
        'too_many_conflicts',
        `more than ${maxConflicts} event ids are shared by different entities`,
      );
    }
    const losers: string[] = [];
    for (let at = 0; at < shared.length; at += REPEATED_MAX) {
      const found = await this.#store.query<{ event_id: string; entity_type: string; entity_id: string }>(
        `SELECT event_id, entity_type, entity_id FROM (
           SELECT event_id, entity_type, entity_id, min((${this.#record})) AS first,
             min(first) OVER (PARTITION BY event_id) AS winner
           FROM (SELECT event_id, entity_type, entity_id, occurred_at, topic_id, partition, offset ${this.#from}
             AND ${repeatedClause})
           GROUP BY event_id, entity_type, entity_id)
         WHERE first != winner`,
        { ...this.#params, repeated: shared.slice(at, at + REPEATED_MAX).map(BigInt) },
        this.#options,
      );
      for (const row of found) losers.push(`${row.event_id}\u0000${row.entity_type}\u0000${row.entity_id}`);
    }
    return losers;
  }

  /** Hashes of ids that stand under different entities. */
  async #shared(among: readonly string[] | null): Promise<string[]> {
    const { fansOut, maxConflicts } = this.#limits;
    const rows = `${this.#from}${among === null ? '' : ` AND ${repeatedClause}`}`;
    // Where records touch several entities, an id that stands under several is usual: only those entities have lost
    // that the id's first record does not touch.
    if (fansOut) {
      const ids = `SELECT cityHash64(event_id) AS h, min((${this.#record})) AS first ${rows}`;
      return this.#hashes(
        FAN_OUT_SLICE_ROWS,
        maxConflicts,
        (slice) =>
          `FROM (${ids} AND ${slice} GROUP BY h, entity_hash) GROUP BY h HAVING min(first) != max(first)`,
      );
    }
    const ids = `SELECT cityHash64(event_id) AS h, entity_hash ${rows}`;
    return this.#hashes(
      SHARED_SLICE_ROWS,
      maxConflicts,
      (slice) => `FROM (${ids}) WHERE ${slice} GROUP BY h HAVING min(entity_hash) != max(entity_hash)`,
      among ?? [],
    );
  }

  /** Up to `max` + 1 hashes that the rest of a statement selects, in slices of bounded memory. */
  async #hashes(
    sliceRows: number,
    max: number,
    rest: (slice: string) => string,
    repeated: readonly string[] = [],
  ): Promise<string[]> {
    const slices = repeated.length > 0 ? 1 : Math.max(1, Math.ceil(this.#limits.selected / sliceRows));
    const slice = slices === 1 ? '1' : 'h % {slices:UInt32} = {slice:UInt32}';
    const hashes: string[] = [];
    for (let at = 0; at < slices && hashes.length <= max; at++) {
      const rows = await this.#store.query<{ hash: string }>(
        `SELECT toString(h) AS hash ${rest(slice)} LIMIT {max:UInt32}`,
        { ...this.#params, slices, slice: at, max: max + 1, repeated: repeated.map(BigInt) },
        this.#options,
      );
      for (const { hash } of rows) hashes.push(hash);
    }
    return hashes;
  }
}
