import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalKafka, startLocalKafka } from '../../deploy/local/start.js';
import { readRanges, testSettings, wholeTopic } from '../testing/read-log.js';
import { openAdmin } from './admin.js';
import { openAppender } from './producer.js';

let directory: string;
let kafka: LocalKafka;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rewind-restart-'));
  kafka = await startLocalKafka({ dataDir: directory });
});
afterAll(async () => {
  await kafka?.stop();
  await rm(directory, { recursive: true, force: true });
});

test('a broker that is killed, stopped and frozen under reads: every record once', async () => {
  const settings = testSettings(kafka.brokers, { fetchMaxBytes: 1024, stallTimeoutMs: 100_000 });
  const admin = await openAdmin(settings);
  await admin.createTopic({ topic: 'events', partitions: 2, replicationFactor: 1 });
  const appender = await openAppender(settings, 'events');
  const sent: string[] = [];
  // Many small batches, so that the reader fetches many times.
  for (let i = 0; i < 60; i++) {
    const batch = Array.from({ length: 40 }, (_, n) => `v${i}-${n}`);
    sent.push(...batch);
    await appender.append(
      batch.map((one) => ({ key: Buffer.from(one), value: Buffer.from(one), timestampMs: 1n })),
    );
  }
  const faults: (() => Promise<void>)[] = [
    () => kafka.restart('hard'),
    () => kafka.restart('clean'),
    async () => {
      kafka.pause();
      await sleep(3_000);
      kafka.resume();
    },
  ];
  let under: Promise<void> = Promise.resolve();
  let steps = 0;
  const ranges = await wholeTopic(admin, 'events');
  const records = await readRanges({
    settings,
    topic: 'events',
    ranges,
    onBatch: async () => {
      // The first fault comes in the middle of a read, the next ones when reading goes on after it.
      if (steps++ % 10 === 5) {
        const fault = faults.shift();
        if (fault !== undefined) under = under.then(fault);
      }
    },
  });
  await under;
  expect(faults).toHaveLength(0);
  expect(records.map((one) => one.value?.toString()).sort()).toEqual(sent.sort());
  // The log's other users come back by themselves too.
  const [place] = await appender
    .append([{ key: null, value: Buffer.from('after'), timestampMs: 1n }])
    .catch(() =>
      // One append may fail with an unknown outcome; the next has a new producer.
      appender.append([{ key: null, value: Buffer.from('after'), timestampMs: 1n }]),
    );
  expect(BigInt(place!.offset)).toBeGreaterThan(0n);
  await appender.close();
  await admin.close();
});
