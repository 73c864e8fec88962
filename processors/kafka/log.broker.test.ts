import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runKafkaTool } from '../../deploy/local/tools.js';
import { type TestCluster, useCluster } from '../testing/cluster.js';
import {
  appendAll,
  readRanges,
  readWhole,
  numbered as records,
  type TestRecord,
  testSettings,
  texts,
  wholeTopic,
} from '../testing/read-log.js';
import { type LogAdmin, openAdmin } from './admin.js';
import { murmur2 } from './murmur2.js';
import { openGroupReader } from './reader.js';

let cluster: TestCluster;
let admin: LogAdmin;
let kafkajsAdmin: Admin;

beforeAll(async () => {
  cluster = await useCluster();
  admin = await openAdmin(testSettings(cluster.brokers));
  kafkajsAdmin = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING }).admin();
  await kafkajsAdmin.connect();
});
afterAll(async () => {
  await kafkajsAdmin?.disconnect();
  await admin?.close();
  await cluster?.stop();
});

const append = (topic: string, batch: readonly TestRecord[]) => appendAll(cluster.brokers, topic, batch);

async function deleteBelow(topic: string, offset: string) {
  // kafkajs deletes only in topics that this admin has asked about.
  await kafkajsAdmin.fetchTopicOffsets(topic);
  await kafkajsAdmin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] });
}

test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
  'what the Java producer packs with %s',
  async (codec) => {
    const topic = await cluster.newTopic(1);
    const lines = Array.from(
      { length: 5_000 },
      (_, i) => `k${i % 10}\t{"n":${i},"text":"${'ab'.repeat(i % 40)}"}`,
    );
    const result = await runKafkaTool(
      'org.apache.kafka.tools.ConsoleProducer',
      [
        '--bootstrap-server',
        cluster.brokers.join(','),
        '--topic',
        topic,
        '--compression-codec',
        codec,
        '--property',
        'parse.key=true',
      ],
      { stdin: `${lines.join('\n')}\n` },
    );
    expect(result.code).toBe(0);
    const read = await readWhole(cluster.brokers, topic);
    expect(read.map((one) => `${one.key}\t${one.value}`)).toEqual(lines);
  },
);

test('appended records have the offset, key, value and time that the producer was told', async () => {
  const topic = await cluster.newTopic(4);
  const sent = records(0, 3_000);
  const results = await append(topic, sent);
  const read = await readWhole(cluster.brokers, topic);
  const byPlace = new Map(read.map((one) => [`${one.partition}/${one.offset}`, one]));
  expect(byPlace.size).toBe(3_000);
  results.forEach((place, i) => {
    const found = byPlace.get(`${place.partition}/${place.offset}`);
    expect(found?.value).toEqual(sent[i]!.value);
    expect(found?.key).toEqual(sent[i]!.key);
    expect(found?.recordTimeMs).toBe(sent[i]!.timestampMs);
    expect(place.partition).toBe((murmur2(sent[i]!.key) & 0x7fffffff) % 4);
  });
});

test('headers keep their order, doubles, nulls and hostile names', async () => {
  const topic = await cluster.newTopic(1);
  const producer = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  await producer.send({
    topic,
    messages: [
      { key: null, value: null, headers: { __proto__x: 'p', twice: ['a', 'b'], é: Buffer.from([0]) } },
    ],
  });
  await producer.disconnect();
  const [record] = await readWhole(cluster.brokers, topic);
  expect(record?.key).toBeNull();
  expect(record?.value).toBeNull();
  expect(record?.headers.map(([name, value]) => [name, value?.toString('latin1')])).toEqual([
    ['__proto__x', 'p'],
    ['twice', 'a'],
    ['twice', 'b'],
    ['é', '\0'],
  ]);
});

test('a range inside a batch, and a range that is empty', async () => {
  const topic = await cluster.newTopic(1);
  await append(topic, records(0, 100));
  const settings = testSettings(cluster.brokers);
  const key = `${topic}/0`;
  const inside = await readRanges({ settings, topic, ranges: new Map([[key, { from: 13n, to: 57n }]]) });
  expect(texts(inside)).toEqual(Array.from({ length: 44 }, (_, i) => `v${13 + i}`));
  expect(await readRanges({ settings, topic, ranges: new Map([[key, { from: 100n, to: 100n }]]) })).toEqual(
    [],
  );
});

