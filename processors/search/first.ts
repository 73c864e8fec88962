/**
 * The first event of a run after which conditions hold: of an entity, or of all entities. Rows that the SQL lets through come as
 * a stream and are decided here, up to a limit.
 */
import { RewindError } from '../../schemas/errors.js';
import { unquote } from '../sources/json-text.js';
import type { Entity, RunFacts } from '../store/run-results.js';
import type { QueryOptions, Store } from '../store/store.js';
import type { TimelineFilters, TimelineKey } from '../store/timeline-filters.js';
import { holds, valueAt } from './evaluate.js';
import { type Narrowing, narrow } from './narrow.js';
import type { Condition } from './predicate.js';

/** A snapshot of the run. */
export interface Found extends TimelineKey {
  readonly entity_type: string;
  readonly entity_id: string;
  readonly fold_seq: string;
}

interface Row extends Found {
  values: string[];
}

const COLUMNS = `s.entity_type AS entity_type, s.entity_id AS entity_id, toString(s.fold_seq) AS fold_seq,
   toString(toUnixTimestamp64Nano(s.occurred_at)) AS ns, s.event_id AS event_id, s.n AS n`;
const COUNTS = 's.job_id = {job:String} AND s.claim IN {claims:Array(UInt64)}';
const OF_ENTITY = `s.entity_hash = sipHash64({type:String}, {id:String}) AND s.entity_type = {type:String} AND s.entity_id = {id:String}`;
const TIME = (name: string) => `fromUnixTimestamp64Nano({${name}:Int64}, 'UTC')`;
const IN_ORDER: QueryOptions = { settings: { optimize_read_in_order: 1, max_threads: 1 } };

export class FirstMatch {
  readonly #store: Store;
  readonly #rowsMax: number;

  /** `store` may be one that only reads. */
  constructor(store: Store, rowsMax: number) {
    this.#store = store;
    this.#rowsMax = rowsMax;
  }

  /** In the entity's fold order. Null: never. Rejects with search_too_large, field_invalid (a wrong expression). */
  async ofEntity(
    run: RunFacts,
    entity: Entity,
    conditions: readonly Condition[],
    afterSeq: string | undefined,
  ): Promise<Found | null> {
    await this.#checkExpressions(conditions);
    const narrowed = narrow(conditions);
    const batches = this.#batches(
      `SELECT ${COLUMNS}, ${narrowed.values} AS values FROM ${this.#snapshots}
       WHERE ${COUNTS} AND ${OF_ENTITY} ${afterSeq === undefined ? '' : 'AND s.fold_seq > {after:UInt64}'} AND ${narrowed.sql}
       ORDER BY s.fold_seq`,
      { ...paramsOf(run), ...entity, ...narrowed.params, after: afterSeq ?? '0' },
    );
    for await (const rows of batches) {
      const [found] = await this.#matching(conditions, rows);
      if (found !== undefined) return found;
    }
    return null;
  }

  /** In order of time, of the entities and events that pass the filters. The same rejections. */
  async ofRun(
    run: RunFacts,
    conditions: readonly Condition[],
    filters: Omit<TimelineFilters, 'field'>,
  ): Promise<Found | null> {
    await this.#checkExpressions(conditions);
    const narrowed = narrow(conditions);
    const where = `${COUNTS} AND ${filtered(filters)} AND ${narrowed.sql}`;
    const params = {
      ...paramsOf(run),
      ...filters,
      eventTypePrefix: filters.eventType?.slice(0, -1) ?? '',
      ...narrowed.params,
    };
    if (!narrowed.exact) return this.#earliest(conditions, narrowed, where, params);
    const rows = await this.#store.query<Row>(
      `SELECT ${COLUMNS} FROM ${this.#snapshots} WHERE ${where} ORDER BY s.occurred_at, s.event_id, s.n LIMIT 1`,
      params,
    );
    return rows[0] ?? null;
  }

  /** Snapshots stand by entity: all of them are looked at, and decided only where they are the earliest so far. */
  async #earliest(
    conditions: readonly Condition[],
    narrowed: Narrowing,
    where: string,
    params: Record<string, unknown>,
  ): Promise<Found | null> {
    let best: Row | null = null;
    const sql = `SELECT ${COLUMNS}, ${narrowed.values} AS values FROM ${this.#snapshots} WHERE ${where}`;
    for await (const rows of this.#batches(sql, params)) {
      const earlier: Row[] = rows.filter((row) => best === null || isEarlier(row, best));
      for (const row of await this.#matching(conditions, earlier))
        if (best === null || isEarlier(row, best)) best = row;
    }
    return best;
  }

  /** Rows as they come; ends the statement when nobody asks for more. */
  async *#batches(sql: string, params: Record<string, unknown>): AsyncGenerator<Row[]> {
    const stream = await this.#store.streamFormat(sql, 'JSONEachRow', params, IN_ORDER);
    try {
      let seen = 0;
      for await (const lines of linesOf(stream)) {
        seen += lines.length;
        if (seen > this.#rowsMax)
          throw new RewindError(
            'search_too_large',
            `more than ${this.#rowsMax} snapshots may be meant, as many as search.rowsMax allows`,
          );
        yield lines.map((line) => JSON.parse(line) as Row);
      }
    } finally {
      stream.destroy();
    }
  }

  /** The rows for which all conditions hold, in their order. */
  async #matching(conditions: readonly Condition[], rows: readonly Row[]): Promise<Row[]> {
    let left = rows.filter((row) =>
      conditions.every((one, i) => one.operator === 'matches' || holds(one, valueAt(one, row.values[i]!))),
    );
    for (const [i, condition] of conditions.entries()) {
      if (condition.operator !== 'matches' || left.length === 0) continue;
      const texts = left.map((row) => textOf(valueAt(condition, row.values[i]!)));
      const matched = await this.#match(condition, [...new Set(texts)]);
      left = left.filter((_, place) => matched.has(texts[place]!));
    }
    return left;
  }

  /** Which of the strings match, by the store's own expressions (RE2), which take time in proportion to the text. */
  async #match(condition: Condition, texts: readonly (string | null)[]): Promise<Set<string | null>> {
    const rows = await this.#store.query<{ text: string }>(
      `SELECT text FROM (SELECT arrayJoin({texts:Array(String)}) AS text) WHERE match(text, {expression:String})`,
      { texts: texts.filter((text) => text !== null), expression: unquote(condition.value) },
      IN_ORDER,
    );
    return new Set(rows.map(({ text }) => text));
  }

  async #checkExpressions(conditions: readonly Condition[]): Promise<void> {
    for (const condition of conditions) {
      if (condition.operator !== 'matches') continue;
      await this.#match(condition, ['']).catch((error: unknown) => {
        if (!(error instanceof RewindError) || error.retryable) throw error;
        throw new RewindError('field_invalid', `where: ${unquote(condition.value)} is no expression of RE2`, {
          pointer: '/where',
          cause: error,
        });
      });
    }
  }

  get #snapshots(): string {
    return `${this.#store.t('snapshots')} AS s`;
  }
}

