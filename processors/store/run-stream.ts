/**
 * Reads for those who follow a run: the fold units as they are sealed, a few snapshots of each, and all snapshots in
 * timeline order, page by page.
 */
import type { SnapshotView } from '../replay/service.js';
import {
  COUNTS,
  type RunFacts,
  type RunResults,
  SNAPSHOT,
  type SnapshotRow,
  snapshotView,
  type TimelineRow,
} from './run-results.js';
import type { Store } from './store.js';

/** Where a row stands in the unit log; '0', '0': before all. */
export interface LogPlace {
  readonly block: string;
  readonly blockOffset: string;
}

/** A fold unit, and where its log says that it is sealed. */
export interface SealedUnit extends LogPlace {
  readonly claim: string;
}

interface HashRange {
  low: bigint;
  high: bigint;
}

export class RunStream {
  readonly #store: Store;
  readonly #results: RunResults;

  constructor(store: Store, results: RunResults) {
    this.#store = store;
    this.#results = results;
  }

  /** Fold units that were sealed behind a place of the log, in the order in which they were. */
  async sealedAfter(jobId: string, after: LogPlace, limit: number): Promise<SealedUnit[]> {
    const rows = await this.#store.query<{ claim: string; block: string; block_offset: string }>(
      // The rule of the view sealed_units, for one job.
      `SELECT toString(sealed_by) AS claim, toString(at.1) AS block, toString(at.2) AS block_offset FROM (
         SELECT unit, min((_block_number, _block_offset)) AS at, argMin(claim, (_block_number, _block_offset)) AS sealed_by FROM (
           SELECT unit, kind, claim, from_pos, final, _block_number, _block_offset,
             last_value(if(kind = 'claim', claim, NULL)) IGNORE NULLS OVER (
               PARTITION BY unit ORDER BY _block_number, _block_offset
               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS fence
           FROM ${this.#store.t('unit_log')} WHERE scope = {job:String} AND startsWith(unit, 'fold/'))
         WHERE kind = 'manifest' AND final = 1 AND from_pos = 0 AND claim = fence GROUP BY unit)
       WHERE at > ({block:UInt64}, {blockOffset:UInt64}) ORDER BY at LIMIT {limit:UInt32}`,
      { job: jobId, ...after, limit },
    );
    return rows.map((row) => ({ claim: row.claim, block: row.block, blockOffset: row.block_offset }));
  }

  /** The first snapshots of a unit in the order of its entities. Which index they get shows when all units are there. */
  async samples(run: RunFacts, claim: string, count: number): Promise<SnapshotView[]> {
    const rows = await this.#store.query<{ entity_type: string; entity_id: string; seq: string }>(
      `SELECT s.entity_type AS entity_type, s.entity_id AS entity_id, toString(s.fold_seq) AS seq
       FROM ${this.#snapshots} WHERE s.job_id = {job:String} AND s.claim = {claim:UInt64}
       ORDER BY s.job_id, s.entity_hash, s.entity_type, s.entity_id, s.fold_seq LIMIT {count:UInt32}`,
      { job: run.jobId, claim, count },
      { settings: { max_threads: 1, optimize_read_in_order: 1 } },
    );
    return Promise.all(
      rows.map((row) =>
        this.#results.snapshotAt(run, { type: row.entity_type, id: row.entity_id }, row.seq, null),
      ),
    );
  }

  /** Snapshots by timeline index. Two reads for the page, whatever entities it touches. */
  async page(run: RunFacts, from: number, limit: number): Promise<SnapshotView[]> {
    const places = await this.#results.timelineRows(run, from, limit);
    if (places.length === 0) return [];
    const rows = new Map((await this.#rowsAround(run, places)).map((row) => [keyOf(row, row.fold_seq), row]));
    return Promise.all(
      places.map((place, i) => {
        const row = rows.get(keyOf(place, place.fold_seq));
        const seq = BigInt(place.fold_seq);
        const earlier =
          seq > 0n ? rows.get(keyOf(place, (seq - 1n).toString())) : run.based ? undefined : null;
        if (row !== undefined && earlier !== undefined) return snapshotView(run, row, earlier, from + i);
        // The run keeps not every step, or goes on from a base: the state before is somewhere else.
        const entity = { type: place.entity_type, id: place.entity_id };
        return this.#results.snapshotAt(run, entity, place.fold_seq, from + i);
      }),
    );
  }

  /** The rows of these places and those right before them. */
  async #rowsAround(run: RunFacts, places: readonly TimelineRow[]): Promise<SnapshotRow[]> {
    const entities = new Map<string, HashRange & { type: string; id: string }>();
    for (const { entity_type: type, entity_id: id, fold_seq } of places) {
      const seq = BigInt(fold_seq);
      const key = `${type}\u0000${id}`;
      const known = entities.get(key);
      const low = seq === 0n ? 0n : seq - 1n;
      if (known === undefined) entities.set(key, { type, id, low, high: seq });
      else {
        if (low < known.low) known.low = low;
        if (seq > known.high) known.high = seq;
      }
    }
    const list = [...entities.values()];
    const hashes = `arrayMap((a, b) -> sipHash64(a, b), {types:Array(String)}, {ids:Array(String)})`;
    return this.#store.query<SnapshotRow>(
      `WITH ${hashes} AS hashes
       SELECT ${SNAPSHOT} FROM ${this.#snapshots}
       WHERE s.${COUNTS} AND s.entity_hash IN (SELECT arrayJoin(${hashes}))
         AND s.fold_seq >= arrayMin(arrayFilter((low, hash) -> hash = s.entity_hash, {lows:Array(UInt64)}, hashes))
         AND s.fold_seq <= arrayMax(arrayFilter((high, hash) -> hash = s.entity_hash, {highs:Array(UInt64)}, hashes))`,
      {
        job: run.jobId,
        claims: run.claims.fold.map(BigInt),
        types: list.map((entity) => entity.type),
        ids: list.map((entity) => entity.id),
        lows: list.map((entity) => entity.low),
        highs: list.map((entity) => entity.high),
      },
    );
  }

  get #snapshots(): string {
    return `${this.#store.t('snapshots')} AS s`;
  }
}

function keyOf(row: { entity_type: string; entity_id: string }, seq: string): string {
  return `${row.entity_type}\u0000${row.entity_id}\u0000${seq}`;
}