test('compacted gaps: the steps move over them, also where a whole batch is gone', async () => {
  const topic = await cluster.newTopic(1, {
    'cleanup.policy': 'compact',
    'segment.bytes': String(1 << 20),
    'segment.ms': '500',
    'min.cleanable.dirty.ratio': '0.01',
    'min.compaction.lag.ms': '0',
    'max.compaction.lag.ms': '1000',
  });
  // segment.ms counts record time.
  let timeMs = 1_700_000_000_000n;
  const one = (key: string, value: string) => {
    timeMs += 10_000n;
    return { key: Buffer.from(key), value: Buffer.from(value), timestampMs: timeMs };
  };
  await append(topic, [one('a', 'a0'), one('b', 'b0'), one('a', 'a1'), one('c', 'c0')]);
  await append(topic, [one('b', 'b1'), one('c', 'c1')]);
  let read: string[] = [];
  for (let round = 0; round < 40; round++) {
    await sleep(1_000);
    // A new record rolls the segment; the active one is never compacted.
    await append(topic, [one('z', `z${round}`)]);
    read = texts(await readWhole(cluster.brokers, topic)).filter((value) => !value.startsWith('z'));
    if (read.length === 3) break;
  }
  expect(read).toEqual(['a1', 'b1', 'c1']);
});

test('records deleted under a running read: range_expired with both numbers, nothing skipped', async () => {
  const topic = await cluster.newTopic(1);
  await append(topic, records(0, 2_000));
  await append(topic, records(2_000, 4_000));
  let deleted = false;
  const seen: string[] = [];
  const read = readRanges({
    // Small fetches, so that the reader has to ask again.
    settings: testSettings(cluster.brokers, { fetchMaxBytes: 1024 }),
    topic,
    ranges: new Map([[`${topic}/0`, { from: 0n, to: 4_000n }]]),
    onBatch: async (batch) => {
      seen.push(...texts([...batch.records]));
      if (deleted) return;
      deleted = true;
      await deleteBelow(topic, '3500');
    },
  });
  const error = await read.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({
    code: 'range_expired',
    facts: { logStart: '3500', position: String(seen.length) },
  });
  expect(seen.length).toBeLessThan(3_500);
  expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => `v${i}`));
});

test('a topic that is deleted and made again under a running read is another topic', async () => {
  const topic = await cluster.newTopic(1);
  await append(topic, records(0, 100));
  const [before] = await admin.topics([topic]);
  let recreated = false;
  const read = readRanges({
    settings: testSettings(cluster.brokers),
    topic,
    ranges: new Map([[`${topic}/0`, { from: 0n, to: 300n }]]),
    onBatch: async () => {
      if (recreated) return;
      recreated = true;
      await kafkajsAdmin.deleteTopics({ topics: [topic] });
      await sleep(500);
      await admin.createTopic({ topic, partitions: 1, replicationFactor: 1 });
      await append(topic, records(0, 300));
    },
  });
  await expect(read).rejects.toMatchObject({ code: 'topic_recreated' });
  const [after] = await admin.topics([topic]);
  expect(after?.topicId).not.toBe(before?.topicId);
});

test('two members share a topic, one leaves in the middle: every record is read from a claimed start', async () => {
  const topic = await cluster.newTopic(4);
  await append(topic, records(0, 20_000));
  const ranges = await wholeTopic(admin, topic);
  const groupId = `rewind-test.${randomUUID()}`;
  // Stands for the manifest: the position that readers may rely on.
  const stored = new Map([...ranges].map(([key, range]) => [key, range.from]));
  const values = new Map<string, string>();
  const member = (slow: boolean) =>
    openGroupReader({
      ...testSettings(cluster.brokers, { fetchMaxBytes: 32 << 10 }),
      groupId,
      topics: [topic],
      onAssigned: async () =>
        new Map([...ranges].map(([key, range]) => [key, { from: stored.get(key)!, to: range.to }])),
      onRevoked: async () => {},
      onBatch: async (batch) => {
        if (slow) await sleep(100);
        const key = `${batch.topic}/${batch.partition}`;
        expect(batch.from).toBe(stored.get(key));
        for (const record of batch.records) {
          const place = `${key}/${record.offset}`;
          expect(values.has(place)).toBe(false);
          values.set(place, record.value!.toString());
        }
        stored.set(key, batch.to);
      },
    });
  const first = await member(true);
  const second = await member(false);
  await sleep(1_000);
  await first.close();
  while ([...ranges].some(([key, range]) => stored.get(key)! < range.to!))
    await Promise.race([sleep(50), second.done]);
  await second.close();
  expect([...values.values()].sort()).toEqual(
    records(0, 20_000)
      .map((one) => one.value.toString())
      .sort(),
  );
});
