/** Pause, resume, cancel, rerun and delete on the real engine, with the worker in this process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Store } from '../store/store.js';
import { contentEvents, openTestRewind, JANUARY as SPEC, type TestRewind } from '../testing/test-rewind.js';
import type { Rewind } from '../topology.js';
import type { JobView } from './service.js';

vi.setConfig({ testTimeout: 300_000 });

const TENANT = 'acme';
const EVENTS = 1_200;

let world: TestRewind;
let rewind: Rewind;
let store: Store;

beforeAll(async () => {
  world = await openTestRewind({ flags: { 'replay.unitEvents': 120 } });
  ({ rewind, store } = world);
  await append(0, EVENTS);
}, 60_000);
afterAll(() => world?.close());

const append = (from: number, to: number) => world.append(TENANT, contentEvents(from, to));
const until = (jobId: string, holds: (job: JobView) => boolean) => world.until(TENANT, jobId, holds);
const complete = (jobId: string) => world.complete(TENANT, jobId);
const rowsOf = (jobId: string, table?: string) => world.rowsOf(jobId, table);

async function statusInView(jobId: string): Promise<string> {
  const sql = `SELECT status FROM ${store.t('v1_runs')} WHERE job_id = {job:String}`;
  return (await store.query<{ status: string }>(sql, { job: jobId }))[0]!.status;
}

test('a paused job gives its units back, shows what it showed, and ends with all its rows', async () => {
  await rewind.startWorkers(1);
  const { jobId } = await rewind.replay.create(TENANT, SPEC, 'ann');
  await until(jobId, (job) => job.progress.folded > 0);
  expect((await rewind.life.pause(TENANT, jobId, 'ann')).status).toBe('Paused');
  expect((await rewind.life.pause(TENANT, jobId, 'ann')).status).toBe('Paused');
  const held = async () =>
    (
      await store.query<{ unit: string }>(
        `SELECT unit FROM ${store.t('unit_log')} WHERE scope = {job:String} GROUP BY unit
         HAVING argMax(kind, (_block_number, _block_offset)) IN ('claim', 'beat')`,
        { job: jobId },
      )
    ).map(({ unit }) => unit);
  while ((await held()).length > 0) await sleep(20);
  const seen = await rowsOf(jobId);
  expect(seen).toBeGreaterThan(0);
  expect(seen).toBeLessThan(EVENTS);
  await sleep(500);
  expect(await rowsOf(jobId)).toBe(seen);
  expect(await statusInView(jobId)).toBe('Paused');
  expect(['Pending', 'Running']).toContain((await rewind.life.resume(TENANT, jobId, 'ann')).status);
  const job = await complete(jobId);
  expect(job.counters).toMatchObject({ processed: EVENTS, snapshots: EVENTS });
  expect(await rowsOf(jobId)).toBe(EVENTS);
  expect(await statusInView(jobId)).toBe('Complete');
  for (const step of ['pause', 'resume', 'cancel'] as const)
    await expect(rewind.life[step](TENANT, jobId, 'ann')).rejects.toMatchObject({ code: 'job_finished' });
});

test('a cancelled job whose rows are kept is a partial run with a timeline', async () => {
  const { jobId } = await rewind.replay.create(TENANT, SPEC, 'ann');
  await until(jobId, (job) => job.progress.folded > 0);
  expect(await rewind.life.cancel(TENANT, jobId, 'ann', 'keep')).toMatchObject({
    status: 'Cancelled',
    rows: 'keep',
  });
  const job = await until(jobId, ({ result }) => result !== null);
  const { counters, result } = job;
  expect(result?.verdict).toMatchObject({ exactness: 'partial' });
  expect(result?.verdict.reasons).toContain('cancelled');
  expect(counters.processed).toBeGreaterThan(0);
  expect(counters.processed).toBeLessThan(EVENTS);
  expect(await rowsOf(jobId)).toBe(counters.processed);
  const timeline = await rewind.replay.timeline(TENANT, jobId, { from: 0, limit: 1000 });
  expect(timeline.length).toBe(Math.min(1000, counters.processed));
  expect(await rowsOf(jobId, 'v1_timeline')).toBe(counters.processed);
  expect(await rewind.replay.snapshot(TENANT, jobId, counters.processed - 1)).toMatchObject({ jobId });
  expect(await statusInView(jobId)).toBe('Cancelled');
});

test('a cancelled job whose rows are dropped shows none of them from then on', async () => {
  const { jobId } = await rewind.replay.create(TENANT, SPEC, 'ann');
  await until(jobId, (job) => job.progress.folded > 0);
  expect(await rewind.life.cancel(TENANT, jobId, 'ann')).toMatchObject({ status: 'Cancelled', rows: 'drop' });
  expect(await rowsOf(jobId)).toBe(0);
  expect(await rowsOf(jobId, 'v1_timeline')).toBe(0);
  await expect(rewind.replay.snapshot(TENANT, jobId, 0)).rejects.toMatchObject({ code: 'rows_dropped' });
  while ((await rowsOf(jobId, 'snapshots')) > 0) await sleep(50);
});

test('a rerun reads the same offsets, whatever has come since; a changed one reads anew', async () => {
  const first = await rewind.replay.create(TENANT, { ...SPEC, name: 'january' }, 'ann');
  await complete(first.jobId);
  await append(EVENTS, EVENTS + 100);
  const again = await rewind.life.rerun(TENANT, first.jobId, 'bob');
  expect(again).toMatchObject({
    createdBy: 'bob',
    spec: { parentJobId: first.jobId, bounds: 'parent', name: 'january' },
  });
  expect((await complete(again.jobId)).counters).toMatchObject({ scanned: EVENTS, processed: EVENTS });
  const changed = await rewind.life.rerun(TENANT, again.jobId, 'bob', {
    changes: { snapshots: 'final', name: 'last states' },
  });
  expect(changed.spec).toMatchObject({
    parentJobId: again.jobId,
    bounds: 'own',
    snapshots: 'final',
    name: 'last states',
  });
  const job = await complete(changed.jobId);
  expect(job.counters).toMatchObject({ scanned: EVENTS + 100, processed: EVENTS + 100, snapshots: 50 });
  const kept = await rewind.life.rerun(TENANT, first.jobId, 'bob', {
    changes: { snapshots: 'final' },
    keepBounds: true,
  });
  expect((await complete(kept.jobId)).counters).toMatchObject({ scanned: EVENTS, snapshots: 50 });
  const key = { idempotencyKey: 'once' };
  const once = await rewind.life.rerun(TENANT, first.jobId, 'bob', key);
  expect((await rewind.life.rerun(TENANT, first.jobId, 'bob', key)).jobId).toBe(once.jobId);
  await expect(rewind.life.rerun(TENANT, again.jobId, 'bob', key)).rejects.toMatchObject({
    code: 'idempotency_mismatch',
  });
  await complete(once.jobId);
});

test('a deleted job leaves a tombstone, and can be run again', async () => {
  const { jobId } = await rewind.replay.create(TENANT, SPEC, 'ann');
  await expect(rewind.life.remove(TENANT, jobId, 'ann')).rejects.toMatchObject({ code: 'job_active' });
  await complete(jobId);
  expect((await rewind.replay.snapshot(TENANT, jobId, 5)).jobId).toBe(jobId);
  const gone = await rewind.life.remove(TENANT, jobId, 'eve');
  expect(gone).toMatchObject({ status: 'Complete', deleted: { actor: 'eve' } });
  expect(await rowsOf(jobId)).toBe(0);
  await expect(rewind.replay.snapshot(TENANT, jobId, 5)).rejects.toMatchObject({ code: 'rows_dropped' });
  const { items } = await rewind.replay.list(TENANT, { limit: 100 });
  expect(items.map((job) => job.jobId)).not.toContain(jobId);
  for (const table of ['snapshots', 'snapshot_timeline', 'timeline_index'])
    while ((await rowsOf(jobId, table)) > 0) await sleep(50);
  const again = await rewind.life.rerun(TENANT, jobId, 'ann');
  await complete(again.jobId);
});

test('a failed job says where, and goes on after its cause is gone from what is sealed', async () => {
  const failing = await rewind.replay.create(TENANT, SPEC, 'ann');
  await until(failing.jobId, (job) => job.progress.folded > 0);
  // As a worker writes it whose unit failed for good.
  await store.insertRows('job_events', [
    {
      job_id: failing.jobId,
      tenant_id: TENANT,
      kind: 'failed',
      actor: 'worker',
      body: '{"code":"store_disk_full","message":"full","facts":{"unit":"fold/0003"}}',
    },
  ]);
  const failed = await rewind.replay.get(TENANT, failing.jobId);
  expect(failed).toMatchObject({ status: 'Failed', error: { facts: { unit: 'fold/0003' } } });
  expect(await statusInView(failing.jobId)).toBe('Failed');
  await sleep(300);
  const before = await rowsOf(failing.jobId);
  await rewind.life.resume(TENANT, failing.jobId, 'ann');
  const job = await complete(failing.jobId);
  expect(job).toMatchObject({ error: null, counters: { processed: EVENTS + 100 } });
  expect(before).toBeGreaterThan(0);
  expect(await rowsOf(failing.jobId)).toBe(EVENTS + 100);
});

test('a pace holds units back by what those before them cost, and can be lifted while the job runs', async () => {
  const perSecond = 400;
  const { jobId } = await rewind.replay.create(
    TENANT,
    { ...SPEC, throttle: { events_per_second: perSecond } },
    'ann',
  );
  const begun = async () =>
    (
      await store.query<{ ms: string; unit: string }>(
        `SELECT unit, toString(toUnixTimestamp64Milli(written_at)) AS ms FROM ${store.t('unit_log')}
         WHERE scope = {job:String} AND startsWith(unit, 'fold/') AND kind = 'claim' ORDER BY written_at`,
        { job: jobId },
      )
    ).map(({ ms }) => Number(ms));
  while ((await begun()).length < 4) await sleep(20);
  await rewind.life.throttle(TENANT, jobId, 'ann', { events_per_second: null });
  expect((await rewind.replay.get(TENANT, jobId)).throttle.eventsPerSecond).toBeNull();
  const starts = (await begun()).slice(0, 4);
  const { counters } = await complete(jobId);
  const units = (await begun()).length;
  const costMs = (1000 * counters.processed) / units / perSecond;
  // Times of the log are whole milliseconds.
  for (const [i, start] of starts.entries())
    if (i > 0) expect(start - starts[i - 1]!).toBeGreaterThanOrEqual(Math.floor(costMs) - 1);
  await expect(rewind.life.throttle(TENANT, jobId, 'ann', { events_per_second: 1 })).rejects.toMatchObject({
    code: 'job_finished',
  });
});

test('a dry run is made the rebuild that it rehearsed, without its baseline, over the same offsets', async () => {
  const rehearsal = await rewind.replay.create(
    TENANT,
    { ...SPEC, job_type: 'DryRun', baseline: { encoding_version: 1 } },
    'ann',
  );
  const dry = await complete(rehearsal.jobId);
  await append(EVENTS + 100, EVENTS + 130);
  const built = await complete((await rewind.life.rebuild(TENANT, dry.jobId, 'bob')).jobId);
  expect(built.spec).toMatchObject({ jobType: 'StateRebuild', parentJobId: dry.jobId });
  expect(built.spec.baseline).toBeUndefined();
  expect(built.counters.scanned).toBe(dry.counters.scanned);
  expect(built.counters.snapshots).toBe(dry.counters.processed);
  await expect(rewind.life.rebuild(TENANT, built.jobId, 'bob')).rejects.toMatchObject({
    code: 'job_type_unsupported',
  });
});
