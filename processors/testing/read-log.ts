/** Reads ranges of a topic through the real group reader, for broker tests; checks that the steps tile the ranges. */
import { randomUUID } from 'node:crypto';
import type { Config } from '../../schemas/config.js';
import type { RawRecord } from '../../schemas/event.js';
import { type LogAdmin, openAdmin } from '../kafka/admin.js';
import type { KafkaSettings } from '../kafka/client.js';
import { openAppender } from '../kafka/producer.js';
import { type GroupReader, openGroupReader, partitionKey, type ReadRange } from '../kafka/reader.js';
import type { LogBatch } from '../sources/source.js';

export function testSettings(
  brokers: readonly string[],
  overrides: Partial<Config['kafka']> = {},
): KafkaSettings {
  return {
    kafka: {
      brokers: [...brokers],
      clientId: 'rewind-test',
      groupPrefix: 'rewind-test',
      eventsTopic: 'audit-events',
      eventsTopicPartitions: 8,
      replicationFactor: 1,
      sessionTimeoutMs: 10_000,
      fetchMaxBytes: 8 << 20,
      stallTimeoutMs: 30_000,
      ...overrides,
    },
    batchMaxBytes: 64 << 20,
  };
}

/** The whole of a topic as a plan would freeze it now: earliest offset to last stable offset. */
export async function wholeTopic(admin: LogAdmin, topic: string): Promise<Map<string, ReadRange>> {
  const offsets = await admin.offsets([topic]);
  return new Map(
    offsets.map((one) => [partitionKey(topic, one.partition), { from: one.earliest, to: one.lastStable }]),
  );
}

export interface ReadOptions {
  readonly settings: KafkaSettings;
  readonly topic: string;
  readonly ranges: ReadonlyMap<string, ReadRange>;
  onBatch?(batch: LogBatch): Promise<void>;
  onOpen?(reader: GroupReader): void;
}

/** Reads until every range is finished; rejects as the reader does, or when a step does not follow the one before. */
export async function readRanges(options: ReadOptions): Promise<RawRecord[]> {
  const records: RawRecord[] = [];
  const next = new Map([...options.ranges].map(([key, range]) => [key, range.from]));
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const check = () => {
    if ([...options.ranges].every(([key, range]) => range.to !== null && (next.get(key) ?? -1n) >= range.to))
      finish();
  };
  check();
  const reader = await openGroupReader({
    ...options.settings,
    groupId: `rewind-test.${randomUUID()}`,
    topics: [options.topic],
    // A broker that was away may cost the membership: reading goes on where the last delivered step ended.
    onAssigned: async () =>
      new Map(
        [...options.ranges].map(([key, range]) => [key, { from: next.get(key) ?? range.from, to: range.to }]),
      ),
    onRevoked: async () => {},
    onBatch: async (batch) => {
      const key = partitionKey(batch.topic, batch.partition);
      if (batch.from !== next.get(key) || batch.to <= batch.from)
        throw new Error(`${key}: a step ${batch.from}..${batch.to} where ${next.get(key)} was due`);
      let least = batch.from;
      for (const record of batch.records) {
        if (record.offset < least || record.offset >= batch.to)
          throw new Error(`${key}: offset ${record.offset} in step ${batch.from}..${batch.to}`);
        least = record.offset + 1n;
      }
      records.push(...batch.records);
      await options.onBatch?.(batch);
      next.set(key, batch.to);
      check();
    },
  });
  options.onOpen?.(reader);
  try {
    await Promise.race([finished, reader.done]);
  } finally {
    await reader.close();
  }
  return records;
}

/** Reads a whole topic as it is now; values as text, by partition and offset. */
export async function readWhole(brokers: readonly string[], topic: string): Promise<RawRecord[]> {
  const settings = testSettings(brokers);
  const admin = await openAdmin(settings);
  try {
    const records = await readRanges({ settings, topic, ranges: await wholeTopic(admin, topic) });
    return records.sort((a, b) => a.partition - b.partition || Number(a.offset - b.offset));
  } finally {
    await admin.close();
  }
}

export function texts(records: readonly RawRecord[]): string[] {
  return records.map((one) => one.value?.toString() ?? '');
}

export interface TestRecord {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly timestampMs: bigint;
}

/** Records `v<from>` to `v<to - 1>` with seven keys and rising record times. */
export function numbered(from: number, to: number): TestRecord[] {
  return Array.from({ length: to - from }, (_, i) => ({
    key: Buffer.from(`k${(from + i) % 7}`),
    value: Buffer.from(`v${from + i}`),
    timestampMs: BigInt(1_700_000_000_000 + from + i),
  }));
}

/** Appends through the real appender, in one call. */
export async function appendAll(brokers: readonly string[], topic: string, records: readonly TestRecord[]) {
  const appender = await openAppender(testSettings(brokers), topic);
  try {
    return await appender.append(records);
  } finally {
    await appender.close();
  }
}
