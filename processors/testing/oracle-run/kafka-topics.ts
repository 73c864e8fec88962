/**
 * Two topics of a real Kafka with random events in them, as several producers would leave them: keyed and unkeyed
 * records, tombstones, and between them transactions that were aborted, whose records nobody may see.
 */
import { Kafka, logLevel, type Message, type Producer, type RecordMetadata, type Transaction } from 'kafkajs';
import { openAdmin } from '../../kafka/admin.js';
import { partitionOfKey } from '../../kafka/murmur2.js';
import type { TestCluster } from '../cluster.js';
import type { SentRecord } from '../oracle/types.js';
import { testSettings } from '../read-log.js';
import type { OutgoingRecord } from './outgoing.js';

const BATCH = 1000;
/** After so many batches a transaction is begun and aborted. */
const ABORT_EVERY = 4;

export interface OracleTopics {
  readonly names: readonly [string, string];
  readonly partitions: number;
  /** Broker ids of the topics, in the order of `names`. */
  readonly ids: readonly [string, string];
}

export async function newTopics(cluster: TestCluster, partitions: number): Promise<OracleTopics> {
  const names = [await cluster.newTopic(partitions), await cluster.newTopic(partitions)] as const;
  const admin = await openAdmin(testSettings(cluster.brokers));
  try {
    const infos = await admin.topics(names);
    return { names, partitions, ids: [infos[0]!.topicId, infos[1]!.topicId] };
  } finally {
    await admin.close();
  }
}

interface Placed {
  readonly record: OutgoingRecord;
  readonly partition: number;
}

/** Sends the records and answers where each one stands. */
export async function produce(
  cluster: TestCluster,
  topics: OracleTopics,
  records: Iterable<OutgoingRecord>,
): Promise<SentRecord[]> {
  const kafka = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ idempotent: true, allowAutoTopicCreation: false });
  const aborting = kafka.producer({
    transactionalId: `oracle-${topics.names[0]}`,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  });
  await Promise.all([producer.connect(), aborting.connect()]);
  const sent: SentRecord[] = [];
  let batch: Placed[] = [];
  let batches = 0;
  let count = 0;
  const flush = async () => {
    const answer = await send(producer, topics, batch);
    sent.push(...placed(topics, batch, answer));
    if (++batches % ABORT_EVERY === 0) {
      const transaction = await aborting.transaction();
      await send(transaction, topics, batch.slice(0, 50));
      await transaction.abort();
    }
    batch = [];
  };
  try {
    for (const record of records) {
      const { key } = record;
      const partition = key === null ? count % topics.partitions : partitionOfKey(key, topics.partitions);
      batch.push({ record, partition });
      count++;
      if (batch.length === BATCH) await flush();
    }
    if (batch.length > 0) await flush();
  } finally {
    await Promise.all([producer.disconnect(), aborting.disconnect()]);
  }
  return sent;
}

function send(
  producer: Producer | Transaction,
  topics: OracleTopics,
  batch: readonly Placed[],
): Promise<RecordMetadata[]> {
  const topicMessages = topics.names.map((topic, i) => ({
    topic,
    messages: batch
      .filter(({ record }) => record.topic === i)
      .map(
        ({ record, partition }): Message => ({
          key: record.key,
          value: record.value,
          partition,
          timestamp: record.recordTimeMs.toString(),
        }),
      ),
  }));
  return producer.sendBatch({
    acks: -1,
    topicMessages: topicMessages.filter((one) => one.messages.length > 0),
  });
}

/** The broker answers with the first offset of each partition's batch; the records follow in order. */
function placed(
  topics: OracleTopics,
  batch: readonly Placed[],
  answer: readonly RecordMetadata[],
): SentRecord[] {
  const next = new Map(
    answer.map((one) => [`${one.topicName}/${one.partition}`, BigInt(one.baseOffset ?? one.offset ?? -1)]),
  );
  return batch.map(({ record, partition }) => {
    const at = `${topics.names[record.topic]}/${partition}`;
    const offset = next.get(at) ?? -1n;
    if (offset < 0n) throw new Error(`no offset came back for ${at}`);
    next.set(at, offset + 1n);
    const { recordTimeMs, event } = record;
    return { topicId: topics.ids[record.topic], partition, offset, recordTimeMs, event };
  });
}
