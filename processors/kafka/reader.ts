/**
 * Reads partitions as a member of a consumer group, exactly: every committed record of a range once, in contiguous steps.
 * The group only says who reads what; where to start and to end comes from the caller, who claims each partition's unit
 * first. kafkajs keeps connections and membership, the fetch is ours (reader-partitions.ts).
 *
 * States of a held partition: claiming (onAssigned runs) → reading → finished (position = end). A rebalance ends all of
 * them; nothing that a reader remembers is needed after a crash.
 */
import { PartitionAssigners } from 'kafkajs';
import { RewindError } from '../../schemas/errors.js';
import type { LogBatch } from '../sources/source.js';
import { createKafka, type KafkaSettings, toLogError } from './client.js';
import { openConnection, PassingError } from './connection.js';
import { checkCluster, type FetchAnswer, replaceFetch } from './kafkajs-internals.js';
import {
  type Delivery,
  fetchHeld,
  type HeldPartition,
  isFinished,
  partitionKey,
} from './reader-partitions.js';

export { partitionKey } from './reader-partitions.js';

/** A slice of work: heartbeats go out between two of them. */
const SLICE = { records: 16_384, milliseconds: 50 };
const COMMIT_EVERY_MS = 5_000;
const STALL_CHECK_MS = 500;

export interface AssignedPartition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
}

/** `from` inclusive, `to` exclusive; null: live, without end. */
export interface ReadRange {
  readonly from: bigint;
  readonly to: bigint | null;
}

export interface GroupReaderOptions extends KafkaSettings {
  /** Its offsets are set, and it has no foreign members: see LogAdmin.setGroupOffsets. */
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Topic ids of a frozen plan: a topic with another id fails with topic_recreated. */
  readonly topicIds?: ReadonlyMap<string, string>;
  /** Batches delivered at once, of different partitions. Default 4. */
  readonly concurrency?: number;
  /**
   * After each rebalance, with all that this member holds: claims, and answers where to read (by partitionKey). What is
   * left out is not read. Nothing is delivered before it resolves; when it rejects the reader fails.
   */
  onAssigned(assigned: readonly AssignedPartition[]): Promise<ReadonlyMap<string, ReadRange>>;
  /**
   * The next step of a partition: in order and one at a time for one partition, at once for up to `concurrency` of them.
   * Awaited: that is the backpressure. When it rejects the reader fails; claim_lost drops the partition alone.
   * The buffers belong to the receiver until it resolves.
   */
  onBatch(batch: LogBatch): Promise<void>;
  /** Before onAssigned, with what was held until now; no delivery is under way. */
  onRevoked(revoked: readonly AssignedPartition[]): Promise<void>;
  /** Once, before `done` rejects with the same error. */
  onError?(error: RewindError): void;
}

export interface GroupReader {
  /** Leaves the group after the deliveries under way; then `done` resolves. */
  close(): Promise<void>;
  /**
   * Resolves after close; a reader whose ranges are finished stays a member, as a rebalance may bring more.
   * Rejects with range_expired, topic_recreated, topic_not_found, log_stalled, batch_corrupt, batch_too_large,
   * codec_unsupported, log_unavailable, preflight_failed, or what a callback threw.
   */
  readonly done: Promise<void>;
}

