/**
 * The SQL of a job's input: visibility by claims, then tenant, time and filters. One definition for counting, the
 * conflict scan, the map stage, the fold and the dead letters, so that they can never disagree about a row.
 */
import type { FrozenSpec } from '../../schemas/job.js';
import type { ClaimRange } from '../replay/segments.js';
import type { QueryParams, Store } from './store.js';

/** Where a job's input rows stand. */
export interface InputRows {
  readonly table: 'audit_events' | 'replay_events';
  /** Set for replay_events. */
  readonly jobId: string;
  readonly stage: 'collected' | 'mapped' | '';
  /** Valid claims with their offset bounds; rows of mapped stages are visible by claim alone (whole units). */
  readonly ranges: readonly ClaimRange[];
  /** Records that were read again: where one of these claims has a row, the failure of the same record does not count. */
  readonly redriven?: RedrivenRows;
  /** Rows that another run has folded already; they are not part of the input. */
  readonly behind?: BehindRows;
  /** cityHash64 of event ids that are not part of the input. */
  readonly without?: readonly string[];
}

export interface RedrivenRows {
  /** The table's full name. */
  readonly table: string;
  readonly claims: readonly string[];
}

/** The input of a run that another one goes on from: the same table's rows in its offsets and its range of time. */
export interface BehindRows {
  readonly startNs: string;
  readonly endNs: string;
  readonly ranges: readonly ClaimRange[];
}

export interface Clause {
  readonly sql: string;
  readonly params: QueryParams;
}

/** Rows that count at all: written under a valid claim, within the claim's segment. */
export function visibleClause(input: InputRows): Clause {
  const conditions = ['claim IN {claims:Array(UInt64)}'];
  if (input.table === 'replay_events')
    conditions.unshift('job_id = {inputJob:String} AND stage = {inputStage:String}');
  if (input.stage !== 'mapped') {
    conditions.push(
      'offset >= transform(claim, {claims:Array(UInt64)}, {claimFrom:Array(UInt64)}, toUInt64(0))',
    );
    conditions.push(
      'offset < transform(claim, {claims:Array(UInt64)}, {claimTo:Array(UInt64)}, toUInt64(0))',
    );
  }
  const { redriven } = input;
  if (redriven !== undefined)
    conditions.push(
      `NOT (error_code != '' AND (topic_id, partition, offset) IN (SELECT topic_id, partition, offset FROM ${redriven.table} WHERE claim IN {redriven:Array(UInt64)}))`,
    );
  const behind = behindClause(input.behind);
  if (behind !== null) conditions.push(`NOT (${behind.sql})`);
  const without = input.without ?? [];
  if (without.length > 0) conditions.push('cityHash64(event_id) NOT IN {without:Array(UInt64)}');
  const ranges = mergeByClaim(input.ranges);
  // Parts that hold no offset between these are not opened: a step of follow reads what came last and nothing else.
  if (input.stage !== 'mapped')
    conditions.unshift('offset >= {offsetMin:UInt64} AND offset < {offsetMax:UInt64}');
  return {
    sql: conditions.join(' AND '),
    params: {
      claims: ranges.map((range) => BigInt(range.claim)),
      claimFrom: ranges.map((range) => range.from),
      claimTo: ranges.map((range) => range.to),
      offsetMin: ranges.reduce((least, { from }) => (from < least ? from : least), ranges[0]?.from ?? 0n),
      offsetMax: ranges.reduce((most, { to }) => (to > most ? to : most), 0n),
      inputJob: input.jobId,
      inputStage: input.stage,
      redriven: (redriven?.claims ?? []).map(BigInt),
      ...behind?.params,
      without: without.map(BigInt),
    },
  };
}

function behindClause(behind: BehindRows | undefined): Clause | null {
  if (behind === undefined) return null;
  const ranges = mergeByClaim(behind.ranges);
  return {
    sql: `occurred_at >= fromUnixTimestamp64Nano({behindStart:Int64}, 'UTC')
      AND occurred_at <= fromUnixTimestamp64Nano({behindEnd:Int64}, 'UTC')
      AND offset >= transform(claim, {behindClaims:Array(UInt64)}, {behindFrom:Array(UInt64)}, toUInt64(0))
      AND offset < transform(claim, {behindClaims:Array(UInt64)}, {behindTo:Array(UInt64)}, toUInt64(0))`,
    params: {
      behindStart: behind.startNs,
      behindEnd: behind.endNs,
      behindClaims: ranges.map((range) => BigInt(range.claim)),
      behindFrom: ranges.map((range) => range.from),
      behindTo: ranges.map((range) => range.to),
    },
  };
}

/** A claim has one contiguous segment per unit; clipping keeps it contiguous. */
function mergeByClaim(ranges: readonly ClaimRange[]): ClaimRange[] {
  const byClaim = new Map<string, ClaimRange>();
  for (const range of ranges) {
    const known = byClaim.get(range.claim);
    byClaim.set(
      range.claim,
      known === undefined
        ? range
        : {
            claim: range.claim,
            from: known.from < range.from ? known.from : range.from,
            to: known.to > range.to ? known.to : range.to,
          },
    );
  }
  return [...byClaim.values()];
}

