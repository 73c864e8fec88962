/** The collect stage of a job on a real Kafka: held to its pace, paused in the middle, and whole at the end all the same. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobSpec } from '../../schemas/job.js';
import { type TestCluster, useCluster } from '../testing/cluster.js';
import { openRig, type Rig } from '../testing/oracle-run/rig.js';
import type { JobView } from './service.js';

const TENANT = 'acme';
const EVENTS = 6_000;
const PARTITIONS = 3;
const SPEC: JobSpec = {
  job_type: 'StateRebuild',
  encoding_version: 1,
  rule_version: 1,
  time_range_start: '2024-01-01T00:00:00Z',
  time_range_end: '2024-02-01T00:00:00Z',
  source: 'kafka',
};

let cluster: TestCluster;
let rig: Rig;
let group: string;

beforeAll(async () => {
  cluster = await useCluster();
  const topic = await cluster.newTopic(PARTITIONS);
  group = `life-${topic}`;
  rig = await openRig(
    topic,
    {
      'kafka.brokers': cluster.brokers,
      'kafka.groupPrefix': group,
      'registry.url': cluster.registryUrl,
      'registry.registerSchemas': true,
    },
    1,
  );
  const records = Array.from({ length: EVENTS }, (_, n) => {
    const at = new Date(Date.UTC(2024, 0, 2) + n * 1000).toISOString();
    const text = `{"event_id":"e${n}","event_type":"content.updated","entity_id":"c${n % 50}","occurred_at":"${at}","payload":{"title":"t${n}"}}`;
    const parsed = rig.rewind.parseEvent(Buffer.from(text), TENANT);
    if (!parsed.ok) throw new Error(parsed.message);
    return parsed.record;
  });
  await rig.rewind.appender.append(records);
}, 300_000);
afterAll(async () => {
  await rig?.stop();
  await cluster?.stop();
});

async function until(jobId: string, holds: (job: JobView) => boolean): Promise<JobView> {
  for (;;) {
    const job = await rig.rewind.replay.get(TENANT, jobId);
    if (holds(job)) return job;
    if (job.status === 'Failed' || job.status === 'Complete') throw new Error(JSON.stringify(job));
    await sleep(30);
  }
}

/** How long the job collected, by the times of the job log. */
async function collectMs(jobId: string): Promise<number> {
  const { store } = rig;
  const rows = await store.query<{ ms: string }>(
    `SELECT toString(toUnixTimestamp64Milli(minIf(written_at, kind = 'folding')) -
       toUnixTimestamp64Milli(minIf(written_at, kind = 'planned'))) AS ms
     FROM ${store.t('job_events')} WHERE job_id = {job:String}`,
    { job: jobId },
  );
  return Number(rows[0]!.ms);
}

async function titlesOf(jobId: string): Promise<string[]> {
  const { store } = rig;
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
  const { jobId } = await rig.rewind.replay.create(
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
  const { jobId } = await rig.rewind.replay.create(
    TENANT,
    { ...SPEC, throttle: { events_per_second: 1_500 } },
    'ann',
  );
  await until(jobId, ({ progress }) => progress.stage === 'collect' && progress.collected > 0);
  await rig.rewind.life.pause(TENANT, jobId, 'ann');
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
  const held = (await rig.rewind.replay.get(TENANT, jobId)).progress.collected;
  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThan(EVENTS);
  await rig.rewind.life.throttle(TENANT, jobId, 'ann', { events_per_second: null });
  await rig.rewind.life.resume(TENANT, jobId, 'ann');
  const job = await until(jobId, ({ status }) => status === 'Complete');
  expect(job.counters).toMatchObject({ scanned: EVENTS, processed: EVENTS, duplicates: 0 });
  expect(await titlesOf(jobId)).toEqual(ALL);
});
