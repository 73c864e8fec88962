/** What a step of a followed set changed, entity by entity. */
import { snapshotTexts } from '../snapshots/snapshot-text.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { Store } from './store.js';

export interface StateChange {
  readonly entityHash: string;
  readonly entityType: string;
  readonly entityId: string;
  /** False: it ended, or none of its events counts any more. */
  readonly exists: boolean;
  readonly stateJson: string;
  readonly eventId: string;
  /** RFC 3339; null: none of its events counts any more. */
  readonly occurredAt: string | null;
}

/** Where a page ends: the entity it ended with. */
export interface ChangePlace {
  readonly hash: string;
  readonly entityType: string;
  readonly entityId: string;
}

export interface ChangesQuery {
  readonly setId: string;
  readonly generation: number;
  readonly claim: string;
  /** Only of these types; undefined: of all. */
  readonly entityType?: string | undefined;
  readonly after: ChangePlace | null;
  readonly limit: number;
}

interface Row {
  hash: string;
  entity_type: string;
  entity_id: string;
  exists: number;
  shape: string;
  state: string;
  event_id: string;
  ns: string;
}

export async function readChanges(
  store: Store,
  query: ChangesQuery,
): Promise<{ changes: StateChange[]; last: ChangePlace | null }> {
  const { after, entityType, ...rest } = query;
  const where = [
    'scope = {setId:String} AND generation = {generation:UInt32} AND claim = {claim:UInt64}',
    ...(entityType === undefined ? [] : ['entity_type = {entityType:String}']),
    ...(after === null
      ? []
      : ['(entity_hash, entity_type, entity_id) > ({hash:UInt64}, {afterType:String}, {afterId:String})']),
  ];
  const rows = await store.query<Row>(
    `SELECT toString(entity_hash) AS hash, entity_type, entity_id, exists, shape, state, event_id,
       toString(toUnixTimestamp64Nano(occurred_at)) AS ns
     FROM ${store.t('entity_states')} WHERE ${where.join(' AND ')}
     ORDER BY entity_hash, entity_type, entity_id LIMIT {limit:UInt32}`,
    {
      ...rest,
      entityType: entityType ?? '',
      hash: after?.hash ?? '0',
      afterType: after?.entityType ?? '',
      afterId: after?.entityId ?? '',
    },
  );
  const last = rows.at(-1);
  return {
    changes: rows.map(changeOf),
    last:
      last === undefined || rows.length < query.limit
        ? null
        : { hash: last.hash, entityType: last.entity_type, entityId: last.entity_id },
  };
}

function changeOf(row: Row): StateChange {
  return {
    entityHash: row.hash,
    entityType: row.entity_type,
    entityId: row.entity_id,
    exists: row.exists === 1,
    stateJson: row.exists === 1 ? snapshotTexts(row, null).after : '{}',
    eventId: row.event_id,
    occurredAt: row.event_id === '' ? null : formatRfc3339Ns(BigInt(row.ns)),
  };
}
