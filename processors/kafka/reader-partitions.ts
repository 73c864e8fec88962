/**
 * The partitions that a group reader holds now, and how they are fetched: one request for all that are ready at a node,
 * at our own positions. Below reader.ts, above requests.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RewindError } from '../../schemas/errors.js';
import type { LogRecords } from '../sources/log-records.js';
import { type LogConnection, NONE, OFFSET_OUT_OF_RANGE, PassingError } from './connection.js';
import { isEmptied } from './fetch-quota.js';
import { type Broker, protocolError, send } from './kafkajs-internals.js';
import { listOffsets } from './list-offsets.js';
import { PartitionCursor } from './partition-cursor.js';
import { batchesEnd } from './record-batch.js';
import { EARLIEST, type FetchedPartition, fetchRequest, LATEST } from './requests.js';

const IDLE_MS = 50;
const FETCH_WAIT_MS = 500;
const PARTITION_BYTES_MIN = 1 << 20;
/** So often must a fetch of one partition alone come back empty below the last stable offset to count as a gap. */
const EMPTY_FETCHES = 3;
/** A topic that is gone may be one that is being made anew. */
const RECREATED_WITHIN_MS = 5_000;

/** Kafka: the topic, its id or its leader is not what the request thought. */
const MOVED = new Set([3, 5, 6, 74, 75, 76, 100, 103]);

export interface HeldPartition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  /** Exclusive; null: live. */
  readonly end: bigint | null;
  /** The next offset to deliver. */
  position: bigint;
  /** The next offset to fetch: behind what waits in the queue. */
  fetchAt: bigint;
  /** Fetched, to be delivered in this order. */
  readonly queue: Delivery[];
  /** The list that deliveries fill, one after the other. */
  readonly records: LogRecords;
  /** A delivery is under way. */
  busy: boolean;
  /** When the position last moved, or delivery ended. */
  activeAt: number;
  lastStable: bigint;
  highWatermark: bigint;
  emptyFetches: number;
}

/** What one fetch brought of a partition. */
export interface Delivery {
  readonly held: HeldPartition;
  /** Null: a gap up to `gapTo`. */
  readonly cursor: PartitionCursor | null;
  readonly gapTo: bigint;
  readonly bytes: number;
}

