/**
 * Reads of a job's decisions. Which claims count is asked of the unit log, as for snapshots (run-results.ts); analysts
 * read v1_decisions, which shows the same rows.
 */
import { type Outcome, TRANSITIONS, type Transition, type TransitionCounts } from '../../schemas/decision.js';
import { RewindError } from '../../schemas/errors.js';
import type { Page } from '../replay/service.js';
import type { Decisions, DecisionView, TransitionReport } from '../rules/decisions.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { JobLog } from './job-log.js';
import { cursorInvalid, parseSkip } from './page-cursor.js';
import type { Store } from './store.js';
import type { UnitLog } from './unit-log.js';

interface Row {
  hash: string;
  entity_type: string;
  entity_id: string;
  seq: string;
  ns: string;
  event_id: string;
  event_type: string;
  topic_id: string;
  partition: number;
  offset: string;
  decision: string;
  error: string;
  before: string;
  before_error: string;
  was: Outcome;
  now: Outcome;
  transition: Transition;
}

interface GroupRow {
  transition: Transition;
  event_type: string;
  was: Outcome;
  now: Outcome;
  count: string;
}

const COLUMNS = `toString(d.entity_hash) AS hash, d.entity_type AS entity_type, d.entity_id AS entity_id,
  toString(d.fold_seq) AS seq, toString(toUnixTimestamp64Nano(d.occurred_at)) AS ns, d.event_id AS event_id,
  d.event_type AS event_type, d.topic_id AS topic_id, d.partition AS partition, toString(d.offset) AS offset,
  d.decision AS decision, d.error AS error, d.before AS before, d.before_error AS before_error, d.was AS was,
  d.now AS now, d.transition AS transition`;
const COUNTS = 'd.job_id = {job:String} AND d.claim IN {claims:Array(UInt64)}';
/** Place of a transition in the order that people want. */
const RANK = `indexOf({transitions:Array(String)}, toString(d.transition))`;

export interface DecisionPage {
  readonly limit: number;
  readonly cursor?: string;
  readonly transition?: Transition;
}

export class DecisionResults implements Decisions {
  readonly #store: Store;
  readonly #jobLog: JobLog;
  readonly #unitLog: UnitLog;

  /** `store` may be one that only reads. */
  constructor(store: Store, jobLog: JobLog, unitLog: UnitLog) {
    this.#store = store;
    this.#jobLog = jobLog;
    this.#unitLog = unitLog;
  }

  async list(tenantId: string, jobId: string, options: DecisionPage): Promise<Page<DecisionView>> {
    return this.page(jobId, (await this.#params(tenantId, jobId)).claims, options);
  }

  /** Of any run of decisions, by the claims that count. */
  async page(
    jobId: string,
    claims: readonly (string | bigint)[],
    options: DecisionPage,
  ): Promise<Page<DecisionView>> {
    const { limit, cursor, transition } = options;
    const after = cursor === undefined ? null : parseCursor(cursor);
    const key = 'd.entity_hash, d.entity_type, d.entity_id, d.fold_seq';
    const rows = await this.#store.query<Row>(
      `SELECT ${COLUMNS} FROM ${this.#table} WHERE ${COUNTS}
         ${transition === undefined ? '' : 'AND d.transition = {transition:String}'}
         ${after === null ? '' : `AND d.entity_hash >= {hash:UInt64} AND (${key}) > ({hash:UInt64}, {type:String}, {id:String}, {seq:UInt64})`}
       ORDER BY d.job_id, ${key} LIMIT {limit:UInt32}`,
      { job: jobId, claims: claims.map(BigInt), ...after, limit, transition: transition ?? '' },
      { settings: { optimize_read_in_order: 1 } },
    );
    const last = rows.length < limit ? undefined : rows.at(-1);
    return {
      items: rows.map((row) => view(jobId, row)),
      next: last === undefined ? null : formatCursor(last),
    };
  }

  async transitions(
    tenantId: string,
    jobId: string,
    options: { limit: number; cursor?: string; samples: number },
  ): Promise<TransitionReport> {
    const skip = parseSkip(options.cursor);
    const params = { ...(await this.#params(tenantId, jobId)), transitions: TRANSITIONS };
    const [totals, groups] = await Promise.all([
      this.#totals(params),
      this.#store.query<GroupRow>(
        `SELECT d.transition AS transition, d.event_type AS event_type, d.was AS was, d.now AS now,
           toString(count()) AS count FROM ${this.#table} WHERE ${COUNTS}
         GROUP BY d.transition, d.event_type, d.was, d.now
         ORDER BY ${RANK}, count() DESC, d.event_type, d.was, d.now LIMIT {limit:UInt32} OFFSET {skip:UInt64}`,
        { ...params, limit: options.limit, skip },
      ),
    ]);
    const samples = await this.#samples(jobId, params, groups, options.samples);
    return {
      totals,
      decided: TRANSITIONS.reduce((sum, name) => sum + totals[name], 0),
      groups: {
        items: groups.map((group) => ({
          transition: group.transition,
          eventType: group.event_type,
          was: group.was,
          now: group.now,
          count: Number(group.count),
          samples: samples.get(groupKey(group)) ?? [],
        })),
        next: groups.length < options.limit ? null : String(skip + groups.length),
      },
    };
  }

  async #totals(params: Record<string, unknown>): Promise<TransitionCounts> {
    const rows = await this.#store.query<{ name: Transition; count: string }>(
      `SELECT d.transition AS name, toString(count()) AS count FROM ${this.#table} WHERE ${COUNTS} GROUP BY name`,
      params,
    );
    const counted = new Map(rows.map((row) => [row.name, Number(row.count)]));
    return Object.fromEntries(TRANSITIONS.map((name) => [name, counted.get(name) ?? 0])) as Record<
      Transition,
      number
    >;
  }

