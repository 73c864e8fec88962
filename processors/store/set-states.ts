/**
 * The states of a followed set: what it was promoted with, and over that the rows of its steps. Of an entity the row of
 * the highest step counts. A row without an event says that the entity is not there any more: of its events none counts.
 */
import { STATE_COLUMNS } from './run-states.js';
import type { Store } from './store.js';

/** A set of current states as one reader sees it: plain data, so that it crosses threads. */
export interface LiveSet {
  readonly setId: string;
  readonly generation: number;
  /** Claims of the units that wrote the generation and of the steps that count. */
  readonly claims: readonly string[];
}

type StateColumn = (typeof STATE_COLUMNS)[number];

/** Rows of STATE_COLUMNS: the last state of each entity that `where` lets through; takes setParams. */
export function latestStatesSql(store: Store, where: string): string {
  return latestSql(store, where, STATE_COLUMNS.slice(3));
}

/** The same without the states themselves: what their last events were. */
export function latestEventsSql(store: Store, where: string): string {
  return latestSql(store, where, ['occurred_at', 'event_id']);
}

/** `rest`: columns behind those of the entity; event_id among them. */
function latestSql(store: Store, where: string, rest: readonly StateColumn[]): string {
  const last = rest.map((name, i) => `latest.${i + 1} AS ${name}`).join(', ');
  return `SELECT entity_hash, entity_type, entity_id, ${last} FROM (
    SELECT entity_hash, entity_type, entity_id, argMax((${rest.join(', ')}), step) AS latest
    FROM ${store.t('entity_states')}
    WHERE scope = {setId:String} AND generation = {generation:UInt32} AND claim IN {setClaims:Array(UInt64)} AND ${where}
    GROUP BY entity_hash, entity_type, entity_id)
  WHERE event_id != ''`;
}

export function setParams({ setId, generation, claims }: LiveSet): Record<string, unknown> {
  return { setId, generation, setClaims: claims.map(BigInt) };
}