/** The payload, put together again from its members. */
export const PAYLOAD = `multiIf(payload_shape = '', '', payload_shape = '\\n', '{}', concat('{', arrayStringConcat(
  arrayMap((name, value) -> concat(name, ':', value),
    splitByChar('\\n', substring(payload_shape, 2, length(payload_shape) - 2)), splitByChar('\\n', payload_values)), ','), '}'))`;

/** Rows of one unit's part of the entity-hash space, both ends inclusive. */
export const hashRangeClause = 'entity_hash BETWEEN {lo:UInt64} AND {hi:UInt64}';

/** True for events whose id occurs more than once in the job's input. */
export const repeatedClause = 'cityHash64(event_id) IN {repeated:Array(UInt64)}';

/** The steps of the funnel in order, each as a condition on a visible row. */
export function funnelConditions(
  spec: FrozenSpec,
  entityFilters: boolean,
): { step: 'decoded' | 'tenant' | 'time' | 'filters'; sql: string }[] {
  return [
    { step: 'decoded', sql: `error_code = ''` },
    { step: 'tenant', sql: 'tenant_id = {tenantId:String}' },
    { step: 'time', sql: timeCondition },
    { step: 'filters', sql: filterCondition(spec, entityFilters) },
  ];
}

const timeCondition = `occurred_at >= fromUnixTimestamp64Nano({startNs:Int64}, 'UTC') AND occurred_at <= fromUnixTimestamp64Nano({endNs:Int64}, 'UTC')`;

/**
 * Rows that the job folds: visible, decoded, of the tenant, in time, passing the filters. Where entities are derived
 * later (the map stage), filters on entities wait until they are.
 */
export function selectedClause(spec: FrozenSpec, input: InputRows, entityFilters = true): Clause {
  const visible = visibleClause(input);
  return {
    sql: [visible.sql, ...funnelConditions(spec, entityFilters).map((condition) => condition.sql)].join(
      ' AND ',
    ),
    params: { ...visible.params, ...specParams(spec) },
  };
}

/** Records of the range that did not decode, by record time: their tenant and event time are unknown. */
export function undecodableClause(spec: FrozenSpec, input: InputRows): Clause {
  const visible = visibleClause(input);
  return {
    sql: `${visible.sql} AND error_code != '' AND ${timeCondition}`,
    params: { ...visible.params, ...specParams(spec) },
  };
}

/** Where the history begins that the run's rows stand for: an incremental run's is its base's. */
export function historyStartNs(spec: FrozenSpec): string {
  return spec.base?.startNs ?? spec.startNs;
}

export function specParams(spec: FrozenSpec): QueryParams {
  const eventTypes = spec.filters.event_type ?? [];
  return {
    tenantId: spec.tenantId,
    startNs: historyStartNs(spec),
    endNs: spec.endNs,
    eventTypes: eventTypes.filter((type) => !type.endsWith('*')),
    eventTypePrefixes: eventTypes.filter((type) => type.endsWith('*')).map((type) => type.slice(0, -1)),
    severities: spec.filters.severity ?? [],
    entityTypes: spec.filters.entity_type ?? [],
    entityIds: spec.filters.entity_id ?? [],
  };
}

function filterCondition(spec: FrozenSpec, entityFilters: boolean): string {
  const conditions: string[] = [];
  const { event_type, severity, entity_type, entity_id } = spec.filters;
  if (event_type !== undefined) {
    conditions.push(
      '(event_type IN {eventTypes:Array(String)} OR arrayExists(p -> startsWith(event_type, p), {eventTypePrefixes:Array(String)}))',
    );
  }
  if (severity !== undefined) conditions.push('severity IN {severities:Array(String)}');
  if (entityFilters && entity_type !== undefined)
    conditions.push('entity_type IN {entityTypes:Array(String)}');
  if (entityFilters && entity_id !== undefined) conditions.push('entity_id IN {entityIds:Array(String)}');
  // Entities that are known whole stand at known places of the sort order: the rest of the archive is not opened.
  if (entityFilters && entity_type !== undefined && entity_id !== undefined)
    conditions.push(
      'entity_hash IN (SELECT sipHash64(arrayJoin({entityTypes:Array(String)}), arrayJoin({entityIds:Array(String)})))',
    );
  return conditions.length === 0 ? '1' : conditions.join(' AND ');
}

/** Columns that the map stage reads, in order; task-map.ts reads exactly these. */
const MAP_INPUT = `tenant_id, entity_type, entity_id, occurred_at, event_id, topic_id, topic, partition, offset, record_time,
  event_type, declared_entity_type, actor, action, severity, decision, ${PAYLOAD} AS payload`;

/** The read of one map unit: whole events, in no order. */
export function mapSelect(
  store: Store,
  spec: FrozenSpec,
  input: InputRows,
  range: { lo: string; hi: string },
): Clause {
  const selected = selectedClause(spec, input, false);
  return {
    sql: `SELECT ${MAP_INPUT} FROM ${store.t(input.table)}
      WHERE ${selected.sql} AND ${hashRangeClause}`,
    params: { ...selected.params, lo: range.lo, hi: range.hi },
  };
}
