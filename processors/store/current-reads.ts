/** Reads of a set of current states: single entities and pages, past the view, which works out the set in each query. */
import type { CurrentEntity, EntityFilters } from '../current/contract.js';
import type { StateSet } from '../current/promotions.js';
import { snapshotTexts } from '../snapshots/snapshot-text.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { Store } from './store.js';

interface Row {
  entity_type: string;
  entity_id: string;
  ns: string;
  event_id: string;
  fold_seq: string;
  exists: number;
  shape: string;
  state: string;
}

export interface EntityKey {
  readonly type: string;
  readonly id: string;
}

/** The rows of a set that count; of an entity the row of the highest step does. */
export const OF_SET =
  's.scope = {setId:String} AND s.generation = {generation:UInt32} AND s.claim IN {setClaims:Array(UInt64)}';
const COLUMNS = `entity_type, entity_id, toString(toUnixTimestamp64Nano(occurred_at)) AS ns, event_id,
  toString(fold_seq) AS fold_seq, exists, shape, state`;
/** Rows of one read of a page: states may have a megabyte. */
const READ_ROWS = 1_000;

export function setParams({ setId, generation, claims }: StateSet): Record<string, unknown> {
  return { setId, generation, setClaims: claims.map(BigInt) };
}

export class CurrentReads {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Null: it does not exist. */
  async entity(set: StateSet, { type, id }: EntityKey): Promise<CurrentEntity | null> {
    const rows = await this.#store.query<Row>(
      `SELECT ${COLUMNS} FROM ${this.#store.t('entity_states')} AS s
       WHERE ${OF_SET} AND s.entity_hash = sipHash64({type:String}, {id:String})
         AND s.entity_type = {type:String} AND s.entity_id = {id:String}
       ORDER BY s.step DESC LIMIT 1`,
      { ...setParams(set), type, id },
      { settings: { max_threads: 1 } },
    );
    return rows[0]?.exists === 1 ? entityView(rows[0]) : null;
  }

  /** Entities that exist, by type and id, behind `after`. */
  async entities(
    set: StateSet,
    filters: EntityFilters,
    limit: number,
    after: EntityKey | null,
  ): Promise<CurrentEntity[]> {
    const found: CurrentEntity[] = [];
    for (let from = after; ; ) {
      const rows = await this.#rows(set, filters, from, Math.min(READ_ROWS, limit + 1));
      for (const row of rows) {
        const seen = from?.type === row.entity_type && from.id === row.entity_id;
        from = { type: row.entity_type, id: row.entity_id };
        if (seen || row.exists === 0) continue;
        found.push(entityView(row));
        if (found.length === limit) return found;
      }
      if (rows.length < Math.min(READ_ROWS, limit + 1)) return found;
    }
  }

  #rows(
    set: StateSet,
    { entityType, prefix }: EntityFilters,
    after: EntityKey | null,
    limit: number,
  ): Promise<Row[]> {
    const where = [OF_SET];
    if (entityType !== undefined) where.push('s.entity_type = {entityType:String}');
    if (prefix !== undefined) where.push('startsWith(s.entity_id, {prefix:String})');
    if (after !== null) where.push('(s.entity_type, s.entity_id) > ({afterType:String}, {afterId:String})');
    return this.#store.query<Row>(
      `SELECT ${COLUMNS} FROM ${this.#store.t('entity_states')} AS s WHERE ${where.join(' AND ')}
       ORDER BY s.entity_type, s.entity_id, s.step DESC LIMIT {limit:UInt32}`,
      {
        ...setParams(set),
        limit,
        ...(entityType === undefined ? {} : { entityType }),
        ...(prefix === undefined ? {} : { prefix }),
        ...(after === null ? {} : { afterType: after.type, afterId: after.id }),
      },
    );
  }
}

function entityView(row: Row): CurrentEntity {
  return {
    entityType: row.entity_type,
    entityId: row.entity_id,
    stateJson: snapshotTexts(row, null).after,
    eventId: row.event_id,
    occurredAt: formatRfc3339Ns(BigInt(row.ns)),
    foldSeq: row.fold_seq,
  };
}
