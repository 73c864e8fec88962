/** How jobs end other than by a complete rebuild: a dry run, a stop at the first failure, the breaker, a cancel. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Encoding } from '../../schemas/encoding.js';
import type { JobSpec } from '../../schemas/job.js';
import { openTestRewind, JANUARY as SPEC, type TestRewind } from '../testing/test-rewind.js';
import type { Rewind } from '../topology.js';

const TENANT = 'acme';

/** Ten events add to a counter; the fourth brings a text, which cannot be added. */
const COUNTING: Encoding = {
  name: 'counting',
  entity: 'envelope',
  rules: [{ match: 'content.*', operations: [{ op: 'increment', field: 'words', by: '/words' }] }],
};

let world: TestRewind;
let rewind: Rewind;
let counting: number;

beforeAll(async () => {
  world = await openTestRewind({ flags: { 'replay.maxFailures': 0, 'replay.sweepSeconds': 1 } });
  ({ rewind } = world);
  const events = Array.from({ length: 10 }, (_, i) => ({
    event_id: `e${i}`,
    event_type: 'content.updated',
    entity_id: 'c1',
    occurred_at: `2024-01-0${(i % 9) + 1}T1${i}:00:00Z`,
    payload: { title: `t${i}`, words: i === 3 ? 'many' : 5 },
  }));
  await world.append(TENANT, events);
  counting = (await rewind.encodings.save(TENANT, COUNTING, 'test')).version;
});
afterAll(() => world?.close());

const ended = (jobId: string) => world.ended(TENANT, jobId);

test('a job that no worker has taken is cancelled, and stays so', async () => {
  const job = await rewind.replay.create(TENANT, SPEC, 'test');
  expect(job.status).toBe('Pending');
  expect((await rewind.life.cancel(TENANT, job.jobId, 'test')).status).toBe('Cancelled');
  await rewind.startWorkers(1);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect((await rewind.replay.get(TENANT, job.jobId)).status).toBe('Cancelled');
});

test('a dry run counts all and keeps no snapshot', async () => {
  const { jobId } = await rewind.replay.create(TENANT, { ...SPEC, job_type: 'DryRun' }, 'test');
  const job = await ended(jobId);
  expect(job.status).toBe('Complete');
  expect(job.counters).toMatchObject({ scanned: 10, processed: 10, failed: 0, entities: 1 });
  expect(await rewind.replay.timeline(TENANT, jobId, { from: 0, limit: 10 })).toEqual([]);
  await expect(rewind.replay.snapshot(TENANT, jobId, 0)).rejects.toMatchObject({
    code: 'snapshot_not_found',
  });
  await expect(rewind.life.cancel(TENANT, jobId, 'test')).rejects.toMatchObject({ code: 'job_finished' });
});

test('rows that come after their job was dropped go, and no others', async () => {
  const [kept, dropped] = await Promise.all([1, 2].map(() => rewind.replay.create(TENANT, SPEC, 'test')));
  await Promise.all([ended(kept!.jobId), ended(dropped!.jobId)]);
  await rewind.life.remove(TENANT, dropped!.jobId, 'test');
  const tables = ['snapshots', 'snapshot_timeline', 'timeline_index'];
  const countAll = (jobId: string) => Promise.all(tables.map((table) => world.rowsOf(jobId, table)));
  const before = await countAll(kept!.jobId);
  expect(before.every((count) => count > 0)).toBe(true);
  const gone = { timeout: 20_000, interval: 50 };
  await vi.waitFor(async () => expect(await countAll(dropped!.jobId)).toEqual([0, 0, 0]), gone);

  const { store } = world;
  for (const table of tables)
    await store.command(
      `INSERT INTO ${store.t(table)} SELECT * REPLACE ({dropped:String} AS job_id) FROM ${store.t(table)}
       WHERE job_id = {kept:String}`,
      { kept: kept!.jobId, dropped: dropped!.jobId },
    );
  await vi.waitFor(async () => expect(await countAll(dropped!.jobId)).toEqual([0, 0, 0]), gone);
  expect(await countAll(kept!.jobId)).toEqual(before);
});

test('on_failure stop ends the job at the event that failed', async () => {
  const spec: JobSpec = { ...SPEC, encoding_version: counting, on_failure: 'stop' };
  const { jobId } = await rewind.replay.create(TENANT, spec, 'test');
  const job = await ended(jobId);
  expect(job.status).toBe('Failed');
  expect(job.error).toMatchObject({ code: 'operation_failed' });
  expect(JSON.stringify(job.error?.facts)).toContain('"e3"');
});

test('more dead letters than the breaker allows end the job', async () => {
  const { jobId } = await rewind.replay.create(TENANT, { ...SPEC, encoding_version: counting }, 'test');
  const job = await ended(jobId);
  expect(job.status).toBe('Failed');
  expect(job.error).toMatchObject({ code: 'too_many_failures' });
});

test('what is refused at creation names the field', async () => {
  const create = (change: Partial<JobSpec>) => rewind.replay.create(TENANT, { ...SPEC, ...change }, 'test');
  await expect(create({ encoding_version: 99 })).rejects.toMatchObject({
    code: 'version_unknown',
    pointer: '/encoding_version',
  });
  await expect(create({ time_range_end: SPEC.time_range_start })).rejects.toMatchObject({
    code: 'range_invalid',
  });
  await expect(create({ time_range_start: '2024-01-01T00:00:00' })).rejects.toMatchObject({
    code: 'time_zone_missing',
    pointer: '/time_range_start',
  });
  await expect(create({ source: 'kafka' })).rejects.toMatchObject({ code: 'log_required' });
});
