/** A job whose log is on a broker with a quota for us: slower, with the reason shown, and whole. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobSpec } from '../../schemas/job.js';
import { setClientQuota } from '../testing/client-quota.js';
import { type TestCluster, useCluster } from '../testing/cluster.js';
import { readWhole } from '../testing/read-log.js';
import { contentEvents, JANUARY, openTestRewind, type TestRewind } from '../testing/test-rewind.js';

const TENANT = 'acme';
const EVENTS = 1_500;
const CLIENT = `quota-${randomUUID()}`;
const SPEC: JobSpec = { ...JANUARY, source: 'kafka' };

let cluster: TestCluster;
let topic: string;
let world: TestRewind;

beforeAll(async () => {
  cluster = await useCluster();
  topic = await cluster.newTopic(3);
  world = await openTestRewind({
    flags: {
      'kafka.brokers': cluster.brokers,
      'kafka.clientId': CLIENT,
      'kafka.eventsTopic': topic,
      'kafka.groupPrefix': topic,
      'kafka.stallTimeoutMs': 10_000,
      'registry.url': cluster.registryUrl,
      'registry.registerSchemas': true,
      'collect.flushIntervalMs': 250,
      'outputs.topicPrefix': `${topic}.out`,
      'outputs.compression': 'none',
      'outputs.batchBytes': 50_000,
    },
    workers: 1,
  });
  // In batches that a quota of 20 kB/s lets through.
  for (let from = 0; from < EVENTS; from += 250) await world.append(TENANT, contentEvents(from, from + 250));
}, 300_000);
afterAll(async () => {
  await world?.close();
  await cluster?.stop();
});

test('a quota of the broker slows a job down and is named as the reason; the run is whole', async () => {
  await setClientQuota(cluster.brokers, CLIENT, { consumer_byte_rate: 20_000 });
  const { jobId } = await world.rewind.replay.create(TENANT, SPEC, 'ann');
  await world.until(TENANT, jobId, ({ progress }) => progress.heldBy === 'broker');
  const job = await world.complete(TENANT, jobId);
  expect(job.counters).toMatchObject({ scanned: EVENTS, processed: EVENTS, duplicates: 0 });
}, 120_000);

test('a quota for writing slows the output topics of a job down and is named, too; every record is there once', async () => {
  await setClientQuota(cluster.brokers, CLIENT, { consumer_byte_rate: 1e9, producer_byte_rate: 60_000 });
  const spec: JobSpec = { ...SPEC, outputs: { topics: ['snapshots'] } };
  const { jobId } = await world.rewind.replay.create(TENANT, spec, 'ann');
  await world.until(
    TENANT,
    jobId,
    ({ progress }) => progress.stage === 'emit' && progress.heldBy === 'broker',
  );
  const job = await world.complete(TENANT, jobId);
  expect(job.counters).toMatchObject({ processed: EVENTS });
  const records = await readWhole(cluster.brokers, `${topic}.out.snapshots`);
  const ids = records
    .map(({ headers }) => new Map(headers.map(([name, value]) => [name, String(value)])))
    .filter((headers) => headers.has('replay-source-offset'))
    .map((headers) => headers.get('ce_id'));
  expect(ids.length).toBe(EVENTS);
  expect(new Set(ids).size).toBe(EVENTS);
}, 120_000);
