/**
 * A few committed records from an offset on, without joining a group: the planner looks at the first record's time and at
 * the skew between record time and event time. Below admin.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RewindError } from '../../schemas/errors.js';
import type { RawRecord } from '../../schemas/event.js';
import { checkCode, type LogConnection, OFFSET_OUT_OF_RANGE } from './connection.js';
import { listOffsets } from './list-offsets.js';
import { PartitionCursor } from './partition-cursor.js';
import { EARLIEST, fetchRequest } from './requests.js';

const SAMPLE_BYTES = 1 << 20;
/** Waits for a broker's quota. */
const WAITS_MAX = 20;
/** A stretch of control or aborted batches longer than this many fetches ends the sample. */
const FETCHES = 50;

export interface SampleOptions {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Exclusive; the sample stops there. Default: the last stable offset. */
  readonly end?: bigint;
  readonly count: number;
}

/**
 * Up to `count` committed records at or after `offset`, in order; fewer where the log ends.
 * Errors: range_expired (the offset is below the log's start), topic_not_found, batch_*, codec_unsupported.
 */
export async function fetchSample(
  connection: LogConnection,
  options: SampleOptions,
  batchMaxBytes: number,
): Promise<RawRecord[]> {
  const { topic, partition, count } = options;
  const records: RawRecord[] = [];
  let position = options.offset;
  for (let fetches = 0; fetches < FETCHES && records.length < count; fetches++) {
    const { topicId, fetched } = await fetchOnce(connection, topic, partition, position);
    if (fetched.error === OFFSET_OUT_OF_RANGE || fetched.logStart > position) {
      const start = await logStart(connection, topic, partition);
      if (start <= position) return records;
      throw new RewindError(
        'range_expired',
        `${topic}/${partition} starts at offset ${start}, after ${position}`,
      );
    }
    const name = { topicId, topic, partition };
    const cursor = new PartitionCursor(name, fetched, position, options.end ?? null, batchMaxBytes);
    const before = position;
    while (records.length < count) {
      const limits = { records: count - records.length, milliseconds: 1_000 };
      const slice = cursor.next(limits, () => 0);
      if (slice === null) break;
      records.push(...slice.records);
      position = slice.to;
    }
    if (position === before || (options.end !== undefined && position >= options.end)) break;
  }
  return records;
}

function fetchOnce(connection: LogConnection, topic: string, partition: number, offset: bigint) {
  return connection.attempt(`reading ${topic}/${partition}`, async () => {
    const [info] = await connection.topics([topic]);
    const leader = info?.partitions.find((one) => one.partition === partition)?.leader;
    if (info === undefined || leader === undefined)
      throw new RewindError('topic_not_found', `topic ${topic} has no partition ${partition}`);
    const request = fetchRequest({
      maxWaitMs: 100,
      maxBytes: SAMPLE_BYTES,
      partitions: [{ topicId: info.topicId, partition, offset, maxBytes: SAMPLE_BYTES }],
    });
    let answer = await connection.ask(leader, request);
    // A client whose quota is used up gets an answer with nothing in it, and is to wait before it asks again.
    for (
      let waits = 0;
      answer.partitions.length === 0 && answer.throttleMs > 0 && waits < WAITS_MAX;
      waits++
    ) {
      await sleep(answer.throttleMs);
      answer = await connection.ask(leader, request);
    }
    checkCode(answer.error, `reading ${topic}/${partition}`);
    const fetched = answer.partitions[0];
    if (fetched === undefined)
      throw new RewindError('log_unavailable', `${topic}/${partition}: the broker left it out`);
    if (fetched.error !== OFFSET_OUT_OF_RANGE) checkCode(fetched.error, `reading ${topic}/${partition}`);
    return { topicId: info.topicId, fetched };
  });
}

/** First offset that a partition still holds. */
export async function logStart(connection: LogConnection, topic: string, partition: number): Promise<bigint> {
  const topics = await connection.topics([topic]);
  const found = await listOffsets(connection, topics, false, EARLIEST);
  return found.find((one) => one.partition === partition)?.offset ?? 0n;
}
