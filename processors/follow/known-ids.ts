/**
 * The event ids of a followed set. An id counts once in a tenant's history, whenever its copies arrive: of each new event
 * must be known whether any of the others has its id. A filter in memory answers that for nearly all; the store is asked
 * about the rest, and about those that really occur again.
 */
import { RewindError } from '../../schemas/errors.js';
import type { FrozenSpec } from '../../schemas/job.js';
import { bodyHash } from '../store/fold-select.js';
import {
  type Clause,
  type InputRows,
  repeatedClause,
  selectedClause,
  visibleClause,
} from '../store/selection.js';
import type { QueryOptions, Store } from '../store/store.js';
import { IdFilter } from './id-filter.js';

/** With more ids than this that occur again, a fold looks at every id. */
const LISTED_MAX = 4_096;
/** Grouping goes on in files from here on. */
const GROUP_MEMORY_BYTES = 256 * 2 ** 20;

/** What new rows brought about ids that occur again. */
export interface RepeatedIds {
  /** cityHash64 of them; null: too many to list. */
  readonly hashes: readonly string[] | null;
  /** By hash: `eventId \0 entityType \0 entityId` of the entities that have such an id and not its first event. */
  readonly losers: ReadonlyMap<string, readonly string[]>;
  /** Hashes of all entities that have one of them, other than as a plain copy. */
  readonly entities: readonly string[];
  /**
   * Ids whose events are all alike, word for word and of one entity, as producers send them again: among the new rows
   * alone, and such that stood there before. The latter change nothing.
   */
  readonly copies: { readonly fresh: readonly string[]; readonly old: readonly string[] };
}

interface PlacedId {
  readonly h: string;
  readonly entity: string;
  readonly event_id: string;
  readonly entity_type: string;
  readonly entity_id: string;
  readonly lost: number;
  readonly bodies: string;
  readonly old: string;
}

export interface KnownIdsOptions {
  readonly store: Store;
  readonly filterBytes: number;
  /** Ids that stand under several entities. */
  readonly maxConflicts: number;
  readonly statement: QueryOptions;
}

export class KnownIds {
  readonly #options: KnownIdsOptions;
  readonly #filter: IdFilter;
  #hashes: Set<string> | null = new Set();
  readonly #losers = new Map<string, readonly string[]>();

  constructor(options: KnownIdsOptions) {
    this.#options = options;
    this.#filter = new IdFilter(options.filterBytes);
  }

  /** For the fold of whole entities: ids that occur again; null: any may. */
  get repeated(): string[] | null {
    return this.#hashes === null ? null : [...this.#hashes];
  }

