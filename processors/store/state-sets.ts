/** Sets of current states in `entity_states`: how the states of a run are copied into one, and how its rows are removed. */
import { runStatesParams, runStatesSql, STATE_COLUMNS } from './run-states.js';
import type { QueryOptions, Store } from './store.js';

/** Of a set that was copied from a run; a set that is written together anew takes the next. */
export const FIRST_GENERATION = 1;

export interface SetCopy {
  readonly tenantId: string;
  readonly setId: string;
  readonly claim: string;
  /** Range of entity hashes, both ends included. */
  readonly lo: string;
  readonly hi: string;
  readonly run: { readonly jobId: string; readonly claims: readonly string[] };
}

export async function copyStates(
  store: Store,
  { tenantId, setId, claim, lo, hi, run }: SetCopy,
  options: QueryOptions,
): Promise<{ states: number; entities: number }> {
  const params = { tenantId, setId, generation: FIRST_GENERATION, newClaim: claim };
  await store.command(
    `INSERT INTO ${store.t('entity_states')} (tenant_id, scope, generation, ${STATE_COLUMNS.join(', ')}, claim)
     SELECT {tenantId:String}, {setId:String}, {generation:UInt32}, ${STATE_COLUMNS.join(', ')}, {newClaim:UInt64}
     FROM (${runStatesSql(store)})`,
    { ...params, ...runStatesParams(run), lo, hi },
    options,
  );
  const rows = await store.query<{ states: string; entities: string }>(
    `SELECT toString(count()) AS states, toString(countIf(exists = 1)) AS entities FROM ${store.t('entity_states')}
     WHERE tenant_id = {tenantId:String} AND scope = {setId:String} AND generation = {generation:UInt32}
       AND entity_hash BETWEEN {lo:UInt64} AND {hi:UInt64} AND claim = {newClaim:UInt64}`,
    { ...params, lo, hi },
    options,
  );
  return { states: Number(rows[0]!.states), entities: Number(rows[0]!.entities) };
}

/** Removes all rows of a set. Whoever reads them at this moment has their parts in hand. */
export async function dropSet(store: Store, tenantId: string, setId: string): Promise<void> {
  const table = store.t('entity_states');
  const rows = await store.query<{ generation: number }>(
    `SELECT DISTINCT generation FROM ${table} WHERE tenant_id = {tenantId:String} AND scope = {setId:String}`,
    { tenantId, setId },
  );
  for (const { generation } of rows) {
    await store.command(
      `ALTER TABLE ${table} DROP PARTITION tuple({tenantId:String}, {setId:String}, {generation:UInt32})`,
      { tenantId, setId, generation },
    );
    await store.command(`ALTER TABLE ${store.t('live_snapshots')} DROP PARTITION {job:String}`, {
      job: `${setId}.${generation}`,
    });
  }
}