export function partitionKey(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/** Everything of the range is fetched, delivered or not. */
export function isFetched(held: HeldPartition): boolean {
  return held.end !== null && held.fetchAt >= held.end;
}

export function isFinished(held: HeldPartition): boolean {
  return held.end !== null && held.position >= held.end;
}

export interface FetchContext {
  /** Those held at this moment: a rebalance replaces them while a fetch waits. */
  held(): ReadonlyMap<string, HeldPartition>;
  readonly connection: LogConnection;
  readonly fetchMaxBytes: number;
  readonly batchMaxBytes: number;
}

export interface Fetched {
  readonly deliveries: readonly Delivery[];
  /** The broker's quota is used up: nothing is to be asked for so long. */
  readonly throttleMs: number;
  /** The broker had an answer, and held it back for the quota's sake. */
  readonly emptied: boolean;
}

/**
 * One fetch of partitions at their leader. Rejects with RewindError where reading cannot go on (range_expired,
 * topic_recreated, topic_not_found), with kafkajs' own errors where it knows what to do.
 */
export async function fetchHeld(
  context: FetchContext,
  broker: Broker,
  ready: readonly HeldPartition[],
  maxBytes = context.fetchMaxBytes,
): Promise<Fetched> {
  const suspect = ready.find((one) => one.emptyFetches > 0 && one.lastStable > one.fetchAt);
  const wanted = suspect === undefined ? ready : [suspect];
  const partitionBytes = Math.max(
    Math.min(PARTITION_BYTES_MIN, maxBytes),
    Math.floor(maxBytes / wanted.length),
  );
  const answer = await send(
    broker,
    fetchRequest({
      maxWaitMs: FETCH_WAIT_MS,
      maxBytes,
      partitions: wanted.map((one) => ({
        topicId: one.topicId,
        partition: one.partition,
        offset: one.fetchAt,
        maxBytes: partitionBytes,
      })),
    }),
  );
  if (answer.error !== NONE) throw protocolError(answer.error);
  const deliveries: Delivery[] = [];
  for (const fetched of answer.partitions) {
    const held = wanted.find((one) => one.topicId === fetched.topicId && one.partition === fetched.partition);
    if (held === undefined) continue;
    // The group may have moved on while the broker waited for records.
    if (context.held().get(partitionKey(held.topic, held.partition)) !== held) continue;
    await checkFetched(context, held, fetched);
    if (fetched.error !== NONE) continue;
    const delivery = await take(context, held, fetched, wanted.length === 1);
    if (delivery !== null) deliveries.push(delivery);
  }
  const { throttleMs } = answer;
  // A partition that waits for the quota has not stalled.
  if (throttleMs > 0)
    for (const one of wanted) one.activeAt = Math.max(one.activeAt, Date.now() + throttleMs);
  return { deliveries, throttleMs, emptied: isEmptied(answer) };
}

/** A partition's delivery, null when there is nothing to deliver now. */
async function take(
  context: FetchContext,
  held: HeldPartition,
  fetched: FetchedPartition,
  alone: boolean,
): Promise<Delivery | null> {
  held.lastStable = fetched.lastStableOffset;
  held.highWatermark = fetched.highWatermark;
  const { recordSet } = fetched;
  const from = held.fetchAt;
  if (recordSet.length > 0) {
    held.emptyFetches = 0;
    held.fetchAt = batchesEnd(recordSet, from);
    const cursor = new PartitionCursor(held, fetched, from, held.end, context.batchMaxBytes, held.records);
    return { held, cursor, gapTo: from, bytes: recordSet.length };
  }
  if (fetched.lastStableOffset <= from) return null;
  // Nothing although the log goes on: another partition used the answer up, or compaction took all that was there.
  held.emptyFetches += alone ? 1 : 0;
  if (held.emptyFetches === 0) held.emptyFetches = 1;
  if (!alone || held.emptyFetches <= EMPTY_FETCHES) {
    await sleep(IDLE_MS);
    return null;
  }
  held.emptyFetches = 0;
  const start = await oneOffset(context.connection, held, EARLIEST);
  if (start > from) throw expired(held, start);
  const to = held.end !== null && held.end < fetched.lastStableOffset ? held.end : fetched.lastStableOffset;
  held.fetchAt = to;
  return { held, cursor: null, gapTo: to, bytes: 0 };
}

/** Throws where the answer says that the range or the topic is gone; refreshes metadata where leaders moved. */
async function checkFetched(
  context: FetchContext,
  held: HeldPartition,
  fetched: FetchedPartition,
): Promise<void> {
  if (fetched.error === NONE) {
    if (fetched.logStart > held.fetchAt) throw expired(held, fetched.logStart);
    return;
  }
  if (fetched.error === OFFSET_OUT_OF_RANGE) {
    // kafkajs would go on at the newest record: everything between would be lost in silence.
    await checkIdentity(context.connection, held);
    const start = await oneOffset(context.connection, held, EARLIEST);
    if (start > held.fetchAt) throw expired(held, start);
    const end = await oneOffset(context.connection, held, LATEST);
    throw new RewindError(
      'range_expired',
      `${held.topic}/${held.partition}: offset ${held.fetchAt} is not in the log, which now is ${start}..${end}`,
      { facts: { position: held.fetchAt.toString(), logStart: start.toString(), logEnd: end.toString() } },
    );
  }
  if (MOVED.has(fetched.error)) {
    await checkIdentity(context.connection, held);
    await context.connection.cluster.refreshMetadata();
    throw new PassingError(`${held.topic}/${held.partition}: Kafka error ${fetched.error}`);
  }
  throw protocolError(fetched.error);
}

function expired(held: HeldPartition, start: bigint): RewindError {
  return new RewindError(
    'range_expired',
    `${held.topic}/${held.partition}: the log starts at offset ${start}, the next offset to read is ${held.fetchAt}`,
    { facts: { position: held.fetchAt.toString(), logStart: start.toString() } },
  );
}

/** Rejects with topic_recreated or topic_not_found if the topic is no longer the one that we were given. */
export async function checkIdentity(
  connection: LogConnection,
  held: { readonly topic: string; readonly topicId: string },
): Promise<void> {
  const deadline = Date.now() + RECREATED_WITHIN_MS;
  for (;;) {
    try {
      const [info] = await connection.topics([held.topic]);
      if (info?.topicId === held.topicId) return;
      throw new RewindError(
        'topic_recreated',
        `topic ${held.topic} is now ${info?.topicId}, not ${held.topicId}`,
      );
    } catch (error) {
      const gone = error instanceof RewindError && error.code === 'topic_not_found';
      if (!gone || Date.now() >= deadline) throw error;
    }
    await sleep(250);
  }
}

async function oneOffset(connection: LogConnection, held: HeldPartition, time: bigint): Promise<bigint> {
  const topics = await connection.topics([held.topic]);
  const found = await listOffsets(connection, topics, false, time);
  return found.find((one) => one.partition === held.partition)?.offset ?? -1n;
}
