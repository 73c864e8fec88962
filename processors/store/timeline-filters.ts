/**
 * The timeline of a run, narrowed: the rows that pass, each with its index in the whole timeline, and where a time lies in
 * it. The timeline stands in its own order, so a page is one read from the indexed row before its start, up to its last row.
 */
import type { TimelineEntry } from '../replay/service.js';
import { formatRfc3339Ns } from '../sources/time.js';
import { KEY, type RunFacts, TIMELINE_INDEX_STEP, type TimelineRow } from './run-results.js';
import type { Clause } from './selection.js';
import type { Store } from './store.js';

/** All given ones must hold. Times are nanoseconds, both ends included. */
export interface TimelineFilters {
  readonly entityType?: string;
  readonly entityId?: string;
  /** With a trailing `*`: all that begin like this. */
  readonly eventType?: string;
  readonly fromNs?: string;
  readonly toNs?: string;
  /** Name of a field that changed. */
  readonly field?: string;
}

/** Key of a row of the timeline; no two rows of a run share it. */
export interface TimelineKey {
  readonly ns: string;
  readonly event_id: string;
  readonly n: number;
}

interface Mark extends TimelineKey {
  readonly idx: string;
}

const COUNTS = 't.job_id = {job:String} AND t.claim IN {claims:Array(UInt64)}';
const TIME = (name: string) => `fromUnixTimestamp64Nano({${name}:Int64}, 'UTC')`;
const AT = `(t.occurred_at, t.event_id, t.n)`;
/** Rows are numbered in the order in which they stand, by one thread; a set of changes goes no further than this. */
const NUMBERED = { max_threads: 1, query_plan_remove_redundant_sorting: 0, max_bytes_in_set: 256 * 2 ** 20 };

export class TimelineReads {
  readonly #store: Store;

  /** `store` may be one that only reads. */
  constructor(store: Store) {
    this.#store = store;
  }

  /** The first rows at or behind an index that pass the filters. Empty for a run that is not finished. */
  async filtered(
    run: RunFacts,
    page: { readonly from: number; readonly limit: number },
    filters: TimelineFilters,
  ): Promise<TimelineEntry[]> {
    const from = filters.fromNs === undefined ? 0 : await this.indexAt(run, BigInt(filters.fromNs));
    const first = Math.max(page.from, from);
    const mark = await this.#mark(run, 'i.idx <= {first:UInt64}', { first });
    if (mark === null) return [];
    const { sql, params } = filterClause(filters, this.#store);
    const until = filters.toNs === undefined ? '' : `AND t.occurred_at <= ${TIME('toNs')}`;
    const rows = await this.#store.query<TimelineRow & { idx: string }>(
      `SELECT toString(r.idx) AS idx, toString(toUnixTimestamp64Nano(r.occurred_at)) AS ns, r.event_id AS event_id, r.n AS n,
         r.event_type AS event_type, r.entity_type AS entity_type, r.entity_id AS entity_id,
         toString(r.fold_seq) AS fold_seq, r.changes AS changes
       FROM (
         SELECT *, {mark:UInt64} + rowNumberInAllBlocks() AS idx FROM (
           SELECT t.occurred_at, t.event_id, t.n, t.event_type, t.entity_type, t.entity_id, t.fold_seq, t.changes
           FROM ${this.#store.t('snapshot_timeline')} AS t
           WHERE ${COUNTS} AND t.occurred_at >= ${TIME('markNs')} AND ${AT} >= (${TIME('markNs')}, {markEvent:String}, {markN:UInt16}) ${until}
           ORDER BY t.job_id, t.occurred_at, t.event_id, t.n)) AS r
       WHERE r.idx >= {first:UInt64} AND ${sql} LIMIT {limit:UInt32}`,
      {
        ...paramsOf(run),
        ...markParams(mark),
        ...params,
        first,
        limit: page.limit,
        toNs: filters.toNs ?? '0',
      },
      { settings: NUMBERED },
    );
    return rows.map(entryOf);
  }

  /** Index of the first row at or behind a time: the number of rows before it. */
  async indexAt(run: RunFacts, ns: bigint): Promise<number> {
    const time = { ns: ns.toString() };
    const mark = await this.#mark(run, `i.occurred_at < ${TIME('ns')}`, time);
    return mark === null ? 0 : this.#countFrom(run, mark, `t.occurred_at < ${TIME('ns')}`, time);
  }

