/**
 * The partitions that a group reader holds now, and how they are fetched: one request for all that are ready at a node,
 * at our own positions. Below reader.ts, above requests.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RewindError } from '../../schemas/errors.js';
import { type LogConnection, NONE, OFFSET_OUT_OF_RANGE, PassingError } from './connection.js';
import { type Broker, type FetchAnswer, type FetchCall, protocolError, send } from './kafkajs-internals.js';
import { listOffsets } from './list-offsets.js';
import { PartitionCursor } from './partition-cursor.js';
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
  position: bigint;
  /** Fetched records wait to be delivered, or are. */
  busy: boolean;
  /** When the position last moved, or delivery ended. */
  activeAt: number;
  lastStable: bigint;
  highWatermark: bigint;
  emptyFetches: number;
}

/** What goes through kafkajs in place of a message; eachBatch finds the records by it. */
export interface Delivery {
  /** kafkajs drops messages below the offset it asked for. */
  readonly offset: string;
  readonly isControlRecord: false;
  readonly held: HeldPartition;
  /** Null: a gap up to `gapTo`. */
  readonly cursor: PartitionCursor | null;
  readonly gapTo: bigint;
}

export function partitionKey(topic: string, partition: number): string {
  return `${topic}/${partition}`;
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

/**
 * Answers kafkajs' fetch. Rejects with RewindError where reading cannot go on (range_expired, topic_recreated,
 * topic_not_found), with kafkajs' own errors where it knows what to do.
 */
export async function fetchHeld(
  context: FetchContext,
  broker: Broker,
  call: FetchCall,
): Promise<FetchAnswer> {
  const asked = new Map<string, string>();
  for (const { topic, partitions } of call.topics)
    for (const one of partitions) asked.set(partitionKey(topic, one.partition), one.fetchOffset);
  let wanted = [...asked.keys()]
    .map((key) => context.held().get(key))
    .filter((one) => one !== undefined)
    .filter((one) => !one.busy && !isFinished(one));
  const suspect = wanted.find((one) => one.emptyFetches > 0 && one.lastStable > one.position);
  if (suspect !== undefined) wanted = [suspect];
  if (wanted.length === 0) {
    await sleep(IDLE_MS);
    return { responses: [] };
  }
  const partitionBytes = Math.max(PARTITION_BYTES_MIN, Math.floor(context.fetchMaxBytes / wanted.length));
  const answer = await send(
    broker,
    fetchRequest({
      maxWaitMs: FETCH_WAIT_MS,
      maxBytes: context.fetchMaxBytes,
      partitions: wanted.map((one) => ({
        topicId: one.topicId,
        partition: one.partition,
        offset: one.position,
        maxBytes: partitionBytes,
      })),
    }),
  );
  if (answer.error !== NONE) throw protocolError(answer.error);
  const deliveries: Delivery[] = [];
  for (const fetched of answer.partitions) {
    const held = wanted.find((one) => one.topicId === fetched.topicId && one.partition === fetched.partition);
    if (held === undefined) continue;
    const key = partitionKey(held.topic, held.partition);
    // The group may have moved on while the broker waited for records.
    if (context.held().get(key) !== held) continue;
    await checkFetched(context, held, fetched);
    if (fetched.error !== NONE) continue;
    const delivery = await take(context, held, fetched, wanted.length === 1, asked.get(key) ?? '0');
    if (delivery === null) continue;
    held.busy = true;
    deliveries.push(delivery);
  }
  return answerOf(deliveries);
}

/** A partition's delivery, null when there is nothing to deliver now. */
async function take(
  context: FetchContext,
  held: HeldPartition,
  fetched: FetchedPartition,
  alone: boolean,
  offset: string,
): Promise<Delivery | null> {
  held.lastStable = fetched.lastStableOffset;
  held.highWatermark = fetched.highWatermark;
  const common = { offset, isControlRecord: false, held } as const;
  if (fetched.recordSet.length > 0) {
    held.emptyFetches = 0;
    const cursor = new PartitionCursor(held, fetched, held.position, held.end, context.batchMaxBytes);
    return { ...common, cursor, gapTo: held.position };
  }
  if (fetched.lastStableOffset <= held.position) return null;
  // Nothing although the log goes on: another partition used the answer up, or compaction took all that was there.
  held.emptyFetches += alone ? 1 : 0;
  if (held.emptyFetches === 0) held.emptyFetches = 1;
  if (!alone || held.emptyFetches <= EMPTY_FETCHES) {
    await sleep(IDLE_MS);
    return null;
  }
  held.emptyFetches = 0;
  const start = await oneOffset(context.connection, held, EARLIEST);
  if (start > held.position) throw expired(held, start);
  const to = held.end !== null && held.end < fetched.lastStableOffset ? held.end : fetched.lastStableOffset;
  return { ...common, cursor: null, gapTo: to };
}

function answerOf(deliveries: readonly Delivery[]): FetchAnswer {
  return {
    responses: deliveries.map((delivery) => ({
      topicName: delivery.held.topic,
      partitions: [
        {
          partition: delivery.held.partition,
          errorCode: NONE,
          highWatermark: delivery.held.highWatermark.toString(),
          abortedTransactions: [],
          preferredReadReplica: -1,
          messages: [delivery],
        },
      ],
    })),
  };
}

/** Throws where the answer says that the range or the topic is gone; refreshes metadata where leaders moved. */
async function checkFetched(
  context: FetchContext,
  held: HeldPartition,
  fetched: FetchedPartition,
): Promise<void> {
  if (fetched.error === NONE) {
    if (fetched.logStart > held.position) throw expired(held, fetched.logStart);
    return;
  }
  if (fetched.error === OFFSET_OUT_OF_RANGE) {
    // kafkajs would go on at the newest record: everything between would be lost in silence.
    await checkIdentity(context.connection, held);
    const start = await oneOffset(context.connection, held, EARLIEST);
    if (start > held.position) throw expired(held, start);
    const end = await oneOffset(context.connection, held, LATEST);
    throw new RewindError(
      'range_expired',
      `${held.topic}/${held.partition}: offset ${held.position} is not in the log, which now is ${start}..${end}`,
      { facts: { position: held.position.toString(), logStart: start.toString(), logEnd: end.toString() } },
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
    `${held.topic}/${held.partition}: the log starts at offset ${start}, the next offset to read is ${held.position}`,
    { facts: { position: held.position.toString(), logStart: start.toString() } },
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
