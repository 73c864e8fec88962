/**
 * A few committed records from an offset on, without joining a group: the planner looks at the first record's time and at
 * the skew between record time and event time. Below admin.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RewindError } from '../../schemas/errors.js';
import type { RawRecord } from '../../schemas/event.js';
import { checkCode, type LogConnection, OFFSET_OUT_OF_RANGE } from './connection.js';
import { FetchQuota, isEmptied } from './fetch-quota.js';
import { listOffsets } from './list-offsets.js';
import { PartitionCursor } from './partition-cursor.js';
import { EARLIEST, fetchRequest } from './requests.js';

/**
 * Little at first: a plan looks at each partition, and what it takes of a broker's quota its job has to wait for. Each
 * further fetch of a sample asks for twice as much.
 */
const FIRST_BYTES = { perRecord: 256, least: 4 << 10, most: 64 << 10 };
const FETCH_BYTES = 1 << 20;
/** A quota that lets nothing through for so long ends the sample with log_stalled. */
const QUOTA_WAIT_MS = 60_000;
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
  let bytes = Math.min(FIRST_BYTES.most, Math.max(FIRST_BYTES.least, count * FIRST_BYTES.perRecord));
  for (let fetches = 0; fetches < FETCHES && records.length < count; fetches++) {
    const { topicId, fetched } = await fetchOnce(connection, topic, partition, position, bytes);
    bytes = Math.min(FETCH_BYTES, bytes * 2);
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

function fetchOnce(
  connection: LogConnection,
  topic: string,
  partition: number,
  offset: bigint,
  bytes: number,
) {
  return connection.attempt(`reading ${topic}/${partition}`, async () => {
    const [info] = await connection.topics([topic]);
    const leader = info?.partitions.find((one) => one.partition === partition)?.leader;
    if (info === undefined || leader === undefined)
      throw new RewindError('topic_not_found', `topic ${topic} has no partition ${partition}`);
    const ask = (maxBytes: number) =>
      connection.ask(
        leader,
        fetchRequest({
          maxWaitMs: 100,
          maxBytes,
          partitions: [{ topicId: info.topicId, partition, offset, maxBytes }],
        }),
      );
    const quota = new FetchQuota(bytes, QUOTA_WAIT_MS);
    let answer = await ask(quota.maxBytes);
    // A client whose quota is used up gets an answer with nothing in it, and is to wait before it asks again.
    while (isEmptied(answer)) {
      quota.answered({ ...answer, emptied: true, deliveries: [] }, [{ topic, partition, fetchAt: offset }]);
      await sleep(answer.throttleMs);
      answer = await ask(quota.maxBytes);
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
