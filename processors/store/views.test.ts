/** What the views of people show of a unit that is sealed while they are being read: nothing of it, or all. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../testing/engine.js';
import { UnitLog } from './unit-log.js';

let engine: TestEngine;

beforeAll(async () => {
  engine = await startTestEngine();
  // Looking up the claims takes a second and a half from here on: time for a unit to be sealed in mid-query.
  const { store } = engine;
  const [view] = await store.query<{ select: string }>(
    "SELECT as_select AS select FROM system.tables WHERE database = 'rewind' AND name = 'sealed_units'",
  );
  await store.command(
    `CREATE OR REPLACE VIEW ${store.t('sealed_units')} AS
     SELECT * FROM (${view!.select}) WHERE (SELECT sleep(1.5)) = 0`,
  );
});
afterAll(() => engine?.stop());

const ENTITY = { entity_hash: '1', entity_type: 't', entity_id: 'e' };
/** The i-th snapshot of an entity, with one field that each event changes. */
const SNAPSHOT = (i: number) => ({ ...ENTITY, fold_seq: i, shape: '"a"', state: String(i) });

test.each([
  { view: 'v1_snapshots', table: 'snapshots', unit: 'fold/0000', row: SNAPSHOT },
  { view: 'v1_field_changes', table: 'snapshots', unit: 'fold/0000', row: SNAPSHOT },
  { view: 'v1_timeline', table: 'snapshots', unit: 'fold/0000', row: SNAPSHOT },
  { view: 'v1_decisions', table: 'decisions', unit: 'fold/0000', row: () => ENTITY },
  { view: 'v1_dead_letters', table: 'dead_letters', unit: 'fold/0000', row: () => ({ kind: 'failed' }) },
  { view: 'v1_timeline_index', table: 'timeline_index', unit: 'seal', row: () => ({ event_id: 'e' }) },
])('$view shows a unit whole or not at all', async ({ view, table, unit, row }) => {
  const { store, readerStore } = engine;
  const log = new UnitLog(store);
  const scope = `job-${view}`;
  const claim = '77';
  const entry = { scope, unit, claim, worker: 'w' };
  let inserted = 0;
  const insert = () => store.insertRows(table, [{ ...row(inserted++), job_id: scope, claim }]);
  await log.append([{ ...entry, kind: 'claim' }]);
  await insert();
  await insert();
  const count = async (): Promise<number> => {
    const rows = await readerStore.query<{ count: number }>(
      `SELECT toUInt32(count()) AS count FROM ${store.t(view)} WHERE job_id = {scope:String}`,
      { scope },
    );
    return rows[0]!.count;
  };
  const early = count();
  await sleep(500);
  await insert();
  await log.append([{ ...entry, kind: 'manifest', from: 0n, to: 1n, final: true, counters: {} }]);
  expect([0, 3]).toContain(await early);
  expect(await count()).toBe(3);
});
