/**
 * The rows of one sealed fold unit to their output topics, in the order of the fold. They are read through the view that
 * people read, so topics and views cannot disagree; texts are copied as bytes and never parsed.
 */
import type { OutputName } from '../../schemas/output.js';
import { HeaderBlock } from '../kafka/batch-writer.js';
import { partitionOfKey } from '../kafka/murmur2.js';
import type { OutputProducer } from '../kafka/output-producer.js';
import { RowBinaryReader } from '../store/rowbinary-reader.js';
import type { Clause } from '../store/selection.js';
import type { QueryOptions, Store } from '../store/store.js';
import { FAILPOINTS, reach } from '../testing/failpoints.js';
import { AvroValue } from './avro-value.js';
import type { EmitTask, EmittedTopic, LaneTask } from './emitting.js';
import { eventHeaders, type Folded, foldedHeader, placeHeaders, unitHeaders } from './headers.js';
import type { Tally } from './tally.js';

/** Everything a record is made of, as bytes where it is only copied. */
export interface OutputRow {
  readonly id: Buffer;
  readonly key: Buffer;
  readonly time: Buffer;
  readonly topicId: string;
  readonly partition: number;
  readonly offset: string;
  readonly n: number;
  readonly entityType: Buffer;
  readonly entityId: Buffer;
  readonly foldSeq: bigint;
  readonly eventId: Buffer;
  readonly eventType: Buffer;
  readonly occurredAtNs: bigint;
}

export interface OutputSnapshot extends OutputRow {
  readonly exists: boolean;
  readonly changes: number;
  readonly before: string | Buffer;
  readonly after: string | Buffer;
  readonly diff: string | Buffer;
}

/** The id of a snapshot, as processors/store/run-results.ts makes it. */
export const ID_COLUMN = (job: string, n: string) => `(
  lower(hex(SHA256(concat(${job}, '/', topic_id, '/', toString(partition), '/', toString(offset), '/', ${n})))) AS hash,
  concat(substring(hash, 1, 8), '-', substring(hash, 9, 4), '-8', substring(hash, 14, 3), '-a', substring(hash, 18, 3),
    '-', substring(hash, 21, 12))).2`;

/** Begins every row, in the order of `readRow`. `job`: expression of what the row's id is made of beside its coordinates. */
export const rowColumns = (
  job: string,
) => `${ID_COLUMN(job, 'toString(n)')} AS id, concat(entity_type, '/', entity_id) AS key,
  concat(replaceOne(toString(occurred_at), ' ', 'T'), 'Z') AS time, topic_id, partition, toString(offset), toInt32(n),
  entity_type, entity_id, fold_seq, event_id, event_type, occurred_at`;

export function readRow(row: RowBinaryReader): OutputRow {
  return {
    id: row.bytes(),
    key: row.bytes(),
    time: row.bytes(),
    topicId: row.string(),
    partition: row.i32(),
    offset: row.string(),
    n: row.i32(),
    entityType: row.bytes(),
    entityId: row.bytes(),
    foldSeq: row.u64(),
    eventId: row.bytes(),
    eventType: row.bytes(),
    occurredAtNs: row.i64(),
  };
}

function readSnapshot(row: RowBinaryReader): OutputSnapshot {
  return {
    ...readRow(row),
    exists: row.i32() === 1,
    changes: row.i32(),
    before: row.bytes(),
    after: row.bytes(),
    diff: row.bytes(),
  };
}

/** Snapshots and diffs, whichever the run writes, in one read. */
export async function emitSnapshots(
  store: Store,
  producer: OutputProducer,
  task: EmitTask,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const snapshots = laneOf(task, 'snapshots', producer, tally);
  const diffs = laneOf(task, 'diffs', producer, tally);
  if (snapshots === null && diffs === null) return;
  const sql = `SELECT ${rowColumns('job_id')}, toInt32(exists), toInt32(changes), state_before, state_after, diff
    FROM ${store.t('v1_snapshots')}
    WHERE job_id = {job:String} AND entity_hash BETWEEN {lo:UInt64} AND {hi:UInt64}
    ORDER BY entity_hash, entity_type, entity_id, fold_seq`;
  await eachRow(store, producer, task, sql, signal, readSnapshot, (row) => {
    if (snapshots !== null) snapshots.write(row, snapshotValue);
    if (diffs !== null && row.changes > 0) diffs.write(row, diffValue);
  });
}

export function snapshotValue(value: AvroValue, row: OutputSnapshot): void {
  value.boolean(row.exists).int(row.changes).text(row.before).text(row.after);
}

export function diffValue(value: AvroValue, row: OutputSnapshot): void {
  value.int(row.changes).text(row.diff);
}

interface DecisionRow extends OutputRow {
  readonly decision: Buffer;
  readonly error: Buffer;
  readonly before: Buffer;
  readonly beforeError: Buffer;
  readonly transition: Buffer;
}

