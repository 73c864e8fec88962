/** Limits, the line of waiting jobs and the switch of the instance, on the real engine. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InstanceLog } from '../store/instance-log.js';
import type { Store } from '../store/store.js';
import { contentEvents, openTestRewind, JANUARY as SPEC, type TestRewind } from '../testing/test-rewind.js';
import type { Rewind } from '../topology.js';

const TENANT = 'acme';

let world: TestRewind;
let rewind: Rewind;
let store: Store;

beforeAll(async () => {
  world = await openTestRewind({ flags: { 'jobs.max': 1 }, workers: 1 });
  ({ rewind, store } = world);
  await world.append(TENANT, contentEvents(0, 20));
});
afterAll(() => world?.close());

const ended = (tenant: string, jobId: string) => world.ended(tenant, jobId);

test('a paused instance starts nothing and says so, also to processes that start later', async () => {
  expect(await rewind.instanceSwitch.state()).toEqual({
    paused: false,
    actor: null,
    reason: '',
    since: null,
  });
  expect(await rewind.instanceSwitch.pause('ops', 'broker upgrade')).toMatchObject({
    paused: true,
    reason: 'broker upgrade',
  });
  await rewind.instanceSwitch.pause('another', 'again');
  expect(await new InstanceLog(store).state()).toMatchObject({ paused: true, actor: 'ops' });
  await sleep(600);
  const { jobId } = await rewind.replay.create(TENANT, SPEC, 'ann');
  await sleep(800);
  expect(await rewind.replay.get(TENANT, jobId)).toMatchObject({
    status: 'Pending',
    plan: null,
    queuePosition: 1,
  });
  await rewind.instanceSwitch.resume('ops', '');
  expect((await ended(TENANT, jobId)).status).toBe('Complete');
});

test('jobs wait in a line that goes round the tenants, and run one after the other', async () => {
  await rewind.instanceSwitch.pause('ops', '');
  await sleep(600);
  const make = async (tenant: string) => (await rewind.replay.create(tenant, SPEC, 'ann')).jobId;
  const jobs = [
    { tenant: TENANT, jobId: await make(TENANT) },
    { tenant: TENANT, jobId: await make(TENANT) },
    { tenant: 'other', jobId: await make('other') },
  ];
  const places = await Promise.all(jobs.map(({ tenant, jobId }) => rewind.replay.get(tenant, jobId)));
  // The first tenant has had its turn in the test before.
  expect(places.map(({ queuePosition }) => queuePosition)).toEqual([2, 3, 1]);
  await rewind.instanceSwitch.resume('ops', '');
  for (const { tenant, jobId } of jobs)
    expect(await ended(tenant, jobId)).toMatchObject({ status: 'Complete', queuePosition: null });
  const order = await store.query<{ job_id: string; kind: string }>(
    `SELECT job_id, kind FROM ${store.t('job_events')} WHERE job_id IN {jobs:Array(String)}
       AND kind IN ('admitted', 'complete') ORDER BY _block_number, _block_offset`,
    { jobs: jobs.map(({ jobId }) => jobId) },
  );
  const [second, third, first] = jobs.map(({ jobId }) => jobId);
  expect(order.map(({ job_id, kind }) => [job_id, kind])).toEqual(
    [first, second, third].flatMap((jobId) => [
      [jobId, 'admitted'],
      [jobId, 'complete'],
    ]),
  );
});

test.each([
  [{ max_events: 19 }, 'max_events_exceeded'],
  [{ max_rows: 19 }, 'max_rows_exceeded'],
  [{ max_duration: '1ms' }, 'max_duration_exceeded'],
])('a job with %j fails with %s', async (limit, code) => {
  const { jobId } = await rewind.replay.create(TENANT, { ...SPEC, ...limit }, 'ann');
  expect(await ended(TENANT, jobId)).toMatchObject({ status: 'Failed', error: { code } });
});

test('a job within its limits is complete', async () => {
  const limits = { max_events: 20, max_rows: 20, max_bytes: 1, max_duration: '10m' };
  const { jobId } = await rewind.replay.create(TENANT, { ...SPEC, ...limits }, 'ann');
  expect(await ended(TENANT, jobId)).toMatchObject({ status: 'Complete' });
});
