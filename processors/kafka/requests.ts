/**
 * The requests that kafkajs 2.2.4 does not have, or has only without what we need: topic ids, the last stable offset,
 * fetch by topic id (a topic that was deleted and created again is another topic), sizes on disk.
 * Pure descriptions; kafkajs-internals.ts sends them. Schemas: Kafka's clients/src/main/resources/common/message.
 */
import type { OwnRequest } from './kafkajs-internals.js';

const READ_COMMITTED = 1;
const READ_UNCOMMITTED = 0;
const CONSUMER = -1;

export interface FetchPartition {
  readonly topicId: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly maxBytes: number;
}

export interface FetchedPartition {
  readonly topicId: string;
  readonly partition: number;
  /** Kafka's error code; 0: none. */
  readonly error: number;
  readonly highWatermark: bigint;
  readonly lastStableOffset: bigint;
  readonly logStart: bigint;
  readonly aborted: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[];
  readonly recordSet: Buffer;
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

const EMPTY = Buffer.alloc(0);

/** Fetch 13, read_committed. The answer's error is that of the whole request; throttleMs: the quota asks us to wait so long. */
export function fetchRequest(options: {
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly partitions: readonly FetchPartition[];
}): OwnRequest<{ error: number; throttleMs: number; partitions: FetchedPartition[] }> {
  const topics = groupBy(options.partitions, (one) => one.topicId);
  return {
    apiKey: 1,
    apiVersion: 13,
    apiName: 'Fetch',
    write(writer) {
      writer.int32(CONSUMER).int32(options.maxWaitMs).int32(1).int32(options.maxBytes).int8(READ_COMMITTED);
      // No fetch session: id 0, epoch -1.
      writer.int32(0).int32(-1);
      writer.compactArray([...topics], ([topicId, partitions]) => {
        writer.topicId(topicId);
        writer.compactArray(partitions, (one) => {
          writer.int32(one.partition).int32(-1).int64(one.offset).int32(-1).int64(-1n).int32(one.maxBytes);
          writer.noTags();
        });
        writer.noTags();
      });
      writer.compactArray([], () => {});
      writer.compactString('').noTags();
    },
    read(reader) {
      const throttleMs = reader.int32();
      const error = reader.int16();
      reader.int32();
      const partitions = reader.compactArray(() => {
        const topicId = reader.topicId();
        const list = reader.compactArray((): FetchedPartition => {
          const partition = reader.int32();
          const partitionError = reader.int16();
          const highWatermark = reader.int64();
          const lastStableOffset = reader.int64();
          const logStart = reader.int64();
          const aborted = reader.compactArray(() => {
            const transaction = { producerId: reader.int64(), firstOffset: reader.int64() };
            reader.skipTags();
            return transaction;
          });
          reader.int32();
          const recordSet = reader.compactBytes() ?? EMPTY;
          reader.skipTags();
          return {
            topicId,
            partition,
            error: partitionError,
            highWatermark,
            lastStableOffset,
            logStart,
            aborted,
            recordSet,
          };
        });
        reader.skipTags();
        return list;
      });
      reader.skipTags();
      return { error, throttleMs, partitions: partitions.flat() };
    },
  };
}

export interface TopicMetadata {
  readonly error: number;
  readonly topic: string;
  readonly topicId: string;
  readonly partitions: readonly {
    readonly partition: number;
    readonly error: number;
    readonly leader: number;
  }[];
}

/** Metadata 12: topics with their ids and leaders. */
export function metadataRequest(topics: readonly string[]): OwnRequest<TopicMetadata[]> {
  const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';
  return {
    apiKey: 3,
    apiVersion: 12,
    apiName: 'Metadata',
    write(writer) {
      writer.compactArray(topics, (topic) => {
        writer.topicId(NO_ID).compactString(topic).noTags();
      });
      writer.boolean(false).boolean(false).noTags();
    },
    read(reader) {
      reader.int32();
      reader.compactArray(() => {
        reader.int32();
        reader.compactString();
        reader.int32();
        reader.compactString();
        reader.skipTags();
      });
      reader.compactString();
      reader.int32();
      const found = reader.compactArray((): TopicMetadata => {
        const error = reader.int16();
        const topic = reader.compactString() ?? '';
        const topicId = reader.topicId();
        reader.boolean();
        const partitions = reader.compactArray(() => {
          const partitionError = reader.int16();
          const partition = reader.int32();
          const leader = reader.int32();
          reader.int32();
          for (let list = 0; list < 3; list++) reader.compactArray(() => reader.int32());
          reader.skipTags();
          return { partition, error: partitionError, leader };
        });
        reader.int32();
        reader.skipTags();
        return { error, topic, topicId, partitions };
      });
      reader.skipTags();
      return found;
    },
  };
}

/** Special times of ListOffsets. */
export const LATEST = -1n;
export const EARLIEST = -2n;

export interface ListedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly error: number;
  /** Record time of the record at `offset`; -1: not asked for, or none. */
  readonly timeMs: bigint;
  /** -1: there is no such record. */
  readonly offset: bigint;
}

/** ListOffsets 7. With `committed`, LATEST is the last stable offset; without, the high watermark. */
export function listOffsetsRequest(
  committed: boolean,
  wanted: readonly { readonly topic: string; readonly partition: number; readonly timeMs: bigint }[],
): OwnRequest<ListedOffset[]> {
  const byTopic = groupBy(wanted, (one) => one.topic);
  return {
    apiKey: 2,
    apiVersion: 7,
    apiName: 'ListOffsets',
    write(writer) {
      writer.int32(CONSUMER).int8(committed ? READ_COMMITTED : READ_UNCOMMITTED);
      writer.compactArray([...byTopic], ([topic, partitions]) => {
        writer.compactString(topic);
        writer.compactArray(partitions, ({ partition, timeMs }) => {
          writer.int32(partition).int32(-1).int64(timeMs).noTags();
        });
        writer.noTags();
      });
      writer.noTags();
    },
    read(reader) {
      reader.int32();
      const lists = reader.compactArray(() => {
        const topic = reader.compactString() ?? '';
        const list = reader.compactArray((): ListedOffset => {
          const partition = reader.int32();
          const error = reader.int16();
          const timeMs = reader.int64();
          const offset = reader.int64();
          reader.int32();
          reader.skipTags();
          return { topic, partition, error, timeMs, offset };
        });
        reader.skipTags();
        return list;
      });
      reader.skipTags();
      return lists.flat();
    },
  };
}

/** DescribeLogDirs 2: bytes on disk of the replicas that one broker holds. */
export function logDirsRequest(
  topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
): OwnRequest<{ topic: string; partition: number; bytes: bigint }[]> {
  return {
    apiKey: 35,
    apiVersion: 2,
    apiName: 'DescribeLogDirs',
    write(writer) {
      writer.compactArray(topics, (one) => {
        writer.compactString(one.topic);
        writer.compactArray(one.partitions, (partition) => writer.int32(partition));
        writer.noTags();
      });
      writer.noTags();
    },
    read(reader) {
      reader.int32();
      const directories = reader.compactArray(() => {
        reader.int16();
        reader.compactString();
        const found = reader.compactArray(() => {
          const topic = reader.compactString() ?? '';
          const list = reader.compactArray(() => {
            const partition = reader.int32();
            const bytes = reader.int64();
            reader.int64();
            const future = reader.boolean();
            reader.skipTags();
            return { topic, partition, bytes: future ? 0n : bytes };
          });
          reader.skipTags();
          return list;
        });
        reader.skipTags();
        return found.flat();
      });
      reader.skipTags();
      return directories.flat();
    },
  };
}
