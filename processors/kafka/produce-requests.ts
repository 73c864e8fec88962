/**
 * The requests of an idempotent producer: an id from the broker, and batches under it. Beside requests.ts, for what
 * leaves the system. Pure descriptions; kafkajs-internals.ts sends them.
 */
import type { OwnRequest } from './kafkajs-internals.js';

const ALL_IN_SYNC = -1;
const TIMEOUT_MS = 30_000;

export interface ProducerId {
  readonly error: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** InitProducerId 4, without a transaction. */
export function producerIdRequest(): OwnRequest<ProducerId> {
  return {
    apiKey: 22,
    apiVersion: 4,
    apiName: 'InitProducerId',
    write(writer) {
      writer.compactString(null).int32(TIMEOUT_MS).int64(-1n).int16(-1).noTags();
    },
    read(reader) {
      reader.int32();
      const error = reader.int16();
      const producerId = reader.int64();
      const producerEpoch = reader.int16();
      reader.skipTags();
      return { error, producerId, producerEpoch };
    },
  };
}

export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  /** One finished batch. */
  readonly batch: Buffer;
}

export interface ProducedPartition {
  readonly topic: string;
  readonly partition: number;
  /** Kafka's error code; 0: none. */
  readonly error: number;
  readonly baseOffset: bigint;
}

export interface Produced {
  readonly partitions: readonly ProducedPartition[];
  /** The broker's quota is used up: nothing is to be sent for so long. */
  readonly throttleMs: number;
}

/** Produce 9, acks=all: one batch for each partition, all of the same leader. */
export function produceRequest(batches: readonly PartitionBatch[]): OwnRequest<Produced> {
  const topics = new Map<string, PartitionBatch[]>();
  for (const one of batches) topics.set(one.topic, [...(topics.get(one.topic) ?? []), one]);
  return {
    apiKey: 0,
    apiVersion: 9,
    apiName: 'Produce',
    write(writer) {
      writer.compactString(null).int16(ALL_IN_SYNC).int32(TIMEOUT_MS);
      writer.compactArray([...topics], ([topic, partitions]) => {
        writer.compactString(topic);
        writer.compactArray(partitions, (one) => {
          writer.int32(one.partition).compactBytes(one.batch).noTags();
        });
        writer.noTags();
      });
      writer.noTags();
    },
    read(reader) {
      const found = reader.compactArray(() => {
        const topic = reader.compactString() ?? '';
        const partitions = reader.compactArray(() => {
          const partition = reader.int32();
          const error = reader.int16();
          const baseOffset = reader.int64();
          reader.int64();
          reader.int64();
          reader.compactArray(() => {
            reader.int32();
            reader.compactString();
            reader.skipTags();
          });
          reader.compactString();
          reader.skipTags();
          return { topic, partition, error, baseOffset };
        });
        reader.skipTags();
        return partitions;
      });
      const throttleMs = reader.int32();
      reader.skipTags();
      return { partitions: found.flat(), throttleMs };
    },
  };
}
