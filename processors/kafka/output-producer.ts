/**
 * Appends to the output topics of a run: acks=all, idempotent, straight from encoded batches. Each unit of work opens one
 * and closes it: its producer id is its own, so nothing of a unit that was given up can mix with what the next one
 * writes, and a batch that had to be sent again stands in the log once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RewindError } from '../../schemas/errors.js';
import { BatchWriter, type OutgoingRecord } from './batch-writer.js';
import { createKafka, type KafkaSettings } from './client.js';
import { packLz4, packSnappy } from './codecs.js';
import {
  anyBroker,
  checkCode,
  type LogConnection,
  NONE,
  openConnection,
  PassingError,
} from './connection.js';
import { send } from './kafkajs-internals.js';
import { type PartitionBatch, produceRequest, producerIdRequest } from './produce-requests.js';

export const COMPRESSIONS = { none: 0, snappy: 2, lz4: 3 } as const;
export type Compression = keyof typeof COMPRESSIONS;

const PACKERS: Readonly<Record<Compression, (plain: Buffer) => Buffer>> = {
  none: (plain) => plain,
  snappy: packSnappy,
  lz4: packLz4,
};

export interface ProducingOptions {
  readonly compression: Compression;
  /** Raw bytes of a partition's batch. */
  readonly batchBytes: number;
}

/** So many full batches are collected at most before all are sent. */
const ROUND_BATCHES = 8;

const TOO_LARGE: ReadonlySet<number> = new Set([10, 18]);
const DUPLICATE_SEQUENCE = 46;
/** Too few replicas: passes when they are back. */
const WAITS: ReadonlySet<number> = new Set([19, 20]);
/** Time stamp, missing key on a compacted topic, or policy: the same record will never be taken. */
const REFUSED: ReadonlySet<number> = new Set([32, 44, 87]);

export interface OutputTopic {
  readonly topic: string;
  /** As it was when the job's topics were frozen. */
  readonly topicId: string;
}

interface Lane {
  readonly topic: string;
  readonly partition: number;
  readonly filling: BatchWriter;
  sequence: number;
  /** Offset behind the last acknowledged batch. */
  lastBase: bigint;
}

export class OutputProducer {
  readonly #connection: LogConnection;
  readonly #topics: readonly OutputTopic[];
  readonly #options: ProducingOptions;
  readonly #onThrottled: (ms: number) => void;
  readonly #lanes = new Map<string, Lane>();
  readonly #id: { readonly producerId: bigint; readonly producerEpoch: number };
  #leaders = new Map<string, number>();
  #bytes = 0;
  #full = false;
  #inFlight: Promise<void> = Promise.resolve();
  #error: unknown = null;
  /** By performance.now(). */
  #throttledUntil = 0;

  private constructor(
    connection: LogConnection,
    topics: readonly OutputTopic[],
    options: ProducingOptions,
    onThrottled: (ms: number) => void,
    id: { producerId: bigint; producerEpoch: number },
  ) {
    this.#connection = connection;
    this.#topics = topics;
    this.#options = options;
    this.#onThrottled = onThrottled;
    this.#id = id;
  }

