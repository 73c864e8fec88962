/**
 * Reads of finished (or running) runs through the views that people use too: timeline pages, snapshots by index, the
 * history of an entity, dead letters. Times cross as integers of nanoseconds; states and diffs stay text.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { type ErrorCode, RewindError } from '../../schemas/errors.js';
import type { DeadLetterView, Page, SnapshotView, TimelineEntry } from '../replay/service.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { Store } from './store.js';

/** What a result needs to know of its run. */
export interface RunFacts {
  readonly jobId: string;
  readonly createdAt: string;
  readonly topics: ReadonlyMap<string, string>;
}

interface TimelineRow {
  ns: string;
  event_id: string;
  n: number;
  event_type: string;
  entity_type: string;
  entity_id: string;
  fold_seq: string;
  changes: number;
}

interface SnapshotRow extends Omit<TimelineRow, 'changes'> {
  topic_id: string;
  partition: number;
  offset: string;
  exists: number;
  state_before: string;
  state_after: string;
  diff: string;
}

/** No two snapshots of a run share it. */
const KEY = 'toString(toUnixTimestamp64Nano(occurred_at)) AS ns, event_id, n';
const SNAPSHOT = `${KEY}, event_type, entity_type, entity_id, toString(fold_seq) AS fold_seq, topic_id, partition,
  toString(offset) AS offset, exists, state_before, state_after, diff`;
/** Columns are qualified: ClickHouse would take the text aliases of the list above instead. */
const ENTITY = `s.job_id = {job:String} AND s.entity_hash = sipHash64({type:String}, {id:String})
  AND s.entity_type = {type:String} AND s.entity_id = {id:String}`;

export class RunResults {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async timeline(run: RunFacts, from: number, limit: number): Promise<TimelineEntry[]> {
    const rows = await this.#timelineRows(run.jobId, from, limit);
    return rows.map((row, i) => ({
      index: from + i,
      eventId: row.event_id,
      eventType: row.event_type,
      timestamp: formatRfc3339Ns(BigInt(row.ns)),
      entityType: row.entity_type,
      entityId: row.entity_id,
      changes: row.changes,
    }));
  }

  /** Rejects with snapshot_not_found. */
  async snapshot(run: RunFacts, index: number): Promise<SnapshotView> {
    const at = (await this.#timelineRows(run.jobId, index, 1))[0];
    if (at === undefined)
      throw new RewindError('snapshot_not_found', `run ${run.jobId} has no snapshot ${index}`);
    const rows = await this.#store.query<SnapshotRow>(
      `SELECT ${SNAPSHOT} FROM ${this.#store.t('v1_snapshots')} AS s WHERE ${ENTITY} AND s.fold_seq = {seq:UInt64}`,
      { job: run.jobId, type: at.entity_type, id: at.entity_id, seq: at.fold_seq },
    );
    return view(run, rows[0]!, index);
  }

