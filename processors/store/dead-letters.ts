/** Reads of a run's dead letters and of the archived records behind them. */
import type { ErrorCode } from '../../schemas/errors.js';
import type { DeadLetter, DeadLetterFilters } from '../redrive/contract.js';
import type { Page } from '../replay/service.js';
import { formatRfc3339Ns } from '../sources/time.js';
import { parseSkip } from './page-cursor.js';
import { type Clause, PAYLOAD } from './selection.js';
import type { Store } from './store.js';

export interface Letters {
  readonly jobId: string;
  /** Claims under which records were read again (redrive-log.ts), as decimal digits. */
  readonly redriven: readonly string[];
}

interface Row {
  kind: DeadLetter['kind'];
  stage: string;
  error_code: ErrorCode;
  error: string;
  event_id: string;
  entity_type: string;
  entity_id: string;
  ns: string;
  topic_id: string;
  partition: number;
  offset: string;
  n: number;
  schema_id: number;
  redriven: number;
}

/** An archived record, as it was kept. */
export interface KeptRecord {
  topic: string;
  topic_id: string;
  partition: number;
  offset: string;
  ms: string;
  /** Base64, where it is stored. */
  key: string;
  key_is: string;
  value: string;
  value_is: string;
  entity_id: string;
  headers: string;
  schema_id: number;
  payload: string;
}

const ORDER = 'd.kind, d.topic_id, d.partition, d.offset, d.n, d.entity_id';

export class DeadLetterReads {
  readonly #store: Store;

  /** `store` may be one that only reads. */
  constructor(store: Store) {
    this.#store = store;
  }

  async list(
    of: Letters,
    page: DeadLetterFilters & { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<DeadLetter>> {
    const skip = parseSkip(page.cursor);
    const filters = filterClause(page);
    const rows = await this.#select(of, filters, `LIMIT {limit:UInt32} OFFSET {skip:UInt64}`, {
      limit: page.limit,
      skip,
    });
    const items = rows.map(letterOf);
    return { items, next: items.length < page.limit ? null : String(skip + items.length) };
  }

  async get(of: Letters, id: string): Promise<DeadLetter | null> {
    const place = parseLetterId(id);
    if (place === null) return null;
    const sql = `toString(d.kind) = {kind:String} AND d.topic_id = {topicId:String} AND d.partition = {partition:Int32}
      AND d.offset = {offset:UInt64} AND d.n = {n:UInt16}`;
    const rows = await this.#select(of, { sql, params: place }, 'LIMIT 1', {});
    return rows[0] === undefined ? null : letterOf(rows[0]);
  }

  /** The record at the letter's coordinates; null: the archive does not hold it. */
  async record(letter: DeadLetter): Promise<KeptRecord | null> {
    const rows = await this.#store.query<KeptRecord>(
      `SELECT ${RECORD} FROM ${this.#store.t('audit_events')} AS e
       WHERE e.topic_id = {topicId:String} AND e.partition = {partition:Int32} AND e.offset = {offset:UInt64}
       ORDER BY e.error_code = '', e.n LIMIT 1`,
      { topicId: letter.topicId, partition: letter.partition, offset: letter.offset },
    );
    return rows[0] ?? null;
  }

  /** Records of one partition that did not decode, by offset: of those asked for, the ones that these claims hold. */
  failedRecords(
    visible: Clause,
    of: { readonly topicId: string; readonly partition: number; readonly offsets: readonly string[] },
  ): Promise<KeptRecord[]> {
    return this.#store.query<KeptRecord>(
      `SELECT ${RECORD} FROM (
         SELECT * FROM ${this.#store.t('audit_events')}
         WHERE tenant_id = '' AND error_code != '' AND ${visible.sql}
           AND topic_id = {topicId:String} AND partition = {partition:Int32} AND offset IN {offsets:Array(UInt64)}) AS e
       ORDER BY e.offset LIMIT 1 BY e.offset`,
      { ...visible.params, ...of, offsets: of.offsets.map(BigInt) },
    );
  }

  #select(
    { jobId, redriven }: Letters,
    filters: Clause,
    end: string,
    params: Readonly<Record<string, unknown>>,
  ): Promise<Row[]> {
    const isRedriven =
      redriven.length === 0
        ? '0'
        : `(d.topic_id, d.partition, d.offset) IN (SELECT toString(topic_id), partition, offset
             FROM ${this.#store.t('audit_events')} WHERE claim IN {redriven:Array(UInt64)})`;
    return this.#store.query<Row>(
      `SELECT toString(d.kind) AS kind, d.stage AS stage, d.error_code AS error_code, d.error AS error, d.event_id AS event_id,
         d.entity_type AS entity_type, d.entity_id AS entity_id, toString(toUnixTimestamp64Nano(d.occurred_at)) AS ns,
         d.topic_id AS topic_id, d.partition AS partition, toString(d.offset) AS offset, d.n AS n, d.schema_id AS schema_id,
         d.stage = 'decode' AND ${isRedriven} AS redriven
       FROM ${this.#store.t('v1_dead_letters')} AS d WHERE d.job_id = {job:String} AND ${filters.sql}
       ORDER BY ${ORDER} ${end}`,
      { ...filters.params, ...params, job: jobId, redriven: redriven.map(BigInt) },
    );
  }
}