  get losers(): string[] {
    return [...this.#losers.values()].flat();
  }

  /** Adds the ids of `rows` and says how many these are, and which occur again in `whole`, of which `rows` are a part. */
  async learn(
    spec: FrozenSpec,
    rows: InputRows,
    whole: InputRows,
  ): Promise<{ events: number; repeated: RepeatedIds }> {
    const { store } = this.#options;
    const some = selectedRows(store, spec, rows);
    const all = selectedRows(store, spec, whole);
    const { events, suspects } = await this.#add(some);
    const isNew = renamed(visibleClause(rows));
    const hashes = suspects.size <= LISTED_MAX ? [...suspects] : await this.#confirmed(some, all);
    const found = new Found();
    for (let at = 0; at < hashes.length; at += LISTED_MAX)
      found.take(await this.#placed(hashes.slice(at, at + LISTED_MAX), all, isNew));
    return { events, repeated: found.ids };
  }

  /** From now on part of what `repeated` and `losers` say. Rejects with too_many_conflicts. */
  keep({ hashes, losers }: RepeatedIds): void {
    if (hashes === null || this.#hashes === null) this.#hashes = null;
    else for (const hash of hashes) this.#hashes.add(hash);
    if (this.#hashes !== null && this.#hashes.size > LISTED_MAX) this.#hashes = null;
    for (const [hash, keys] of losers) this.#losers.set(hash, keys);
    const { maxConflicts } = this.#options;
    if (this.#losers.size > maxConflicts) {
      throw new RewindError(
        'too_many_conflicts',
        `more than ${maxConflicts} event ids are shared by different entities`,
      );
    }
  }

  /** Streams the hashes of the rows' ids through the filter; suspects are those that may have been there. */
  async #add(rows: Clause): Promise<{ events: number; suspects: Set<string> }> {
    const { store, statement } = this.#options;
    const stream = await store.streamRowBinary(`SELECT cityHash64(event_id) ${rows.sql}`, rows.params, {
      ...statement,
      settings: { max_threads: 1 },
    });
    const suspects = new Set<string>();
    let events = 0;
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      for (; at + 8 <= bytes.length; at += 8) {
        events++;
        if (this.#filter.add(bytes.readInt32LE(at), bytes.readInt32LE(at + 4)))
          suspects.add(bytes.readBigUInt64LE(at).toString());
      }
      rest = bytes.subarray(at);
    }
    return { events, suspects };
  }

  /** Those that occur more than once, where they are too many to name. */
  async #confirmed(rows: Clause, whole: Clause): Promise<string[]> {
    const { store, maxConflicts } = this.#options;
    const some = renamed(rows);
    const max = 10 * maxConflicts;
    const found = await store.query<{ hash: string }>(
      `SELECT toString(h) AS hash FROM (
         SELECT cityHash64(event_id) AS h ${whole.sql} AND cityHash64(event_id) IN (SELECT cityHash64(event_id) ${some.sql}))
       GROUP BY h HAVING count() > 1 LIMIT {max:UInt32}`,
      { ...whole.params, ...some.params, max: max + 1 },
      this.#grouping,
    );
    if (found.length > max)
      throw new RewindError('too_many_conflicts', `more than ${max} event ids arrived again at once`);
    return found.map(({ hash }) => hash);
  }

  /** Which entities have these ids, as far as they occur again, and whose event is the first. */
  async #placed(hashes: readonly string[], whole: Clause, isNew: Clause): Promise<PlacedId[]> {
    if (hashes.length === 0) return [];
    return this.#options.store.query<PlacedId>(
      `SELECT toString(h) AS h, toString(entity_hash) AS entity, event_id, entity_type, entity_id,
         first != winner AS lost, toString(bodies) AS bodies, toString(old) AS old
       FROM (
         SELECT cityHash64(event_id) AS h, event_id, entity_hash, entity_type, entity_id,
           min((occurred_at, topic_id, partition, offset)) AS first, min(first) OVER (PARTITION BY event_id) AS winner,
           sum(count()) OVER (PARTITION BY h) AS copies, uniqExact(${bodyHash([])}) AS bodies, countIf(NOT (${isNew.sql})) AS old
         ${whole.sql} AND ${repeatedClause}
         GROUP BY event_id, entity_hash, entity_type, entity_id)
       WHERE copies > 1`,
      { ...whole.params, ...isNew.params, repeated: hashes.map(BigInt) },
      this.#grouping,
    );
  }

  get #grouping(): QueryOptions {
    const { statement } = this.#options;
    return { ...statement, settings: { max_bytes_before_external_group_by: GROUP_MEMORY_BYTES } };
  }
}

/** Gathers what is found about ids that occur again. */
class Found {
  readonly #hashes = new Set<string>();
  readonly #losers = new Map<string, string[]>();
  readonly #entities = new Set<string>();
  readonly #fresh: string[] = [];
  readonly #old: string[] = [];

  /** All rows of some ids. */
  take(placed: readonly PlacedId[]): void {
    const byHash = new Map<string, PlacedId[]>();
    for (const row of placed) {
      const rows = byHash.get(row.h);
      if (rows === undefined) byHash.set(row.h, [row]);
      else rows.push(row);
    }
    for (const [h, rows] of byHash) {
      this.#hashes.add(h);
      const [first, ...others] = rows;
      const copies = first!.old === '0' ? this.#fresh : this.#old;
      if (others.length === 0 && first!.bodies === '1' && copies.length < LISTED_MAX) copies.push(h);
      else for (const row of rows) this.#add(row);
    }
  }

  #add({ h, entity, event_id, entity_type, entity_id, lost }: PlacedId): void {
    this.#entities.add(entity);
    if (lost !== 1) return;
    const keys = this.#losers.get(h) ?? [];
    keys.push(`${event_id}\u0000${entity_type}\u0000${entity_id}`);
    this.#losers.set(h, keys);
  }

  get ids(): RepeatedIds {
    return {
      hashes: this.#hashes.size > LISTED_MAX ? null : [...this.#hashes],
      losers: this.#losers,
      entities: [...this.#entities],
      copies: { fresh: this.#fresh, old: this.#old },
    };
  }
}

/** FROM and WHERE of the rows that count. */
function selectedRows(store: Store, spec: FrozenSpec, rows: InputRows): Clause {
  const { sql, params } = selectedClause(spec, rows);
  return { sql: `FROM ${store.t(rows.table)} WHERE ${sql}`, params };
}

/** The clause under parameter names of its own, for a statement that has another one of the kind. */
function renamed({ sql, params }: Clause): Clause {
  return {
    sql: sql.replaceAll(/\{(\w+):/g, '{some_$1:'),
    params: Object.fromEntries(Object.entries(params).map(([name, value]) => [`some_${name}`, value])),
  };
}
