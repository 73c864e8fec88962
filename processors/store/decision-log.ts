/**
 * The archive's decisions in log order: which batches there are, and the rows of one. Only rows that count: under the
 * claims of the archive, and of a decision that was sent twice the first.
 */
import { ARCHIVE_SCOPE } from '../collect/layout.js';
import type { BatchRange } from '../logreplay/batch.js';
import type { LoggedRow } from '../logreplay/decision.js';
import type { Scope } from '../logreplay/scope.js';
import { type ClaimRange, clipSegments, coveredRanges } from '../replay/segments.js';
import { type Clause, PAYLOAD, visibleClause } from './selection.js';
import type { QueryOptions, Store } from './store.js';
import type { UnitLog } from './unit-log.js';

/** An aligned slot of a partition that holds decisions of the tenant. */
export interface DecisionSlot extends BatchRange {
  /** Whether any of its decisions can be in scope. */
  readonly matches: boolean;
  /** Parts of the slot that the archive holds. */
  readonly covered: readonly (readonly [bigint, bigint])[];
}

export interface FrozenRows {
  rows(batch: BatchRange, options: QueryOptions): Promise<LoggedRow[]>;
}

/** What the log held when a replay began; later rows belong to the next one. */
export interface DecisionView extends FrozenRows {
  /** The newest decisions first. */
  readonly slots: readonly DecisionSlot[];
}

interface SlotRow {
  readonly topic_id: string;
  readonly partition: number;
  readonly slot: string;
  readonly matching: string;
}

const OFFSETS_END = 1n << 63n;
/** Decisions that were sent more than once; beyond it further ones count each time they were sent. */
const REPEATED_MAX = 1_000_000;

export class DecisionLog {
  readonly #store: Store;
  readonly #unitLog: UnitLog;

  constructor(store: Store, unitLog: UnitLog) {
    this.#store = store;
    this.#unitLog = unitLog;
  }

  /** The revisions of a path's decisions, the one seen last first. */
  async revisions(tenantId: string, path: readonly string[], limit: number): Promise<string[]> {
    const scope: Scope = { path, fromNs: null, toNs: null, revisions: null };
    const clause = scopesClause([scope]);
    const rows = await this.#store.query<{ revision: string }>(
      `SELECT revision FROM ${this.#store.t('policy_decisions')}
       WHERE tenant_id = {tenantId:String} AND (${clause.sql})
       GROUP BY revision ORDER BY max(occurred_at) DESC, revision LIMIT {limit:UInt32}`,
      { tenantId, limit, ...clause.params },
    );
    return rows.map((row) => row.revision);
  }

  async view(
    tenantId: string,
    scopes: readonly Scope[],
    options: { readonly slotOffsets: number; readonly slotsMax: number } & QueryOptions,
  ): Promise<DecisionView> {
    const { slotOffsets, slotsMax, ...limits } = options;
    const claims = await this.#claims();
    const table = this.#store.t('policy_decisions');
    const visible = visibleAt(claims);
    const scoped = scopesClause(scopes);
    const slots = await this.#store.query<SlotRow>(
      `SELECT topic_id, partition, toString(intDiv(offset, {size:UInt64})) AS slot,
         toString(countIf(${scoped.sql})) AS matching
       FROM ${table} WHERE tenant_id = {tenantId:String} AND ${visible.sql}
       GROUP BY topic_id, partition, slot
       ORDER BY max(occurred_at) DESC, topic_id, partition, slot LIMIT {slotsMax:UInt32}`,
      { ...visible.params, ...scoped.params, tenantId, size: slotOffsets, slotsMax },
      limits,
    );
    return {
      slots: slots.map((row) => slotOf(row, BigInt(slotOffsets), claims)),
      ...(await this.#rowsAt(tenantId, claims, limits)),
    };
  }

  async #rows(
    tenantId: string,
    batch: BatchRange,
    claims: ReadonlyMap<string, readonly ClaimRange[]>,
    repeated: ReadonlyMap<string, string>,
    options: QueryOptions,
  ): Promise<LoggedRow[]> {
    const { topicId, partition, from, to } = batch;
    const ranges = clipped(claims.get(partitionKey(topicId, partition)) ?? [], batch);
    const visible = visibleClause({ table: 'audit_events', jobId: '', stage: '', ranges });
    const rows = await this.#store.query<Record<string, string>>(
      `SELECT toString(offset) AS at, event_id, toString(toUnixTimestamp64Nano(occurred_at)) AS ns, path, revision,
         ${PAYLOAD} AS payload
       FROM ${this.#store.t('policy_decisions')}
       WHERE tenant_id = {tenantId:String} AND topic_id = {topicId:String} AND partition = {partition:Int32}
         AND offset >= {from:UInt64} AND offset < {to:UInt64} AND ${visible.sql}
       ORDER BY offset`,
      { ...visible.params, tenantId, topicId, partition, from, to },
      options,
    );
    return rows
      .map((row) => ({
        offset: BigInt(row.at!),
        eventId: row.event_id!,
        occurredAtNs: BigInt(row.ns!),
        path: row.path!,
        revision: row.revision!,
        payload: row.payload!,
      }))
      .filter(({ eventId, offset }) => {
        const first = repeated.get(eventId);
        return first === undefined || first === placeOf(topicId, partition, offset);
      });
  }

  /** Where the first of each decision stands that is there more than once. */
  async #repeated(
    tenantId: string,
    visible: { readonly sql: string; readonly params: Readonly<Record<string, unknown>> },
    limits: QueryOptions,
  ): Promise<Map<string, string>> {
    const table = this.#store.t('policy_decisions');
    const counted = `tenant_id = {tenantId:String} AND ${visible.sql}`;
    const rows = await this.#store.query<{
      event_id: string;
      topic_id: string;
      partition: number;
      at: string;
    }>(
      `SELECT event_id, topic_id, partition, toString(offset) AS at FROM ${table}
       WHERE ${counted} AND cityHash64(event_id) IN (
         SELECT cityHash64(event_id) AS hash FROM ${table} WHERE ${counted} GROUP BY hash HAVING count() > 1)
       ORDER BY event_id, topic_id, partition, offset LIMIT 1 BY event_id LIMIT {repeatedMax:UInt32}`,
      { ...visible.params, tenantId, repeatedMax: REPEATED_MAX },
      limits,
    );
    return new Map(rows.map((row) => [row.event_id, placeOf(row.topic_id, row.partition, BigInt(row.at))]));
  }

  /** The rows of batches within these ranges, and nothing of what was logged since. */
  async frozen(tenantId: string, within: readonly BatchRange[], limits: QueryOptions): Promise<FrozenRows> {
    return this.#rowsAt(tenantId, await this.#claims(within), limits);
  }

  async #rowsAt(
    tenantId: string,
    claims: ReadonlyMap<string, readonly ClaimRange[]>,
    limits: QueryOptions,
  ): Promise<FrozenRows> {
    const repeated = await this.#repeated(tenantId, visibleAt(claims), limits);
    return { rows: (batch, options) => this.#rows(tenantId, batch, claims, repeated, options) };
  }

  /** Valid segments of the archive by partition, in offset order; only within these ranges, if any are given. */
  async #claims(within?: readonly BatchRange[]): Promise<Map<string, ClaimRange[]>> {
    const all = await this.#allClaims();
    if (within === undefined) return all;
    const claims = new Map<string, ClaimRange[]>();
    for (const range of within) {
      const key = partitionKey(range.topicId, range.partition);
      claims.set(key, [...(claims.get(key) ?? []), ...clipped(all.get(key) ?? [], range)]);
    }
    return claims;
  }

  async #allClaims(): Promise<Map<string, ClaimRange[]>> {
    const units = await this.#unitLog.readScope(ARCHIVE_SCOPE);
    const claims = new Map<string, ClaimRange[]>();
    for (const [unit, state] of [...units].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const partition = unit.slice(0, unit.lastIndexOf('/'));
      const known = claims.get(partition) ?? [];
      known.push(...clipSegments([state], { from: 0n, to: OFFSETS_END }));
      claims.set(partition, known);
    }
    return claims;
  }
}

