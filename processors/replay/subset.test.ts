/** A job about few entities or rare events opens only the part of the archive in which they can be, as its plan says. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FrozenSpec, JobFilters } from '../../schemas/job.js';
import { selectedClause } from '../store/selection.js';
import { contentEvents, JANUARY, openTestRewind, type TestRewind } from '../testing/test-rewind.js';
import type { FoldingBody } from './pipeline.js';
import { loadInput } from './tasks.js';

const TENANT = 'acme';
const [EVENTS, ENTITIES] = [20_000, 2_000];

const RARE = {
  event_id: 'rare',
  event_type: 'playbook.removed',
  entity_type: 'playbook',
  entity_id: 'p1',
  occurred_at: '2024-01-03T00:00:00Z',
  payload: {},
};

let world: TestRewind;
beforeAll(async () => {
  world = await openTestRewind({ workers: 1 });
  for (let n = 0; n < EVENTS; n += 5_000) await world.append(TENANT, contentEvents(n, n + 5_000, ENTITIES));
  await world.append(TENANT, [RARE]);
  // Neighbours in the archive count for nothing.
  await world.append('other', contentEvents(0, EVENTS, ENTITIES));
}, 120_000);
afterAll(() => world?.close());

test('one entity is found by the place of its hash, with all its events', async () => {
  const { store, rewind } = world;
  const filters = { entity_type: ['content', 'playbook'], entity_id: ['c7'] };
  const { jobId } = await rewind.replay.create(TENANT, { ...JANUARY, filters }, 'ann');
  const { counters, spec } = await world.complete(TENANT, jobId);
  expect(counters).toMatchObject({ processed: EVENTS / ENTITIES, snapshots: EVENTS / ENTITIES, entities: 1 });

  await store.command(`OPTIMIZE TABLE ${store.t('audit_events')} FINAL`);
  const input = await inputOf(jobId);
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

describe('of 20,001 events a plan and a run open a few granules, where the filter names', () => {
  const GRANULE = 1_024;
  /** Index entries of types stand for so many granules. */
  const OF_TYPES = 8 * GRANULE;
  const cases: [string, JobFilters, number, number?][] = [
    ['an id, of whatever type', { entity_id: ['c7'] }, EVENTS / ENTITIES],
    ['an id that there is not', { entity_id: ['nobody'] }, 0],
    ['a rare type of entity', { entity_type: ['playbook'] }, 1, OF_TYPES],
    ['a rare type of event', { event_type: ['playbook.removed'] }, 1, OF_TYPES],
    ['how a rare type of event begins', { event_type: ['playbook.*', 'policy.*'] }, 1, OF_TYPES],
    ['an entity that another type has', { entity_type: ['playbook'], entity_id: ['c7', 'p1'] }, 1],
  ];
  test.each(cases)('%s', async (_, filters, events, most = 2 * GRANULE) => {
    const { store, rewind } = world;
    await store.command(`OPTIMIZE TABLE ${store.t('audit_events')} FINAL`);
    const plan = await rewind.replay.plan(TENANT, { ...JANUARY, filters });
    expect(plan.eventsInArchive).toBe(String(events));
    const { rowsInRange, rowsToRead, bytesInRange, bytesToRead } = plan.archiveReads!;
    expect(Number(rowsInRange)).toBeGreaterThan(EVENTS);
    expect(Number(rowsInRange)).toBeLessThan(EVENTS + 2 * GRANULE);
    expect(Number(rowsToRead)).toBeLessThanOrEqual(most);
    expect(BigInt(bytesToRead) * BigInt(rowsInRange)).toBeLessThanOrEqual(
      BigInt(bytesInRange) * BigInt(Number(rowsToRead) + 1),
    );

    const { jobId } = await rewind.replay.create(TENANT, { ...JANUARY, filters }, 'ann');
    const { counters, spec } = await world.complete(TENANT, jobId);
    expect(counters.processed).toBe(events);
    // The engine counts what a statement reads, and refuses more; the list of hashes is read from one row of its own.
    const input = await inputOf(jobId);
    const within = (of: FrozenSpec) => {
      const { sql, params } = selectedClause(of, input);
      return store.query<{ count: string }>(
        `SELECT toString(count()) AS count FROM (SELECT event_id FROM ${store.t('audit_events')} WHERE ${sql})`,
        params,
        { settings: { max_rows_to_read: Number(rowsToRead) + 1 } },
      );
    };
    expect(await within(spec)).toEqual([{ count: String(events) }]);
    await expect(within({ ...spec, filters: {} })).rejects.toThrow(/[Ll]imit for rows/);
  });
});

async function inputOf(jobId: string) {
  const { store } = world;
  const [row] = await store.query<{ body: string }>(
    `SELECT body FROM ${store.t('job_events')} WHERE job_id = {jobId:String} AND kind = 'folding' LIMIT 1`,
    { jobId },
  );
  return loadInput((JSON.parse(row!.body) as FoldingBody).input);
}