  /** The first decisions of each group by event time; one pass, with as many rows kept as are shown. */
  async #samples(
    jobId: string,
    params: Record<string, unknown>,
    groups: readonly GroupRow[],
    samples: number,
  ): Promise<Map<string, DecisionView[]>> {
    const byGroup = new Map<string, DecisionView[]>();
    if (groups.length === 0 || samples === 0) return byGroup;
    const rows = await this.#store.query<Row>(
      `SELECT ${COLUMNS} FROM ${this.#table}
       WHERE ${COUNTS} AND (${GROUP}, d.occurred_at, d.event_id, d.n) IN (
         SELECT key, first.1, first.2, first.3 FROM (
           SELECT ${GROUP} AS key, arrayJoin(groupArraySorted(${samples})((d.occurred_at, d.event_id, d.n))) AS first
           FROM ${this.#table} WHERE ${COUNTS} AND has({groups:Array(String)}, key) GROUP BY key))
       ORDER BY d.occurred_at, d.event_id, d.n, d.entity_id LIMIT {most:UInt32}`,
      { ...params, groups: groups.map(groupKey), most: groups.length * samples },
    );
    for (const row of rows) {
      const key = groupKey(row);
      const known = byGroup.get(key);
      if (known === undefined) byGroup.set(key, [view(jobId, row)]);
      else if (known.length < samples) known.push(view(jobId, row));
    }
    return byGroup;
  }

  /** Rejects with job_not_found: nobody reads the decisions of another tenant's job. */
  async #params(tenantId: string, jobId: string): Promise<{ job: string; claims: bigint[] }> {
    const job = await this.#jobLog.read(tenantId, jobId);
    if (job === null) throw new RewindError('job_not_found', 'this tenant has no such job');
    const claims: bigint[] = [];
    for (const { sealed, segments } of (await this.#unitLog.readScope(jobId, 'fold/')).values())
      if (sealed) for (const { claim } of segments) claims.push(BigInt(claim));
    return { job: jobId, claims };
  }

  get #table(): string {
    return `${this.#store.t('decisions')} AS d`;
  }
}

/** As groupKey writes it. */
const GROUP = `concat(d.transition, '\\n', d.was, '\\n', d.now, '\\n', d.event_type)`;

function groupKey(group: Pick<GroupRow, 'transition' | 'was' | 'now' | 'event_type'>): string {
  return `${group.transition}\n${group.was}\n${group.now}\n${group.event_type}`;
}

function view(jobId: string, row: Row): DecisionView {
  const present = (text: string): string | null => (text === '' ? null : text);
  return {
    jobId,
    eventId: row.event_id,
    eventType: row.event_type,
    timestamp: formatRfc3339Ns(BigInt(row.ns)),
    entityType: row.entity_type,
    entityId: row.entity_id,
    foldSeq: row.seq,
    topicId: row.topic_id,
    partition: row.partition,
    offset: row.offset,
    decisionJson: present(row.decision),
    error: present(row.error),
    beforeJson: present(row.before),
    beforeError: present(row.before_error),
    was: row.was,
    now: row.now,
    transition: row.transition,
  };
}

/** The key of the last row of a page. */
function formatCursor(row: Row): string {
  return Buffer.from(JSON.stringify([row.hash, row.entity_type, row.entity_id, row.seq])).toString(
    'base64url',
  );
}

function parseCursor(cursor: string): { hash: string; type: string; id: string; seq: string } {
  try {
    const parts = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const [hash, type, id, seq] = parts;
    const digits = (value: unknown): value is string =>
      typeof value === 'string' && /^\d{1,20}$/.test(value) && BigInt(value) < 1n << 64n;
    if (
      parts.length === 4 &&
      digits(hash) &&
      typeof type === 'string' &&
      typeof id === 'string' &&
      digits(seq)
    )
      return { hash, type, id, seq };
  } catch {
    // Falls through: whatever is wrong with it, it is no cursor of ours.
  }
  throw cursorInvalid();
}