const RECORD = `e.topic AS topic, e.topic_id AS topic_id, e.partition AS partition, toString(e.offset) AS offset,
  toString(toUnixTimestamp64Milli(e.record_time)) AS ms, toString(e.raw_key_is) AS key_is, base64Encode(e.raw_key) AS key,
  toString(e.raw_value_is) AS value_is, base64Encode(e.raw_value) AS value, e.entity_id AS entity_id, e.headers AS headers,
  e.schema_id AS schema_id, ${PAYLOAD} AS payload`;

function filterClause(filters: DeadLetterFilters): Clause {
  const { kind, stage, code, topicId, partition, fromNs, toNs } = filters;
  const conditions = [
    kind === undefined ? '' : 'toString(d.kind) = {kind:String}',
    stage === undefined ? '' : 'd.stage = {stage:String}',
    code === undefined ? '' : 'd.error_code = {code:String}',
    topicId === undefined ? '' : 'd.topic_id = {topicId:String}',
    partition === undefined ? '' : 'd.partition = {partition:Int32}',
    fromNs === undefined ? '' : `d.occurred_at >= fromUnixTimestamp64Nano({fromNs:Int64}, 'UTC')`,
    toNs === undefined ? '' : `d.occurred_at <= fromUnixTimestamp64Nano({toNs:Int64}, 'UTC')`,
  ].filter((one) => one !== '');
  const given = Object.entries({ kind, stage, code, topicId, partition, fromNs, toNs });
  return {
    sql: conditions.length === 0 ? '1' : conditions.join(' AND '),
    params: Object.fromEntries(given.filter(([, value]) => value !== undefined)),
  };
}

function letterOf(row: Row): DeadLetter {
  return {
    id: [row.kind, row.partition, row.offset, row.n, row.topic_id].join('.'),
    kind: row.kind,
    stage: row.stage,
    code: row.error_code,
    error: row.error,
    eventId: row.event_id,
    entityType: row.entity_type,
    entityId: row.entity_id,
    timestamp: formatRfc3339Ns(BigInt(row.ns)),
    topicId: row.topic_id,
    partition: row.partition,
    offset: row.offset,
    schemaId: row.schema_id,
    redriven: row.redriven === 1,
  };
}

function parseLetterId(id: string): Readonly<Record<string, string>> | null {
  const found = /^(failed|conflict)\.(\d{1,10})\.(\d{1,20})\.(\d{1,5})\.(.+)$/s.exec(id);
  if (found === null) return null;
  const [, kind, partition, offset, n, topicId] = found;
  return { kind: kind!, partition: partition!, offset: offset!, n: n!, topicId: topicId! };
}