function slotOf(
  row: SlotRow,
  size: bigint,
  claims: ReadonlyMap<string, readonly ClaimRange[]>,
): DecisionSlot {
  const range = {
    topicId: row.topic_id,
    partition: row.partition,
    from: BigInt(row.slot) * size,
    to: (BigInt(row.slot) + 1n) * size,
  };
  const segments = clipped(claims.get(partitionKey(row.topic_id, row.partition)) ?? [], range);
  return { ...range, matches: row.matching !== '0', covered: coveredRanges(segments) };
}

function clipped(segments: readonly ClaimRange[], range: { from: bigint; to: bigint }): ClaimRange[] {
  return segments
    .filter(({ from, to }) => from < range.to && to > range.from)
    .map(({ claim, from, to }) => ({
      claim,
      from: from > range.from ? from : range.from,
      to: to < range.to ? to : range.to,
    }));
}

function visibleAt(claims: ReadonlyMap<string, readonly ClaimRange[]>): Clause {
  return visibleClause({ table: 'audit_events', jobId: '', stage: '', ranges: [...claims.values()].flat() });
}

const partitionKey = (topicId: string, partition: number) => `${topicId}/${partition}`;
const placeOf = (topicId: string, partition: number, offset: bigint) => `${topicId}/${partition}/${offset}`;

/** Decisions that can be in one of the scopes; what of them is, `waysOf` says. */
function scopesClause(scopes: readonly Scope[]): { sql: string; params: Record<string, unknown> } {
  if (scopes.length === 0) return { sql: '1', params: {} };
  const params: Record<string, unknown> = {};
  const conditions = scopes.map((scope, i) => {
    const parts = ['1'];
    if (scope.path.length > 0) {
      params[`path${i}`] = scope.path.join('/');
      const given = `{path${i}:String}`;
      parts.push(
        `(path = ${given} OR startsWith(path, concat(${given}, '/')) OR startsWith(${given}, concat(path, '/')) OR path = '')`,
      );
    }
    if (scope.fromNs !== null) {
      params[`from${i}`] = scope.fromNs.toString();
      parts.push(`occurred_at >= fromUnixTimestamp64Nano({from${i}:Int64}, 'UTC')`);
    }
    if (scope.toNs !== null) {
      params[`to${i}`] = scope.toNs.toString();
      parts.push(`occurred_at <= fromUnixTimestamp64Nano({to${i}:Int64}, 'UTC')`);
    }
    if (scope.revisions !== null) {
      params[`revisions${i}`] = [...scope.revisions];
      parts.push(`revision IN {revisions${i}:Array(String)}`);
    }
    return `(${parts.join(' AND ')})`;
  });
  return { sql: conditions.join(' OR '), params };
}
