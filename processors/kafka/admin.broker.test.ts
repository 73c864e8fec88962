import { randomUUID } from 'node:crypto';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestCluster, useCluster } from '../testing/cluster.js';
import {
  appendAll,
  readWhole,
  numbered as records,
  type TestRecord,
  testSettings,
} from '../testing/read-log.js';
import { type LogAdmin, openAdmin } from './admin.js';
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

test('empty partitions, times past the end, out of order and in the future', async () => {
  const topic = await cluster.newTopic(2, { 'message.timestamp.after.max.ms': String(2n ** 63n - 1n) });
  const at = (timestampMs: bigint) => ({
    key: Buffer.from('k'),
    value: Buffer.from(`${timestampMs}`),
    timestampMs,
  });
  const future = 32_503_680_000_000n;
  const results = await append(topic, [at(1_000n), at(5_000n), at(3_000n), at(future), at(4_000n)]);
  const partition = results[0]!.partition;
  const found = async (timeMs: bigint) => {
    const all = await admin.offsetsForTime([topic], timeMs);
    expect(all.find((one) => one.partition !== partition)?.found).toBeNull();
    return all.find((one) => one.partition === partition)?.found;
  };
  expect(await found(0n)).toEqual({ offset: 0n, timeMs: 1_000n });
  expect(await found(2_000n)).toEqual({ offset: 1n, timeMs: 5_000n });
  expect(await found(5_001n)).toEqual({ offset: 3n, timeMs: future });
  expect(await found(future + 1n)).toBeNull();
  const empty = (await admin.offsets([topic])).find((one) => one.partition !== partition);
  expect(empty).toMatchObject({ earliest: 0n, lastStable: 0n, latest: 0n });
  const read = await readWhole(cluster.brokers, topic);
  expect(read.map((one) => one.recordTimeMs)).toEqual([1_000n, 5_000n, 3_000n, future, 4_000n]);
});

test('a sample needs no group', async () => {
  const topic = await cluster.newTopic(1);
  await append(topic, records(0, 1_000));
  const sample = await admin.sample({ topic, partition: 0, offset: 400n, count: 3 });
  expect(sample.map((one) => [one.offset, one.value?.toString()])).toEqual([
    [400n, 'v400'],
    [401n, 'v401'],
    [402n, 'v402'],
  ]);
  expect(await admin.sample({ topic, partition: 0, offset: 1_000n, count: 3 })).toEqual([]);
  await deleteBelow(topic, '500');
  await expect(admin.sample({ topic, partition: 0, offset: 400n, count: 3 })).rejects.toMatchObject({
    code: 'range_expired',
  });
});

test('a group is set, seen with its members, refused while it has some, and deleted', async () => {
  const topic = await cluster.newTopic(2);
  await append(topic, records(0, 50));
  const groupId = `rewind-test.${randomUUID()}`;
  expect(await admin.groupMembers(groupId)).toBe(0);
  await admin.setGroupOffsets(groupId, [
    { topic, partition: 0, offset: 3n },
    { topic, partition: 1, offset: 4n },
  ]);
  const [committed] = await kafkajsAdmin.fetchOffsets({ groupId, topics: [topic] });
  expect(committed?.partitions.map((one) => one.offset).sort()).toEqual(['3', '4']);
  const reader = await openGroupReader({
    ...testSettings(cluster.brokers),
    groupId,
    topics: [topic],
    onAssigned: async () => new Map(),
    onRevoked: async () => {},
    onBatch: async () => {},
  });
  expect(await admin.groupMembers(groupId)).toBe(1);
  await expect(admin.setGroupOffsets(groupId, [{ topic, partition: 0, offset: 0n }])).rejects.toMatchObject({
    code: 'group_active',
  });
  await expect(admin.deleteGroup(groupId)).rejects.toMatchObject({ code: 'group_active' });
  await reader.close();
  await admin.deleteGroup(groupId);
  await admin.deleteGroup(groupId);
});

test('settings and sizes of a topic', async () => {
  const topic = await cluster.newTopic(2, { 'message.timestamp.type': 'LogAppendTime' });
  await append(topic, records(0, 500));
  expect(await admin.topicSettings(topic)).toEqual({
    cleanupPolicy: 'delete',
    retentionMs: -1n,
    retentionBytes: -1n,
    timestampType: 'LogAppendTime',
  });
  const bytes = await admin.partitionBytes([topic]);
  const total = [...(bytes?.values() ?? [])].reduce((sum, one) => sum + one, 0n);
  expect(total).toBeGreaterThan(500n * 5n);
  await expect(admin.topics(['no-such-topic'])).rejects.toMatchObject({ code: 'topic_not_found' });
});