  async history(
    run: RunFacts,
    entity: { type: string; id: string },
    options: { limit: number; afterSeq?: string },
  ): Promise<SnapshotView[]> {
    const after = options.afterSeq === undefined ? '' : 'AND s.fold_seq > {after:UInt64}';
    const rows = await this.#store.query<SnapshotRow>(
      `SELECT ${SNAPSHOT} FROM ${this.#store.t('v1_snapshots')} AS s WHERE ${ENTITY} ${after}
       ORDER BY s.fold_seq LIMIT {limit:UInt32}`,
      { job: run.jobId, ...entity, limit: options.limit, after: options.afterSeq ?? '0' },
    );
    return rows.map((row) => view(run, row, null));
  }

  /** Null: nothing at or before the time. */
  async at(
    run: RunFacts,
    entity: { type: string; id: string },
    timeNs: bigint,
  ): Promise<SnapshotView | null> {
    const rows = await this.#store.query<SnapshotRow>(
      `SELECT ${SNAPSHOT} FROM ${this.#store.t('v1_snapshots')} AS s
       WHERE ${ENTITY} AND s.occurred_at <= fromUnixTimestamp64Nano({time:Int64}, 'UTC') ORDER BY s.fold_seq DESC LIMIT 1`,
      { job: run.jobId, ...entity, time: timeNs.toString() },
    );
    return rows[0] === undefined ? null : view(run, rows[0], null);
  }

  async deadLetters(
    jobId: string,
    options: { limit: number; cursor?: string },
  ): Promise<Page<DeadLetterView>> {
    const skip = parseSkip(options.cursor);
    const rows = await this.#store.query<Record<string, string> & { partition: number }>(
      `SELECT kind, stage, error_code, error, event_id, entity_type, entity_id,
         toString(toUnixTimestamp64Nano(occurred_at)) AS ns, topic_id, partition, toString(offset) AS offset
       FROM ${this.#store.t('v1_dead_letters')} AS d WHERE d.job_id = {job:String}
       ORDER BY d.kind, d.topic_id, d.partition, d.offset, d.n, d.entity_id LIMIT {limit:UInt32} OFFSET {skip:UInt64}`,
      { job: jobId, limit: options.limit, skip },
    );
    const items = rows.map((row) => ({
      kind: row.kind as DeadLetterView['kind'],
      stage: row.stage!,
      code: row.error_code as ErrorCode,
      error: row.error!,
      eventId: row.event_id!,
      entityType: row.entity_type!,
      entityId: row.entity_id!,
      timestamp: formatRfc3339Ns(BigInt(row.ns!)),
      topicId: row.topic_id!,
      partition: row.partition,
      offset: row.offset!,
    }));
    return { items, next: items.length < options.limit ? null : String(skip + items.length) };
  }

  /** All snapshots of a run as NDJSON, in timeline order. */
  async export(jobId: string): Promise<Readable> {
    return this.#store.streamFormat(
      `SELECT * FROM ${this.#store.t('v1_snapshots')} WHERE job_id = {job:String}
       ORDER BY occurred_at, event_id, n`,
      'JSONEachRow',
      { job: jobId },
    );
  }

  /** Rows of the timeline from an index on: the sparse index says where to start reading. */
  async #timelineRows(jobId: string, from: number, limit: number): Promise<TimelineRow[]> {
    const marks = await this.#store.query<{
      idx: string;
      ns: string;
      event_id: string;
      n: number;
    }>(
      `SELECT toString(idx) AS idx, ${KEY} FROM ${this.#store.t('v1_timeline_index')} AS i
       WHERE job_id = {job:String} AND i.idx <= {from:UInt64} ORDER BY i.idx DESC LIMIT 1`,
      { job: jobId, from },
    );
    const mark = marks[0];
    if (mark === undefined) return [];
    return this.#store.query<TimelineRow>(
      `SELECT ${KEY}, event_type, entity_type, entity_id, toString(fold_seq) AS fold_seq, changes
       FROM ${this.#store.t('v1_timeline')} AS t
       WHERE job_id = {job:String} AND occurred_at >= fromUnixTimestamp64Nano({ns:Int64}, 'UTC')
         AND (occurred_at, t.event_id, t.n) >=
           (fromUnixTimestamp64Nano({ns:Int64}, 'UTC'), {event:String}, {n:UInt16})
       ORDER BY occurred_at, t.event_id, t.n LIMIT {limit:UInt32} OFFSET {skip:UInt32}`,
      {
        job: jobId,
        ns: mark.ns,
        event: mark.event_id,
        n: mark.n,
        limit,
        skip: from - Number(mark.idx),
      },
    );
  }
}

function view(run: RunFacts, row: SnapshotRow, index: number | null): SnapshotView {
  return {
    id: snapshotId(run.jobId, row),
    jobId: run.jobId,
    index,
    foldSeq: row.fold_seq,
    eventId: row.event_id,
    eventType: row.event_type,
    timestamp: formatRfc3339Ns(BigInt(row.ns)),
    entityType: row.entity_type,
    entityId: row.entity_id,
    stateBeforeJson: row.state_before,
    stateAfterJson: row.state_after,
    diffJson: row.diff,
    exists: row.exists === 1,
    topic: run.topics.get(row.topic_id) ?? row.topic_id,
    partition: row.partition,
    offset: row.offset,
    createdAt: run.createdAt,
  };
}

/** The same run and source coordinates always give the same id, on every fold. */
function snapshotId(jobId: string, row: SnapshotRow): string {
  const hash = createHash('sha256')
    .update(`${jobId}/${row.topic_id}/${row.partition}/${row.offset}/${row.n}`)
    .digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

function parseSkip(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d{1,12}$/.test(cursor))
    throw new RewindError('cursor_invalid', 'this cursor is not one that a page gave');
  return Number(cursor);
}
