/** The collect stage of a job on a real Kafka: held to its pace, paused in the middle, and whole at the end all the same. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobSpec } from '../../schemas/job.js';
import { UnitLog } from '../store/unit-log.js';
import { type TestCluster, useCluster } from '../testing/cluster.js';
import { contentEvents, JANUARY, openTestRewind, type TestRewind } from '../testing/test-rewind.js';
import type { JobView } from './service.js';

const TENANT = 'acme';
const EVENTS = 6_000;
const PARTITIONS = 3;
const SPEC: JobSpec = { ...JANUARY, source: 'kafka' };

let cluster: TestCluster;
let world: TestRewind;
let group: string;
let topic: string;

beforeAll(async () => {
  cluster = await useCluster();
  topic = await cluster.newTopic(PARTITIONS);
  group = `life-${topic}`;
  world = await openTestRewind({
    flags: {
      'kafka.brokers': cluster.brokers,
      'kafka.eventsTopic': topic,
      'kafka.groupPrefix': group,
      'registry.url': cluster.registryUrl,
      'registry.registerSchemas': true,
      'collect.slotOffsets': 4096,
      'collect.flushIntervalMs': 250,
    },
    workers: 1,
  });
  await world.append(TENANT, contentEvents(0, EVENTS));
}, 300_000);
afterAll(async () => {
  await world?.close();
  await cluster?.stop();
});

const until = (jobId: string, holds: (job: JobView) => boolean) => world.until(TENANT, jobId, holds);

/** How long the job collected, by the times of the job log. */
async function collectMs(jobId: string): Promise<number> {
  const { store } = world;
  const rows = await store.query<{ ms: string }>(
    `SELECT toString(toUnixTimestamp64Milli(minIf(written_at, kind = 'folding')) -
       toUnixTimestamp64Milli(minIf(written_at, kind = 'planned'))) AS ms
     FROM ${store.t('job_events')} WHERE job_id = {job:String}`,
    { job: jobId },
  );
  return Number(rows[0]!.ms);
}

async function titlesOf(jobId: string): Promise<string[]> {
  const { store } = world;
  const rows = await store.query<{ title: string }>(
    `SELECT JSONExtractString(state_after, 'title') AS title FROM ${store.t('v1_snapshots')}
     WHERE job_id = {job:String} ORDER BY occurred_at`,
    { job: jobId },
  );
  return rows.map(({ title }) => title);
}

const ALL = Array.from({ length: EVENTS }, (_, n) => `t${n}`);

test('reads no faster than it may', async () => {
  const perSecond = 3_000;
  const { jobId } = await world.rewind.replay.create(
    TENANT,
    { ...SPEC, throttle: { events_per_second: perSecond } },
    'ann',
  );
  const job = await until(jobId, ({ status }) => status === 'Complete');
  expect(job.counters).toMatchObject({ scanned: EVENTS, processed: EVENTS });
  expect(await collectMs(jobId)).toBeGreaterThanOrEqual((1000 * EVENTS) / perSecond);
  expect(await titlesOf(jobId)).toEqual(ALL);
});

test('leaves its group while it is paused, and goes on from what is stored', async () => {
  const { jobId } = await world.rewind.replay.create(
    TENANT,
    { ...SPEC, throttle: { events_per_second: 1_500 } },
    'ann',
  );
  await until(jobId, ({ progress }) => progress.stage === 'collect' && progress.collected > 0);
  await world.rewind.life.pause(TENANT, jobId, 'ann');
  const admin = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    for (;;) {
      const { groups } = await admin.describeGroups([`${group}.${jobId}`]);
      if (groups[0]!.members.length === 0) break;
      await sleep(50);
    }
  } finally {
    await admin.disconnect();
  }
  const held = (await world.rewind.replay.get(TENANT, jobId)).progress.collected;
  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThan(EVENTS);
  await world.rewind.life.throttle(TENANT, jobId, 'ann', { events_per_second: null });
  await world.rewind.life.resume(TENANT, jobId, 'ann');
  const job = await until(jobId, ({ status }) => status === 'Complete');
  expect(job.counters).toMatchObject({ scanned: EVENTS, processed: EVENTS, duplicates: 0 });
  expect(await titlesOf(jobId)).toEqual(ALL);
});

