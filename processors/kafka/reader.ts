/**
 * Reads partitions as a member of a consumer group, exactly: every committed record of a range once, in contiguous steps.
 * The group only says who reads what; where to start and to end comes from the caller, who claims each partition's unit
 * first. kafkajs keeps connections and membership, the fetch is ours (fetch-loop.ts).
 *
 * States of a held partition: claiming (onAssigned runs) → reading → finished (position = end). A rebalance ends all of
 * them; nothing that a reader remembers is needed after a crash.
 */
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { type Consumer, type Kafka, PartitionAssigners } from 'kafkajs';
import { excerpt, RewindError } from '../../schemas/errors.js';
import { LogRecords } from '../sources/log-records.js';
import type { LogBatch } from '../sources/source.js';
import { createKafka, toLogError } from './client.js';
import { type LogConnection, openConnection } from './connection.js';
import { FetchLoop } from './fetch-loop.js';
import { checkCluster, replaceFetch } from './kafkajs-internals.js';
import type { AssignedPartition, GroupReader, GroupReaderOptions, ReadRange } from './reader-contract.js';
import { type Delivery, type HeldPartition, isFinished, partitionKey } from './reader-partitions.js';

export type { AssignedPartition, GroupReader, GroupReaderOptions, ReadRange } from './reader-contract.js';
export { partitionKey } from './reader-partitions.js';

const SLICE = { records: 16_384, milliseconds: 50 };
const COMMIT_EVERY_MS = 5_000;
const STALL_CHECK_MS = 500;

/** Joins the group; resolves when the first assignment is under way. Errors: those of `done`. */
export async function openGroupReader(options: GroupReaderOptions): Promise<GroupReader> {
  const kafka = createKafka(options);
  const connection = await openConnection(kafka);
  const reader = new MemberReader(options, kafka, connection);
  await reader.join();
  return reader;
}

type Fetch = Parameters<typeof replaceFetch>[1];
type MemberAssignment = Readonly<Record<string, readonly number[]>>;

class MemberReader implements GroupReader {
  readonly done: Promise<void>;
  private held: Map<string, HeldPartition> = new Map();
  private assigned: readonly AssignedPartition[] = [];
  /** Counts assignments; what belongs to an older one is dropped. */
  private generation = 0;
  private failure: RewindError | null = null;
  private ending: Promise<void> | null = null;
  private assigning: Promise<void> = Promise.resolve();
  private readonly delivering = new Set<Promise<void>>();
  /** By node. */
  private readonly loops = new Map<number, FetchLoop>();
  private readonly committed = new Map<string, bigint>();
  private readonly topicIds: Map<string, string>;
  private readonly consumer: Consumer;
  private readonly heartbeatMs: number;
  // For lag tools alone: a commit that fails costs nothing.
  private readonly commitTimer = setInterval(() => void this.commit().catch(() => {}), COMMIT_EVERY_MS);
  private readonly stallTimer = setInterval(() => this.checkStall(), STALL_CHECK_MS);
  private settle: { resolve(): void; reject(error: RewindError): void } = { resolve() {}, reject() {} };

