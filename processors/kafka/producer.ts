/**
 * Appends to one topic: acks=all, idempotent, keys to partitions as Java does. POST audit-events and ingest write here
 * when Kafka is the log. Appends that arrive while a request is under way travel together in the next one.
 */
import type { Message, Producer, RecordMetadata } from 'kafkajs';
import { RewindError } from '../../schemas/errors.js';
import type { AppendResult, LogAppender } from '../replay/service.js';
import { createKafka, type KafkaSettings, rootType, toLogError } from './client.js';
import { openConnection } from './connection.js';
import { partitionOfKey } from './murmur2.js';

type Records = Parameters<LogAppender['append']>[0];

/** kafkajs makes one batch of what one request holds for a partition, and brokers take 1 MB by default. */
const BATCH_BYTES = 512 << 10;
/** Most bytes that travel in one round of requests. */
const ROUND_BYTES = 8 << 20;
const PARTITIONS_AGE_MS = 60_000;

interface Waiting {
  readonly records: Records;
  readonly bytes: number;
  resolve(results: readonly AppendResult[]): void;
  reject(error: unknown): void;
}

interface Placed {
  readonly message: Message;
  readonly bytes: number;
  readonly partition: number;
  readonly slot: { result: AppendResult | null };
}

/**
 * A rejected append has an unknown outcome: its records may be there, in part or in full. Sent again they have the same
 * event ids, and count as duplicates. Errors: topic_not_found, record_too_large, log_unavailable.
 */
export async function openAppender(settings: KafkaSettings, topic: string): Promise<LogAppender> {
  const kafka = createKafka(settings);
  const connection = await openConnection(kafka);
  let partitions = 0;
  let askedAt = 0;
  let producer: Producer | null = null;
  let turn = 0;
  const queue: Waiting[] = [];
  let running: Promise<void> | null = null;
  let closed = false;

  async function refreshPartitions(): Promise<void> {
    if (partitions > 0 && Date.now() - askedAt < PARTITIONS_AGE_MS) return;
    const [info] = await connection.topics([topic]);
    partitions = info?.partitions.length ?? 0;
    askedAt = Date.now();
  }

  async function connected(): Promise<Producer> {
    if (producer !== null) return producer;
    const made = kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      // Records arrive with their partition: a retry must not choose another.
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    });
    await made.connect();
    producer = made;
    return made;
  }

  function place(waiting: readonly Waiting[]): Placed[][] {
    return waiting.map(({ records }) => {
      // Records without a key of one append stay together, as in Java's sticky partitioner.
      const keyless = turn++ % partitions;
      return records.map((record) => ({
        message: {
          key: record.key,
          value: record.value,
          timestamp: record.timestampMs.toString(),
          partition: record.key === null ? keyless : partitionOfKey(record.key, partitions),
        },
        bytes: (record.key?.length ?? 0) + record.value.length + 32,
        partition: record.key === null ? keyless : partitionOfKey(record.key, partitions),
        slot: { result: null },
      }));
    });
  }

  async function round(waiting: readonly Waiting[]): Promise<void> {
    try {
      await refreshPartitions();
      const placed = place(waiting);
      const active = await connected();
      for (const wave of waves(placed.flat())) {
        const answer = await active.send({ topic, acks: -1, messages: wave.map((one) => one.message) });
        assignOffsets(topic, wave, answer);
      }
      waiting.forEach((one, index) => {
        one.resolve((placed[index] ?? []).map(({ slot }) => slot.result as AppendResult));
      });
    } catch (error) {
      // An idempotent producer that failed may have lost its sequence: the next append starts a new one.
      const failed = producer;
      producer = null;
      await failed?.disconnect().catch(() => {});
      const reason = appendError(error, topic);
      for (const one of waiting) one.reject(reason);
    }
  }

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const taken: Waiting[] = [];
      for (let bytes = 0; queue.length > 0 && (taken.length === 0 || bytes < ROUND_BYTES); ) {
        const one = queue.shift() as Waiting;
        bytes += one.bytes;
        taken.push(one);
      }
      await round(taken);
    }
    running = null;
  }

  await refreshPartitions().catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  return {
    append(records) {
      if (closed) return Promise.reject(new RewindError('log_unavailable', 'the producer is closed'));
      if (records.length === 0) return Promise.resolve([]);
      return new Promise((resolve, reject) => {
        const bytes = records.reduce((sum, one) => sum + one.value.length + (one.key?.length ?? 0), 0);
        queue.push({ records, bytes, resolve, reject });
        running ??= drain();
      });
    },
    async close() {
      closed = true;
      await running;
      await producer?.disconnect();
      await connection.close();
    },
  };
}

/** Splits records into rounds of at most one batch for each partition, in order. */
function* waves(records: readonly Placed[]): Generator<Placed[]> {
  let rest = records;
  while (rest.length > 0) {
    const taken: Placed[] = [];
    const later: Placed[] = [];
    const bytes = new Map<number, number>();
    for (const one of rest) {
      const before = bytes.get(one.partition) ?? 0;
      // Once a partition's batch is full nothing more of it may enter: its records would change places.
      const fits = before === 0 || before + one.bytes <= BATCH_BYTES;
      bytes.set(one.partition, fits ? before + one.bytes : Number.POSITIVE_INFINITY);
      (fits ? taken : later).push(one);
    }
    yield taken;
    rest = later;
  }
}

/** The broker answers with the first offset of each partition's batch; the records follow in order. */
function assignOffsets(topic: string, wave: readonly Placed[], answer: readonly RecordMetadata[]): void {
  const next = new Map(answer.map((one) => [one.partition, BigInt(one.baseOffset ?? one.offset ?? -1)]));
  for (const one of wave) {
    const offset = next.get(one.partition) ?? -1n;
    if (offset < 0n)
      throw new RewindError('log_unavailable', `no offset came back for ${topic}/${one.partition}`);
    next.set(one.partition, offset + 1n);
    one.slot.result = { topic, partition: one.partition, offset: offset.toString() };
  }
}

function appendError(error: unknown, topic: string): RewindError {
  const type = rootType(error);
  if (type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE') {
    return new RewindError(
      'record_too_large',
      `the broker refuses a record for topic ${topic} as too large`,
      {
        cause: error,
      },
    );
  }
  return toLogError(error, `appending to topic ${topic}`);
}