  /**
   * `onThrottled`: the brokers let us wait so long for the sake of a quota. Errors: topic_not_found, topic_recreated,
   * log_unavailable.
   */
  static async open(
    settings: KafkaSettings,
    topics: readonly OutputTopic[],
    options: ProducingOptions,
    onThrottled: (ms: number) => void = () => {},
  ): Promise<OutputProducer> {
    const connection = await openConnection(createKafka(settings));
    try {
      const id = await connection.attempt('asking for a producer id', async () => {
        const answer = await send(await anyBroker(connection.cluster), producerIdRequest());
        checkCode(answer.error, 'asking for a producer id');
        return answer;
      });
      const producer = new OutputProducer(connection, topics, options, onThrottled, id);
      await producer.#findLeaders();
      return producer;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Adds a record to its partition's batch; its buffers may be reused at once. Call `start` while this is `full`. */
  add(topic: string, partition: number, record: OutgoingRecord): void {
    const lane = this.#lane(topic, partition);
    const before = lane.filling.size;
    lane.filling.add(record);
    this.#bytes += lane.filling.size - before;
    const { batchBytes } = this.#options;
    if (lane.filling.size >= batchBytes || this.#bytes >= batchBytes * ROUND_BATCHES) this.#full = true;
  }

  get full(): boolean {
    return this.#full;
  }

  /** Resolves when everything added is acknowledged by all in-sync replicas. */
  async flush(): Promise<void> {
    await this.start();
    await this.#inFlight;
    if (this.#error !== null) throw this.#error;
  }

  /** The offset of the first record of the partition's last batch; -1: none was sent. */
  lastBase(topic: string, partition: number): bigint {
    return this.#lanes.get(`${topic}/${partition}`)?.lastBase ?? -1n;
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  #lane(topic: string, partition: number): Lane {
    const key = `${topic}/${partition}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { topic, partition, filling: new BatchWriter(), sequence: 0, lastBase: -1n };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  /** Sends what has been collected, once what was sent before is acknowledged: a partition has one batch under way. */
  async start(): Promise<void> {
    const full = [...this.#lanes.values()].filter((lane) => lane.filling.count > 0);
    await this.#inFlight;
    if (this.#error !== null) throw this.#error;
    if (full.length === 0) return;
    const batches = full.map((lane) => this.#finish(lane));
    this.#bytes = 0;
    this.#full = false;
    this.#inFlight = this.#send(batches).catch((error: unknown) => {
      this.#error ??= error;
    });
  }

  #finish(lane: Lane): PartitionBatch {
    const { filling, topic, partition } = lane;
    const { compression } = this.#options;
    const finished = filling.finish({
      ...this.#id,
      baseSequence: lane.sequence,
      codec: COMPRESSIONS[compression],
      pack: PACKERS[compression],
    });
    const batch = compression === 'none' ? Buffer.from(finished) : finished;
    lane.sequence += filling.count;
    filling.reset();
    return { topic, partition, batch };
  }

  async #send(batches: readonly PartitionBatch[]): Promise<void> {
    let pending = batches;
    let tries = 0;
    // The broker hears nothing of us until then: what is sent earlier only uses up the time of its request.
    const waitMs = this.#throttledUntil - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    await this.#connection.attempt('writing to an output topic', async () => {
      if (tries++ > 0) await this.#findLeaders();
      const byLeader = new Map<number, PartitionBatch[]>();
      for (const one of pending) {
        const leader = this.#leaders.get(`${one.topic}/${one.partition}`) ?? -1;
        byLeader.set(leader, [...(byLeader.get(leader) ?? []), one]);
      }
      const answers = await Promise.allSettled(
        [...byLeader].map(([leader, own]) => this.#connection.ask(leader, produceRequest(own))),
      );
      const done = new Set<string>();
      for (const answer of answers) {
        if (answer.status !== 'fulfilled') continue;
        for (const one of answer.value.partitions) if (this.#taken(one)) done.add(keyOf(one));
        this.#throttled(answer.value.throttleMs);
      }
      pending = pending.filter((one) => !done.has(keyOf(one)));
      const failed = answers.find((answer) => answer.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      if (pending.length > 0) throw new PassingError('a partition did not take its batch');
    });
  }

  #throttled(ms: number): void {
    if (ms <= 0) return;
    this.#throttledUntil = performance.now() + ms;
    this.#onThrottled(ms);
  }

  /** True: the batch is in the log. False: to be sent again. Throws where that would not help. */
  #taken(answer: { topic: string; partition: number; error: number; baseOffset: bigint }): boolean {
    const { topic, partition, error } = answer;
    const what = `writing to ${topic}/${partition}`;
    if (error === NONE || error === DUPLICATE_SEQUENCE) {
      if (error === NONE) this.#lane(topic, partition).lastBase = answer.baseOffset;
      return true;
    }
    if (TOO_LARGE.has(error))
      throw new RewindError('record_too_large', `${what}: the broker refuses a record as too large`);
    if (REFUSED.has(error))
      throw new RewindError('output_refused', `${what}: the broker refuses a record (Kafka error ${error})`);
    if (WAITS.has(error)) return false;
    try {
      checkCode(error, what);
    } catch (cause) {
      if (cause instanceof PassingError) return false;
      throw cause;
    }
    return true;
  }

  async #findLeaders(): Promise<void> {
    const found = await this.#connection.topics(this.#topics.map(({ topic }) => topic));
    const leaders = new Map<string, number>();
    found.forEach((info, i) => {
      if (info.topicId !== this.#topics[i]!.topicId)
        throw new RewindError('topic_recreated', `output topic ${info.topic} was deleted and made again`);
      for (const { partition, leader } of info.partitions) leaders.set(`${info.topic}/${partition}`, leader);
    });
    this.#leaders = leaders;
  }
}

function keyOf(one: { topic: string; partition: number }): string {
  return `${one.topic}/${one.partition}`;
}