  /** Index of a row of the run. */
  async indexOf(run: RunFacts, key: TimelineKey): Promise<number> {
    const [marked, before] = ['i', 't'].map(
      (from) =>
        `(${from}.occurred_at, ${from}.event_id, ${from}.n) < (${TIME('ns')}, {event:String}, {n:UInt16})`,
    );
    const params = { ns: key.ns, event: key.event_id, n: key.n };
    const mark = await this.#mark(run, marked!, params);
    return mark === null
      ? 0
      : this.#countFrom(run, mark, `t.occurred_at <= ${TIME('ns')} AND ${before!}`, params);
  }

  /** The last indexed row that the condition holds for. */
  async #mark(run: RunFacts, condition: string, params: Record<string, unknown>): Promise<Mark | null> {
    const rows = await this.#store.query<Mark>(
      `SELECT toString(i.idx) AS idx, ${KEY} FROM ${this.#store.t('timeline_index')} AS i
       WHERE i.job_id = {job:String} AND i.claim IN {claims:Array(UInt64)} AND ${condition}
       ORDER BY i.idx DESC LIMIT 1`,
      { ...params, job: run.jobId, claims: run.claims.seal.map(BigInt) },
      { settings: { max_threads: 1 } },
    );
    return rows[0] ?? null;
  }

  /** Index behind the rows from the mark on that the condition holds for: at most a step of the index. */
  async #countFrom(
    run: RunFacts,
    mark: Mark,
    condition: string,
    params: Record<string, unknown>,
  ): Promise<number> {
    const rows = await this.#store.query<{ count: string }>(
      `SELECT toString(count()) AS count FROM (
         SELECT 1 FROM ${this.#store.t('snapshot_timeline')} AS t
         WHERE ${COUNTS} AND t.occurred_at >= ${TIME('markNs')}
           AND ${AT} >= (${TIME('markNs')}, {markEvent:String}, {markN:UInt16}) AND ${condition}
         LIMIT ${TIMELINE_INDEX_STEP})`,
      { ...paramsOf(run), ...markParams(mark), ...params },
    );
    return Number(mark.idx) + Number(rows[0]!.count);
  }
}

/** On rows of the timeline, as `r`. */
function filterClause(filters: TimelineFilters, store: Store): Clause {
  const { entityType, entityId, eventType, field } = filters;
  const sql: string[] = ['1'];
  const entity: string[] = [];
  if (entityType !== undefined) entity.push('entity_type = {entityType:String}');
  if (entityId !== undefined) entity.push('entity_id = {entityId:String}');
  if (entityType !== undefined && entityId !== undefined)
    entity.push('entity_hash = sipHash64({entityType:String}, {entityId:String})');
  sql.push(...entity.slice(0, 2).map((condition) => `r.${condition}`));
  if (eventType?.endsWith('*')) sql.push('startsWith(r.event_type, {eventTypePrefix:String})');
  else if (eventType !== undefined) sql.push('r.event_type = {eventType:String}');
  if (field !== undefined)
    sql.push(`r.changes > 0 AND (toString(r.entity_type), r.entity_id, r.fold_seq) IN (
      SELECT toString(c.entity_type), c.entity_id, c.fold_seq FROM ${store.t('v1_field_changes')} AS c
      WHERE c.job_id = {job:String} AND c.field = {field:String} AND c.occurred_at >= ${TIME('markNs')}
        ${entity.map((condition) => `AND c.${condition}`).join(' ')})`);
  return { sql: sql.join(' AND '), params: { ...filters, eventTypePrefix: eventType?.slice(0, -1) ?? '' } };
}

function paramsOf(run: RunFacts) {
  return { job: run.jobId, claims: run.claims.fold.map(BigInt) };
}

function markParams(mark: Mark) {
  return { mark: mark.idx, markNs: mark.ns, markEvent: mark.event_id, markN: mark.n };
}

function entryOf(row: TimelineRow & { idx: string }): TimelineEntry {
  return {
    index: Number(row.idx),
    eventId: row.event_id,
    eventType: row.event_type,
    timestamp: formatRfc3339Ns(BigInt(row.ns)),
    entityType: row.entity_type,
    entityId: row.entity_id,
    changes: row.changes,
  };
}