/** Joins the group; resolves when the first assignment is under way. Errors: those of `done`. */
export async function openGroupReader(options: GroupReaderOptions): Promise<GroupReader> {
  const kafka = createKafka(options);
  const connection = await openConnection(kafka);
  let held: Map<string, HeldPartition> = new Map();
  let assigned: readonly AssignedPartition[] = [];
  let generation = 0;
  let failure: RewindError | null = null;
  let closing: Promise<void> | null = null;
  let assigning: Promise<void> = Promise.resolve();
  const delivering = new Set<Promise<void>>();
  const committed = new Map<string, bigint>();
  const topicIds = new Map(options.topicIds ?? []);
  let resolveDone = () => {};
  let rejectDone: (error: RewindError) => void = () => {};
  const done = new Promise<void>((resolve, reject) => {
    resolveDone = resolve;
    rejectDone = reject;
  });
  done.catch(() => {});

  const context = {
    get held() {
      return held;
    },
    connection,
    fetchMaxBytes: options.kafka.fetchMaxBytes,
    batchMaxBytes: options.batchMaxBytes,
  };

  const consumer = kafka.consumer({
    groupId: options.groupId,
    sessionTimeout: options.kafka.sessionTimeoutMs,
    rebalanceTimeout: Math.max(60_000, options.kafka.sessionTimeoutMs),
    heartbeatInterval: Math.max(100, Math.floor(options.kafka.sessionTimeoutMs / 10)),
    maxWaitTimeInMs: 500,
    allowAutoTopicCreation: false,
    partitionAssigners: [
      (config) => {
        replaceFetch(checkCluster(config.cluster), fetch);
        return PartitionAssigners.roundRobin(config);
      },
    ],
    retry: { retries: 12, restartOnFailure: async () => failure === null && closing === null },
  });

  async function fetch(
    ...[broker, call]: Parameters<Parameters<typeof replaceFetch>[1]>
  ): Promise<FetchAnswer> {
    try {
      if (failure === null && closing === null) return await fetchHeld(context, broker, call);
    } catch (error) {
      // What passes by itself is asked again; kafkajs knows what to do about connections.
      if (error instanceof RewindError && !error.retryable) fail(error);
      else if (!(error instanceof RewindError || error instanceof PassingError)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { responses: [] };
  }

  function fail(error: RewindError): void {
    if (failure !== null) return;
    failure = error;
    held = new Map();
    options.onError?.(error);
    void shutDown().then(
      () => rejectDone(error),
      () => rejectDone(error),
    );
  }

  /** Runs within kafkajs' join, before it fetches anew: from here on nothing of the old assignment is delivered. */
  function joined(memberAssignment: Readonly<Record<string, readonly number[]>>): void {
    const mine = ++generation;
    held = new Map();
    assigning = assigning
      .then(() => assign(mine, memberAssignment))
      .catch((error: unknown) => {
        fail(toLogError(error, `assignment of group ${options.groupId}`));
      });
  }

  async function assign(
    mine: number,
    memberAssignment: Readonly<Record<string, readonly number[]>>,
  ): Promise<void> {
    await Promise.allSettled(delivering);
    const revoked = assigned;
    assigned = [];
    if (revoked.length > 0) await options.onRevoked(revoked);
    if (mine !== generation || closing !== null || failure !== null) return;
    const infos = await connection.topics(Object.keys(memberAssignment));
    for (const { topic, topicId } of infos) {
      const known = topicIds.get(topic) ?? topicId;
      if (known !== topicId)
        throw new RewindError('topic_recreated', `topic ${topic} is now ${topicId}, not ${known}`);
      topicIds.set(topic, topicId);
    }
    assigned = infos.flatMap(({ topic, topicId }) =>
      (memberAssignment[topic] ?? []).map((partition) => ({ topic, topicId, partition })),
    );
    const ranges = await options.onAssigned(assigned);
    if (mine !== generation || closing !== null || failure !== null) return;
    const ready = new Map<string, HeldPartition>();
    for (const one of assigned) {
      const key = partitionKey(one.topic, one.partition);
      const range = ranges.get(key);
      if (range !== undefined) ready.set(key, holding(one, range));
    }
    held = ready;
  }

  async function deliver(delivery: Delivery, heartbeat: () => Promise<void>): Promise<void> {
    const { held: one, cursor } = delivery;
    const key = partitionKey(one.topic, one.partition);
    const current = () => held.get(key) === one && closing === null;
    try {
      while (current()) {
        const slice =
          cursor === null ? gap(one, delivery.gapTo) : cursor.next(SLICE, () => performance.now());
        if (slice === null) break;
        await beating(heartbeat, () => options.onBatch(slice));
        one.position = slice.to;
        one.activeAt = Date.now();
        await heartbeat();
      }
    } catch (error) {
      if (!(error instanceof RewindError)) throw error;
      if (error.code === 'claim_lost') held.delete(key);
      else fail(error);
    } finally {
      one.busy = false;
      one.activeAt = Date.now();
    }
  }

  /** kafkajs has no heartbeat timer of its own; a long insert must not cost us the membership. */
  async function beating(heartbeat: () => Promise<void>, work: () => Promise<void>): Promise<void> {
    let missed: unknown = null;
    const timer = setInterval(
      () => {
        heartbeat().catch((error: unknown) => {
          missed = error;
        });
      },
      Math.max(100, options.kafka.sessionTimeoutMs / 10),
    );
    try {
      await work().catch((error: unknown) => {
        throw error instanceof RewindError
          ? error
          : new RewindError('internal', `a receiver of ${options.groupId} failed: ${String(error)}`, {
              cause: error,
            });
      });
    } finally {
      clearInterval(timer);
    }
    if (missed !== null) throw missed;
  }

  async function commit(): Promise<void> {
    const moved = [...held.entries()].filter(([key, one]) => committed.get(key) !== one.position);
    if (moved.length === 0) return;
    await consumer.commitOffsets(
      moved.map(([, one]) => ({
        topic: one.topic,
        partition: one.partition,
        offset: one.position.toString(),
      })),
    );
    for (const [key, one] of moved) committed.set(key, one.position);
  }

  function checkStall(): void {
    const now = Date.now();
    for (const one of held.values()) {
      const remains = one.end === null ? one.lastStable > one.position : !isFinished(one);
      if (one.busy || !remains || now - one.activeAt < options.kafka.stallTimeoutMs) continue;
      fail(stalled(one, now));
      return;
    }
  }

  // For lag tools alone: a commit that fails costs nothing.
  const commitTimer = setInterval(() => void commit().catch(() => {}), COMMIT_EVERY_MS);
  const stallTimer = setInterval(checkStall, STALL_CHECK_MS);

  async function shutDown(): Promise<void> {
    clearInterval(commitTimer);
    clearInterval(stallTimer);
    await assigning;
    await Promise.allSettled(delivering);
    if (failure === null) await commit().catch(() => {});
    await consumer.disconnect().catch(() => {});
    await connection.close().catch(() => {});
  }

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => joined(payload.memberAssignment));
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) fail(toLogError(payload.error, `group ${options.groupId}`));
  });

  try {
    await connection.topics(options.topics);
    await consumer.connect();
    await consumer.subscribe({ topics: [...options.topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: options.concurrency ?? 4,
      eachBatch: async ({ batch, heartbeat }) => {
        const work = deliver(batch.messages[0] as unknown as Delivery, heartbeat);
        delivering.add(work);
        await work.finally(() => delivering.delete(work));
      },
    });
  } catch (error) {
    await shutDown();
    throw toLogError(error, `joining group ${options.groupId}`);
  }
  return {
    done,
    async close() {
      closing ??= shutDown().then(resolveDone);
      await closing;
    },
  };
}

function holding(one: AssignedPartition, range: ReadRange): HeldPartition {
  return {
    ...one,
    end: range.to,
    position: range.from,
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
    records: [],
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
