/** A job whose log is on a broker with a quota for us: slower, with the reason shown, and whole. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobSpec } from '../../schemas/job.js';
import { openAdmin } from '../kafka/admin.js';
import { OutputProducer } from '../kafka/output-producer.js';
import { setClientQuota } from '../testing/client-quota.js';
import { type TestCluster, useCluster } from '../testing/cluster.js';
import { readWhole, testSettings } from '../testing/read-log.js';
import { contentEvents, JANUARY, openTestRewind, type TestRewind } from '../testing/test-rewind.js';

const TENANT = 'acme';
const EVENTS = 1_500;
const CLIENT = `quota-${randomUUID()}`;
const SPEC: JobSpec = { ...JANUARY, source: 'kafka' };

let cluster: TestCluster;
let world: TestRewind;

beforeAll(async () => {
  cluster = await useCluster();
  const topic = await cluster.newTopic(3);
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
    },
    workers: 1,
  });
  // In batches that a quota of 12 kB/s lets through.
  for (let from = 0; from < EVENTS; from += 250) await world.append(TENANT, contentEvents(from, from + 250));
}, 300_000);
afterAll(async () => {
  await world?.close();
  await cluster?.stop();
});

test('a quota of the broker slows a job down and is named as the reason; the run is whole', async () => {
  await setClientQuota(cluster.brokers, CLIENT, { consumer_byte_rate: 12_000 });
  const { jobId } = await world.rewind.replay.create(TENANT, SPEC, 'ann');
  await world.until(TENANT, jobId, ({ progress }) => progress.heldBy === 'broker');
  const job = await world.complete(TENANT, jobId);
  expect(job.counters).toMatchObject({ scanned: EVENTS, processed: EVENTS, duplicates: 0 });
}, 120_000);

test('a quota for writing is waited for; every record is there once', async () => {
  const topic = await cluster.newTopic(2);
  const settings = testSettings(cluster.brokers, { clientId: `${CLIENT}-writer` });
  await setClientQuota(cluster.brokers, `${CLIENT}-writer`, { producer_byte_rate: 100_000 });
  const admin = await openAdmin(settings);
  const [info] = await admin.topics([topic]);
  await admin.close();
  const producer = await OutputProducer.open(settings, [{ topic, topicId: info!.topicId }], {
    compression: 'none',
    batchBytes: 50_000,
  });
  const value = Buffer.alloc(1_000, 'x');
  for (let i = 0; i < 1_400; i++) {
    producer.add(topic, i % 2, { key: Buffer.from(String(i)), value, timestampMs: 1, headers: [] });
    while (producer.full) await producer.start();
  }
  await producer.flush();
  await producer.close();
  const keys = (await readWhole(cluster.brokers, topic)).map(({ key }) => Number(String(key)));
  expect(keys.sort((a, b) => a - b)).toEqual(Array.from({ length: 1_400 }, (_, i) => i));
}, 120_000);
