import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, type Producer, type Transaction } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestCluster, useCluster } from '../testing/cluster.js';
import { readRanges, readWhole, testSettings, texts, wholeTopic } from '../testing/read-log.js';
import { type LogAdmin, openAdmin } from './admin.js';

let cluster: TestCluster;
let admin: LogAdmin;
const producers: Producer[] = [];

beforeAll(async () => {
  cluster = await useCluster();
  admin = await openAdmin(testSettings(cluster.brokers));
});
afterAll(async () => {
  await Promise.all(producers.map((one) => one.disconnect()));
  await admin?.close();
  await cluster?.stop();
});

async function transactional(): Promise<Producer> {
  const kafka = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({
    transactionalId: randomUUID(),
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: () => () => 0,
  });
  await producer.connect();
  producers.push(producer);
  return producer;
}

async function plain(topic: string, ...values: string[]): Promise<void> {
  const kafka = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: () => () => 0 });
  await producer.connect();
  await producer.send({ topic, messages: values.map((value) => ({ value })) });
  await producer.disconnect();
}

/** Waits for the markers of ended transactions: the coordinator writes them a moment after it has answered. */
async function settled(topic: string): Promise<void> {
  for (;;) {
    const offsets = await admin.offsets([topic]);
    if (offsets.every((one) => one.lastStable === one.latest)) return;
    await sleep(50);
  }
}

const put = (target: Transaction | Producer, topic: string, value: string, key: Buffer | null = null) =>
  target.send({ topic, messages: [{ key, value }] });

test('two overlapping transactions that both abort: nothing of either', async () => {
  const topic = await cluster.newTopic(1);
  const [a, b] = [await transactional(), await transactional()];
  const first = await a.transaction();
  const second = await b.transaction();
  await put(first, topic, 'a1');
  await put(second, topic, 'b1');
  await put(first, topic, 'a2');
  // The one that began last ends first: the broker lists them in this order.
  await second.abort();
  await put(first, topic, 'a3');
  await first.abort();
  await plain(topic, 'seen');
  await settled(topic);
  expect(texts(await readWhole(cluster.brokers, topic))).toEqual(['seen']);
});

test('a read that starts inside two aborted transactions sees nothing of them', async () => {
  const topic = await cluster.newTopic(1);
  const [a, b] = [await transactional(), await transactional()];
  const first = await a.transaction();
  const second = await b.transaction();
  await put(first, topic, 'a1');
  await put(second, topic, 'b1');
  await put(first, topic, 'a2');
  await put(second, topic, 'b2');
  await second.abort();
  await put(first, topic, 'a3');
  await first.abort();
  await plain(topic, 'seen');
  await settled(topic);
  const range = [...(await wholeTopic(admin, topic)).values()][0]!;
  for (let from = 0n; from < 6n; from++) {
    const ranges = new Map([[`${topic}/0`, { from, to: range.to }]]);
    const records = await readRanges({ settings: testSettings(cluster.brokers), topic, ranges });
    expect(texts(records)).toEqual(['seen']);
  }
});

test('a key that looks like an abort marker does not end an aborted transaction', async () => {
  const topic = await cluster.newTopic(1);
  const transaction = await (await transactional()).transaction();
  await put(transaction, topic, 'a1');
  await put(transaction, topic, 'a2', Buffer.from([0, 0, 0, 0]));
  await put(transaction, topic, 'a3');
  await transaction.abort();
  await plain(topic, 'seen');
  await settled(topic);
  expect(texts(await readWhole(cluster.brokers, topic))).toEqual(['seen']);
});

test('hundreds of interleaved transactions: just the committed records, in order', async () => {
  const topic = await cluster.newTopic(1);
  const writers = [await transactional(), await transactional(), await transactional()];
  const open: (Transaction | null)[] = [null, null, null];
  const pending: string[][] = [[], [], []];
  const committed = new Set<string>();
  const sent: string[] = [];
  let seed = 20;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  const end = async (index: number, commit: boolean) => {
    const transaction = open[index];
    if (transaction === null || transaction === undefined) return;
    if (commit) for (const value of pending[index]!) committed.add(value);
    await (commit ? transaction.commit() : transaction.abort());
    open[index] = null;
    pending[index] = [];
  };
  for (let step = 0; step < 900; step++) {
    const index = random(3);
    if (open[index] !== null && random(3) === 0) {
      await end(index, random(2) === 0);
      continue;
    }
    open[index] ??= await writers[index]!.transaction();
    const value = `v${step}`;
    await put(open[index]!, topic, value, random(10) === 0 ? Buffer.from([0, 0, 0, 0]) : null);
    pending[index]!.push(value);
    sent.push(value);
  }
  for (let index = 0; index < 3; index++) await end(index, index === 0);
  await settled(topic);
  const expected = sent.filter((value) => committed.has(value));
  expect(expected.length).toBeGreaterThan(100);
  expect(texts(await readWhole(cluster.brokers, topic))).toEqual(expected);
});

test('control records and aborted records at the tail: the range is read to its end', async () => {
  const topic = await cluster.newTopic(1);
  await plain(topic, 'one');
  const producer = await transactional();
  for (const commit of [true, false, false]) {
    const transaction = await producer.transaction();
    await put(transaction, topic, commit ? 'two' : 'never');
    await (commit ? transaction.commit() : transaction.abort());
  }
  await settled(topic);
  const [offsets] = await admin.offsets([topic]);
  expect(offsets).toMatchObject({ earliest: 0n, lastStable: 7n, latest: 7n });
  expect(texts(await readWhole(cluster.brokers, topic))).toEqual(['one', 'two']);
});

test('an open transaction holds the last stable offset back; what lies below is read', async () => {
  const topic = await cluster.newTopic(1);
  await plain(topic, 'one');
  const transaction = await (await transactional()).transaction();
  await put(transaction, topic, 'open');
  await plain(topic, 'behind');
  const [offsets] = await admin.offsets([topic]);
  expect(offsets).toMatchObject({ earliest: 0n, lastStable: 1n, latest: 3n });
  expect(texts(await readWhole(cluster.brokers, topic))).toEqual(['one']);

  // An end beyond it cannot be reached: the reader says why instead of waiting for ever.
  const stalled = readRanges({
    settings: testSettings(cluster.brokers, { stallTimeoutMs: 2_000 }),
    topic,
    ranges: new Map([[`${topic}/0`, { from: 0n, to: 3n }]]),
  });
  await expect(stalled).rejects.toMatchObject({
    code: 'log_stalled',
    message: expect.stringContaining('transaction has been open since offset 1'),
  });
  await transaction.commit();
  expect(texts(await readWhole(cluster.brokers, topic))).toEqual(['one', 'open', 'behind']);
});
