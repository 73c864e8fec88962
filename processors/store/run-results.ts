/**
 * Reads of finished (or running) runs: timeline pages, snapshots by index, the history of an entity, dead letters. Which
 * claims count is asked of the unit log once and kept for a finished run, instead of being worked out again by the views
 * for every request; what is shown is the same, and the oracle runs compare both.
 * Times cross as integers of nanoseconds; states and diffs stay text.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { RewindError } from '../../schemas/errors.js';
import type { SnapshotView, TimelineEntry } from '../replay/service.js';
import { type StoredState, snapshotTexts } from '../snapshots/snapshot-text.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { Store } from './store.js';

/** What a result needs to know of its run. */
export interface RunFacts {
  readonly jobId: string;
  readonly createdAt: string;
  readonly topics: ReadonlyMap<string, string>;
  readonly claims: RunClaims;
  /** The run goes on from another one: its entities begin with states of entity_states. */
  readonly based: boolean;
}

/** The claims whose rows show. */
export interface RunClaims {
  /** Of sealed fold units: snapshots and timeline. */
  readonly fold: readonly string[];
  /** Of the seal: the timeline's index. */
  readonly seal: readonly string[];
}

export interface TimelineRow {
  ns: string;
  event_id: string;
  n: number;
  event_type: string;
  entity_type: string;
  entity_id: string;
  fold_seq: string;
  changes: number;
}

export interface SnapshotRow extends Omit<TimelineRow, 'changes'>, StoredState {
  topic_id: string;
  partition: number;
  offset: string;
  exists: number;
}

/** No two snapshots of a run share it. */
export const KEY = 'toString(toUnixTimestamp64Nano(occurred_at)) AS ns, event_id, n';
export const SNAPSHOT = `${KEY}, event_type, entity_type, entity_id, toString(fold_seq) AS fold_seq, topic_id, partition,
  toString(offset) AS offset, exists, shape, state`;
export const COUNTS = 'job_id = {job:String} AND claim IN {claims:Array(UInt64)}';
/** Columns are qualified: ClickHouse would take the text aliases of the lists above instead. */
const ENTITY = `s.${COUNTS} AND s.entity_hash = sipHash64({type:String}, {id:String})
  AND s.entity_type = {type:String} AND s.entity_id = {id:String}`;
/** A request reads a few granules: threads would only wait for each other. */
const OPTIONS = { settings: { max_threads: 1 } };

/** A timeline page starts at most this many rows after an indexed row. */
export const TIMELINE_INDEX_STEP = 1024;

export class RunResults {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async timeline(run: RunFacts, from: number, limit: number): Promise<TimelineEntry[]> {
    const rows = await this.timelineRows(run, from, limit);
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
    const at = (await this.timelineRows(run, index, 1))[0];
    if (at === undefined)
      throw new RewindError('snapshot_not_found', `run ${run.jobId} has no snapshot ${index}`);
    return this.snapshotAt(run, { type: at.entity_type, id: at.entity_id }, at.fold_seq, index);
  }