test('a paused instance stops reading within 5 s, jobs and the archiver, and after a restart too', async () => {
  const stopArchive = new AbortController();
  const archiving = world.rewind.archive(stopArchive.signal);
  const { jobId } = await world.rewind.replay.create(
    TENANT,
    { ...SPEC, throttle: { events_per_second: 300 } },
    'ann',
  );
  const admin = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const members = async () => {
    const names = [`${group}.${jobId}`, `${group}.archive`];
    const { groups } = await admin.describeGroups(names);
    return groups.map((one) => one.members.length);
  };
  try {
    await until(jobId, ({ progress }) => progress.stage === 'collect' && progress.collected > 0);
    while ((await members()).some((count) => count === 0)) await sleep(50);
    const pausedAt = performance.now();
    await world.rewind.instanceSwitch.pause('ops', 'broker upgrade');
    while ((await members()).some((count) => count > 0)) await sleep(50);
    // What the promise says, not what this machine can do.
    expect(performance.now() - pausedAt).toBeLessThan(5_000);

    // What had been read by then is stored before its units are given back.
    const units = new UnitLog(world.store);
    const holders = async () => [...(await units.readScope(jobId)).values()].map(({ holder }) => holder);
    while ((await holders()).some((holder) => holder !== null)) await sleep(50);
    const held = (await world.rewind.replay.get(TENANT, jobId)).progress.collected;
    expect(held).toBeLessThan(EVENTS);
    const worker = world.startWorker();
    await worker.ready();
    await world.append(TENANT, contentEvents(EVENTS, EVENTS + 50));
    await sleep(2_500);
    expect(await members()).toEqual([0, 0]);
    expect((await world.rewind.replay.get(TENANT, jobId)).progress.collected).toBe(held);

    await world.rewind.instanceSwitch.resume('ops', '');
    await world.rewind.life.throttle(TENANT, jobId, 'ann', { events_per_second: null });
    expect((await world.complete(TENANT, jobId)).counters.scanned).toBe(EVENTS);
    while (!(await archivedAll())) await sleep(100);
  } finally {
    stopArchive.abort();
    await archiving;
    await admin.disconnect();
  }
});

async function archivedAll(): Promise<boolean> {
  const { store } = world;
  const sql = `SELECT toString(uniqExact(event_id)) AS count FROM ${store.t('audit_events')}`;
  return Number((await store.query<{ count: string }>(sql))[0]!.count) === EVENTS + 50;
}

test('ends when it has read more bytes than it may, although its plan was within the limit', async () => {
  // Plans know sizes on disk, where records are packed; what is read is unpacked.
  const [title, records, size] = ['x'.repeat(10_000), 200, 10_000];
  const producer = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  const messages = Array.from({ length: records }, (_, n) => {
    const event = { ...contentEvents(EVENTS + 100 + n, EVENTS + 101 + n)[0]!, payload: { title } };
    const parsed = world.rewind.parseEvent(Buffer.from(JSON.stringify(event)), TENANT);
    if (!parsed.ok) throw new Error(parsed.message);
    return { key: parsed.record.key, value: parsed.record.value, timestamp: `${parsed.record.timestampMs}` };
  });
  await producer.send({ topic, messages, compression: CompressionTypes.GZIP });
  await producer.disconnect();
  const { bytesToRead } = await world.rewind.replay.plan(TENANT, SPEC);
  expect(Number(bytesToRead)).toBeLessThan(records * size);
  const limited = { ...SPEC, max_bytes: records * size };
  const { jobId } = await world.rewind.replay.create(TENANT, limited, 'ann');
  expect(await world.ended(TENANT, jobId)).toMatchObject({
    status: 'Failed',
    error: { code: 'max_bytes_exceeded' },
  });
});
