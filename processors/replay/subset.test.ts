/** A job about a few entities opens only the part of the archive in which they can be. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FrozenSpec } from '../../schemas/job.js';
import { selectedClause } from '../store/selection.js';
import { contentEvents, JANUARY, openTestRewind, type TestRewind } from '../testing/test-rewind.js';
import type { FoldingBody } from './pipeline.js';
import { loadInput } from './tasks.js';

const TENANT = 'acme';
const [EVENTS, ENTITIES] = [40_000, 4_000];

let world: TestRewind;
beforeAll(async () => {
  world = await openTestRewind({ workers: 1 });
  for (let n = 0; n < EVENTS; n += 5_000) await world.append(TENANT, contentEvents(n, n + 5_000, ENTITIES));
}, 120_000);
afterAll(() => world?.close());

test('one entity is found by the place of its hash, with all its events', async () => {
  const { store, rewind } = world;
  const filters = { entity_type: ['content', 'playbook'], entity_id: ['c7'] };
  const { jobId } = await rewind.replay.create(TENANT, { ...JANUARY, filters }, 'ann');
  const { counters, spec } = await world.complete(TENANT, jobId);
  expect(counters).toMatchObject({ processed: EVENTS / ENTITIES, snapshots: EVENTS / ENTITIES, entities: 1 });

  await store.command(`OPTIMIZE TABLE ${store.t('audit_events')} FINAL`);
  const [row] = await store.query<{ body: string }>(
    `SELECT body FROM ${store.t('job_events')} WHERE job_id = {jobId:String} AND kind = 'folding' LIMIT 1`,
    { jobId },
  );
  const input = loadInput((JSON.parse(row!.body) as FoldingBody).input);
  const read = async (of: FrozenSpec) => {
    const { sql, params } = selectedClause(of, input);
    const lines = await store.query<{ explain: string }>(
      `SELECT explain FROM (EXPLAIN indexes = 1 SELECT event_id FROM ${store.t('audit_events')} WHERE ${sql})`,
      params,
    );
    const granules = lines.flatMap(({ explain }) => /Granules: (\d+)\/(\d+)/.exec(explain)?.slice(1) ?? []);
    return granules.map(Number);
  };
  const [some, all] = [await read(spec), await read({ ...spec, filters: {} })];
  expect(Math.min(...all)).toBeGreaterThan(3);
  expect(Math.min(...some)).toBeLessThanOrEqual(2);
});