function filtered(filters: Omit<TimelineFilters, 'field'>): string {
  const { entityType, entityId, eventType, fromNs, toNs } = filters;
  const sql = ['1'];
  if (entityType !== undefined && entityId !== undefined)
    sql.push('s.entity_hash = sipHash64({entityType:String}, {entityId:String})');
  if (entityType !== undefined) sql.push('s.entity_type = {entityType:String}');
  if (entityId !== undefined) sql.push('s.entity_id = {entityId:String}');
  if (eventType?.endsWith('*')) sql.push('startsWith(s.event_type, {eventTypePrefix:String})');
  else if (eventType !== undefined) sql.push('s.event_type = {eventType:String}');
  if (fromNs !== undefined) sql.push(`s.occurred_at >= ${TIME('fromNs')}`);
  if (toNs !== undefined) sql.push(`s.occurred_at <= ${TIME('toNs')}`);
  return sql.join(' AND ');
}

/** Null: no string. */
function textOf(value: string | null): string | null {
  return value?.startsWith('"') ? unquote(value) : null;
}

function isEarlier(a: TimelineKey, b: TimelineKey): boolean {
  if (a.ns !== b.ns) return BigInt(a.ns) < BigInt(b.ns);
  const byId = Buffer.compare(Buffer.from(a.event_id), Buffer.from(b.event_id));
  return byId === 0 ? a.n < b.n : byId < 0;
}

function paramsOf(run: RunFacts) {
  return { job: run.jobId, claims: run.claims.fold.map(BigInt) };
}

/** The lines of each piece of a stream, whole. */
async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  let open: Buffer[] = [];
  for await (const chunk of stream) {
    const end = chunk.lastIndexOf(0x0a);
    if (end < 0) {
      open.push(chunk);
      continue;
    }
    const whole = Buffer.concat([...open, chunk.subarray(0, end)]).toString();
    open = [chunk.subarray(end + 1)];
    yield whole.split('\n');
  }
}