function readDecision(row: RowBinaryReader): DecisionRow {
  return {
    ...readRow(row),
    decision: row.bytes(),
    error: row.bytes(),
    before: row.bytes(),
    beforeError: row.bytes(),
    transition: row.bytes(),
  };
}

/** What the rules said of each event; nothing where the run did not ask any. */
export async function emitDecisions(
  store: Store,
  producer: OutputProducer,
  task: EmitTask,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const decisions = laneOf(task, 'decisions', producer, tally);
  if (decisions === null) return;
  const sql = `SELECT ${rowColumns('job_id')}, decision, error, before, before_error, transition
    FROM ${store.t('v1_decisions')}
    WHERE job_id = {job:String} AND entity_hash BETWEEN {lo:UInt64} AND {hi:UInt64}
    ORDER BY entity_hash, entity_type, entity_id, fold_seq`;
  await eachRow(store, producer, task, sql, signal, readDecision, (row) => {
    decisions.write(row, decisionValue);
  });
}

function decisionValue(value: AvroValue, row: DecisionRow): void {
  value.text(row.decision).text(row.error).text(row.before).text(row.beforeError).text(row.transition);
}

async function eachRow<R extends OutputRow>(
  store: Store,
  producer: OutputProducer,
  task: EmitTask,
  sql: string,
  signal: AbortSignal,
  read: (row: RowBinaryReader) => R,
  write: (row: R) => void,
): Promise<void> {
  const { jobId, range } = task;
  const select = { sql, params: { job: jobId, lo: range.lo, hi: range.hi } };
  const options = { signal, maxSeconds: task.statementMaxSeconds };
  await sendRows(store, producer, select, options, read, write);
}

/** Streams the rows of a statement to `write`, and what that adds to the producer to the brokers. */
export async function sendRows<R>(
  store: Store,
  producer: OutputProducer,
  { sql, params }: Clause,
  options: QueryOptions,
  read: (row: RowBinaryReader) => R,
  write: (row: R) => void,
): Promise<void> {
  const stream = await store.streamRowBinary(sql, params, options);
  const reader = new RowBinaryReader();
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      reader.push(chunk);
      while (reader.next((row) => write(read(row)))) {
        if (!producer.full) continue;
        await producer.start();
        if (FAILPOINTS) await reach('emit.sent');
      }
    }
    reader.end();
  } finally {
    stream.destroy();
  }
}

/** One output of a unit: from rows to records of its topic. */
export class Lane {
  readonly #task: LaneTask;
  readonly #topic: EmittedTopic;
  readonly #producer: OutputProducer;
  readonly #tally: Tally;
  readonly #unit: HeaderBlock;
  readonly #own = new HeaderBlock();
  readonly #headers: readonly HeaderBlock[];
  readonly #value = new AvroValue();
  readonly #sources: ReadonlyMap<string, string>;

  constructor(task: LaneTask, topic: EmittedTopic, producer: OutputProducer, tally: Tally) {
    this.#task = task;
    this.#topic = topic;
    this.#producer = producer;
    this.#tally = tally;
    const run = { tenantId: task.spec.tenantId, jobId: task.jobId, jobType: task.spec.jobType };
    this.#unit = unitHeaders(run, topic.output, task.unit, task.claim, task.step);
    this.#headers = [this.#unit, this.#own];
    this.#sources = new Map(task.sourceTopics);
  }

  /** `folded`: of a step, how its entity was folded. */
  write<R extends OutputRow>(row: R, rest: (value: AvroValue, row: R) => void, folded?: Folded): void {
    const { topic, output, partitions, schemaId } = this.#topic;
    const place = { ...row, topic: this.#sources.get(row.topicId) ?? row.topicId };
    const headers = this.#own;
    headers.reset();
    eventHeaders(headers, row.id, row.time, row.key);
    placeHeaders(headers, place, row.occurredAtNs.toString());
    if (folded !== undefined) foldedHeader(headers, folded);
    const value = this.#value.begin(row.id, schemaId);
    value.text(row.id).text(this.#task.jobId).text(this.#task.spec.tenantId);
    value.text(row.entityType).text(row.entityId).long(row.foldSeq);
    value.text(row.eventId).text(row.eventType).long(row.occurredAtNs);
    rest(value, row);
    const partition = partitionOfKey(row.key, partitions);
    this.#tally.add(output, partition, value.identified);
    this.#producer.add(topic, partition, {
      key: row.key,
      value: value.value,
      timestampMs: timestampOf(row.occurredAtNs),
      headers: this.#headers,
    });
  }
}

export function laneOf(
  task: LaneTask,
  output: OutputName,
  producer: OutputProducer,
  tally: Tally,
): Lane | null {
  const topic = task.topics.find((one) => one.output === output);
  return topic === undefined ? null : new Lane(task, topic, producer, tally);
}

/** Kafka has no times before 1970; the header has the event's. */
export function timestampOf(occurredAtNs: bigint): number {
  return Math.max(0, Number(occurredAtNs / 1_000_000n));
}