  async history(
    run: RunFacts,
    entity: Entity,
    options: { limit: number; afterSeq?: string },
  ): Promise<SnapshotView[]> {
    const { limit, afterSeq } = options;
    const first =
      afterSeq === undefined
        ? ''
        : `SELECT ${SNAPSHOT} FROM ${this.#snapshots} WHERE ${ENTITY}
      AND s.fold_seq <= {after:UInt64} ORDER BY s.fold_seq DESC LIMIT 1 UNION ALL `;
    const after = afterSeq === undefined ? '' : 'AND s.fold_seq > {after:UInt64}';
    const rows = await this.#store.query<SnapshotRow>(
      `SELECT * FROM (${first}SELECT ${SNAPSHOT} FROM ${this.#snapshots} WHERE ${ENTITY} ${after}
         ORDER BY s.fold_seq LIMIT {limit:UInt32}) ORDER BY toUInt64(fold_seq)`,
      { ...entityParams(run, entity), limit, after: afterSeq ?? '0' },
      OPTIONS,
    );
    const before = await this.#stateBefore(run, entity);
    const views = rows.map((row, i) => snapshotView(run, row, rows[i - 1] ?? before, null));
    return afterSeq !== undefined && BigInt(rows[0]?.fold_seq ?? -1n) <= BigInt(afterSeq)
      ? views.slice(1)
      : views;
  }

  /** Null: nothing at or before the time. */
  async at(run: RunFacts, entity: Entity, timeNs: bigint): Promise<SnapshotView | null> {
    const rows = await this.#store.query<{ seq: string; count: string }>(
      `SELECT toString(max(s.fold_seq)) AS seq, toString(count()) AS count FROM ${this.#snapshots}
       WHERE ${ENTITY} AND s.occurred_at <= fromUnixTimestamp64Nano({time:Int64}, 'UTC')`,
      { ...entityParams(run, entity), time: timeNs.toString() },
      OPTIONS,
    );
    return rows[0]!.count === '0' ? null : this.snapshotAt(run, entity, rows[0]!.seq, null);
  }

  /** The entity's snapshot at a place of its fold order, or the last one before it. */
  async snapshotAt(run: RunFacts, entity: Entity, seq: string, index: number | null): Promise<SnapshotView> {
    const rows = await this.#store.query<SnapshotRow>(
      `SELECT ${SNAPSHOT} FROM ${this.#snapshots} WHERE ${ENTITY} AND s.fold_seq <= {seq:UInt64}
       ORDER BY s.fold_seq DESC LIMIT 2`,
      { ...entityParams(run, entity), seq },
      OPTIONS,
    );
    return snapshotView(run, rows[0]!, rows[1] ?? (await this.#stateBefore(run, entity)), index);
  }

  /** What an entity of an incremental run begins with; null: nothing. */
  async #stateBefore(run: RunFacts, entity: Entity): Promise<StoredState | null> {
    if (!run.based) return null;
    const rows = await this.#store.query<StoredState>(
      `SELECT shape, state FROM ${this.#store.t('entity_states')}
       WHERE scope = {job:String} AND generation = 0 AND entity_hash = sipHash64({type:String}, {id:String})
         AND entity_type = {type:String} AND entity_id = {id:String} AND claim IN {claims:Array(UInt64)}`,
      entityParams(run, entity),
      OPTIONS,
    );
    return rows[0] ?? null;
  }

  get #snapshots(): string {
    return `${this.#store.t('snapshots')} AS s`;
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

  /** Rows of the timeline from an index on: the sparse index says where to start reading, and where to end. */
  async timelineRows(run: RunFacts, from: number, limit: number): Promise<TimelineRow[]> {
    const marks = await this.#store.query<{ idx: string; ns: string; event_id: string; n: number }>(
      `SELECT toString(i.idx) AS idx, ${KEY} FROM ${this.#store.t('timeline_index')} AS i
       WHERE i.${COUNTS} AND (i.idx > {from:UInt64} - {step:UInt32} AND i.idx <= {from:UInt64} OR i.idx >= {to:UInt64} AND i.idx < {to:UInt64} + {step:UInt32})
       ORDER BY i.idx LIMIT 2`,
      {
        job: run.jobId,
        claims: run.claims.seal.map(BigInt),
        from,
        to: from + limit,
        step: TIMELINE_INDEX_STEP,
      },
      OPTIONS,
    );
    const [mark, end] = marks;
    if (mark === undefined || Number(mark.idx) > from) return [];
    const until = end === undefined ? '' : `AND t.occurred_at <= fromUnixTimestamp64Nano({end:Int64}, 'UTC')`;
    return this.#store.query<TimelineRow>(
      `SELECT ${KEY}, event_type, entity_type, entity_id, toString(fold_seq) AS fold_seq, changes
       FROM ${this.#store.t('snapshot_timeline')} AS t
       WHERE t.${COUNTS} AND t.occurred_at >= fromUnixTimestamp64Nano({ns:Int64}, 'UTC') ${until}
         AND (t.occurred_at, t.event_id, t.n) >=
           (fromUnixTimestamp64Nano({ns:Int64}, 'UTC'), {event:String}, {n:UInt16})
       ORDER BY t.occurred_at, t.event_id, t.n LIMIT {limit:UInt32} OFFSET {skip:UInt32}`,
      {
        job: run.jobId,
        claims: run.claims.fold.map(BigInt),
        ns: mark.ns,
        end: end?.ns ?? '0',
        event: mark.event_id,
        n: mark.n,
        limit,
        skip: from - Number(mark.idx),
      },
      // The page lies in as many parts as the run has: here a second thread helps.
      {},
    );
  }
}

export interface Entity {
  readonly type: string;
  readonly id: string;
}

function entityParams(run: RunFacts, entity: Entity) {
  return { job: run.jobId, claims: run.claims.fold.map(BigInt), type: entity.type, id: entity.id };
}

export function snapshotView(
  run: RunFacts,
  row: SnapshotRow,
  earlier: StoredState | null,
  index: number | null,
): SnapshotView {
  const texts = snapshotTexts(row, earlier);
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
    stateBeforeJson: texts.before,
    stateAfterJson: texts.after,
    diffJson: texts.diff,
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