  constructor(
    private readonly options: GroupReaderOptions,
    kafka: Kafka,
    private readonly connection: LogConnection,
  ) {
    this.topicIds = new Map(options.topicIds ?? []);
    this.heartbeatMs = Math.max(100, Math.floor(options.kafka.sessionTimeoutMs / 10));
    this.done = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    // Whoever does not look at `done` has been told by onError.
    this.done.catch(() => {});
    this.consumer = kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.kafka.sessionTimeoutMs,
      rebalanceTimeout: Math.max(60_000, options.kafka.sessionTimeoutMs),
      heartbeatInterval: this.heartbeatMs,
      maxWaitTimeInMs: 500,
      allowAutoTopicCreation: false,
      partitionAssigners: [
        (config) => {
          replaceFetch(checkCluster(config.cluster), this.fetch);
          return PartitionAssigners.roundRobin(config);
        },
      ],
      retry: { retries: 12, restartOnFailure: async () => this.ending === null },
    });
  }

  async join(): Promise<void> {
    const { consumer, options } = this;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.joined(payload.memberAssignment));
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) this.fail(toLogError(payload.error, `group ${options.groupId}`));
    });
    try {
      await this.connection.topics(options.topics);
      await consumer.connect();
      await consumer.subscribe({ topics: [...options.topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        // Nothing comes this way: see `fetch`.
        eachBatch: async () => {},
      });
    } catch (error) {
      this.fail(toLogError(error, `joining group ${options.groupId}`));
      await this.done;
    }
  }

  async close(): Promise<void> {
    this.ending ??= this.shutDown().then(() => this.settle.resolve());
    await this.ending;
  }

  private fail(error: RewindError): void {
    if (this.ending !== null) return;
    this.failure = error;
    this.held = new Map();
    this.ending = this.shutDown().then(() => this.settle.reject(error));
    this.options.onError?.(error);
  }

  private async shutDown(): Promise<void> {
    clearInterval(this.commitTimer);
    clearInterval(this.stallTimer);
    for (const loop of this.loops.values()) loop.stop();
    await this.assigning;
    await Promise.allSettled(this.delivering);
    if (this.failure === null) await this.commit().catch(() => {});
    await this.consumer.disconnect().catch(() => {});
    await this.connection.close().catch(() => {});
  }

  /**
   * What kafkajs calls to fetch: it is told that there was nothing, sends its heartbeat and asks again. The records come
   * by the loop of the node, which does not wait for that.
   */
  private readonly fetch: Fetch = async (broker, call) => {
    try {
      if (this.ending === null) {
        const keys = call.topics.flatMap(({ topic, partitions }) =>
          partitions.map(({ partition }) => partitionKey(topic, partition)),
        );
        await this.loopOf(broker.nodeId).turn(broker, keys, this.heartbeatMs);
      }
    } catch (error) {
      // What passes by itself is asked again; kafkajs knows what to do about connections.
      if (error instanceof RewindError) this.fail(error);
      else throw error;
    }
    if (this.ending !== null) await sleep(50);
    return { responses: [] };
  };

  private loopOf(nodeId: number): FetchLoop {
    let loop = this.loops.get(nodeId);
    if (loop === undefined) {
      const { kafka, batchMaxBytes, concurrency = 4, onThrottled: throttled = () => {} } = this.options;
      const { fetchMaxBytes, stallTimeoutMs } = kafka;
      const context = { held: () => this.held, connection: this.connection, fetchMaxBytes, batchMaxBytes };
      loop = new FetchLoop({
        ...{ context, concurrency, stallTimeoutMs, throttled },
        deliver: async (delivery) => {
          const work = this.deliver(delivery);
          this.delivering.add(work);
          await work.finally(() => this.delivering.delete(work));
        },
      });
      this.loops.set(nodeId, loop);
    }
    return loop;
  }

  /** Runs within kafkajs' join, before it fetches anew: from here on nothing of the old assignment is delivered. */
  private joined(memberAssignment: MemberAssignment): void {
    const mine = ++this.generation;
    this.held = new Map();
    this.assigning = this.assigning
      .then(() => this.assign(mine, memberAssignment))
      .catch((error: unknown) => this.fail(receiverError(error, this.options.groupId)));
  }

  private async assign(mine: number, memberAssignment: MemberAssignment): Promise<void> {
    const overtaken = () => mine !== this.generation || this.ending !== null;
    await Promise.allSettled(this.delivering);
    const revoked = this.assigned;
    this.assigned = [];
    if (revoked.length > 0) await this.options.onRevoked(revoked);
    if (overtaken()) return;
    const infos = await this.connection.topics(Object.keys(memberAssignment));
    for (const { topic, topicId } of infos) {
      const known = this.topicIds.get(topic) ?? topicId;
      if (known !== topicId)
        throw new RewindError('topic_recreated', `topic ${topic} is now ${topicId}, not ${known}`);
      this.topicIds.set(topic, topicId);
    }
    this.assigned = infos.flatMap(({ topic, topicId }) =>
      (memberAssignment[topic] ?? []).map((partition) => ({ topic, topicId, partition })),
    );
    const ranges = await this.options.onAssigned(this.assigned);
    if (overtaken()) return;
    const ready = new Map<string, HeldPartition>();
    for (const one of this.assigned) {
      const key = partitionKey(one.topic, one.partition);
      const range = ranges.get(key);
      if (range !== undefined) ready.set(key, holding(one, range));
    }
    this.held = ready;
  }

  /** Hands the slices of one fetch on while the partition is held. Never rejects. */
  private async deliver({ held: one, cursor, gapTo }: Delivery): Promise<void> {
    const key = partitionKey(one.topic, one.partition);
    try {
      while (this.held.get(key) === one && this.ending === null) {
        const slice = cursor === null ? gap(one, gapTo) : cursor.next(this.slice(), () => performance.now());
        if (slice === null) break;
        await this.options.onBatch(slice);
        one.position = slice.to;
        one.activeAt = Date.now();
        // Heartbeats and the next fetch get their turn, however much lies ready.
        await immediate();
      }
    } catch (thrown) {
      const error = receiverError(thrown, this.options.groupId);
      if (error.code !== 'claim_lost') this.fail(error);
      else if (this.held.get(key) === one) this.held.delete(key);
    } finally {
      one.activeAt = Date.now();
    }
  }

  private slice(): typeof SLICE {
    const records = Math.min(SLICE.records, this.options.stepRecords?.() ?? SLICE.records);
    return { ...SLICE, records };
  }

  private async commit(): Promise<void> {
    const moved = [...this.held.entries()].filter(([key, one]) => this.committed.get(key) !== one.position);
    if (moved.length === 0) return;
    await this.consumer.commitOffsets(
      moved.map(([, one]) => ({
        topic: one.topic,
        partition: one.partition,
        offset: one.position.toString(),
      })),
    );
    for (const [key, one] of moved) this.committed.set(key, one.position);
  }

  private checkStall(): void {
    const now = Date.now();
    for (const one of this.held.values()) {
      const remains = one.end === null ? one.lastStable > one.position : !isFinished(one);
      if (
        one.busy ||
        one.queue.length > 0 ||
        !remains ||
        now - one.activeAt < this.options.kafka.stallTimeoutMs
      )
        continue;
      this.fail(stalled(one, now));
      return;
    }
  }
}

/** What a callback threw: ours as it is, anything else is a fault of the program. */
function receiverError(error: unknown, groupId: string): RewindError {
  if (error instanceof RewindError) return error;
  return new RewindError('internal', `a receiver of group ${groupId} failed: ${excerpt(String(error))}`, {
    cause: error,
  });
}

function holding(one: AssignedPartition, range: ReadRange): HeldPartition {
  return {
    ...one,
    end: range.to,
    position: range.from,
    fetchAt: range.from,
    queue: [],
    records: new LogRecords(one),
    busy: false,
    activeAt: Date.now(),
    lastStable: -1n,
    highWatermark: -1n,
    emptyFetches: 0,
  };
}

/** A step without records, once. */
function gap(one: HeldPartition, to: bigint): LogBatch | null {
  if (to <= one.position) return null;
  return {
    topicId: one.topicId,
    topic: one.topic,
    partition: one.partition,
    from: one.position,
    to,
    records: new LogRecords(one, 1),
  };
}

function stalled(one: HeldPartition, now: number): RewindError {
  const seconds = Math.round((now - one.activeAt) / 1000);
  const open = one.lastStable >= 0n && one.lastStable <= one.position && one.highWatermark > one.lastStable;
  const hint = open
    ? `; a transaction has been open since offset ${one.lastStable}: see kafka-transactions.sh find-hanging`
    : '';
  return new RewindError(
    'log_stalled',
    `${one.topic}/${one.partition}: no progress for ${seconds} s at offset ${one.position}, to be read up to ${one.end ?? one.lastStable}${hint}`,
    { facts: { position: one.position.toString(), lastStable: one.lastStable.toString() } },
  );
}
