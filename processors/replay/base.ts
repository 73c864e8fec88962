/**
 * Incremental runs. A run goes on from another one, its base, when both together are what one run over both ranges would
 * be: same tenant, encoding, rules, filters and failure handling, and a range that begins right behind the base's. The
 * input is then all that the one run would read, less what the base has read: also events of the base's range that came
 * too late for it.
 */

import { RewindError } from '../../schemas/errors.js';
import type { FrozenBase, FrozenSpec } from '../../schemas/job.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { StoredJob } from '../store/job-log.js';
import { countRunStates } from '../store/run-states.js';
import { historyStartNs, type InputRows, repeatedClause, selectedClause } from '../store/selection.js';
import type { QueryOptions, Store } from '../store/store.js';
import type { BaseBody, FoldingBody, MappingBody, Pipeline } from './pipeline.js';
import type { ClaimRange } from './segments.js';
import { loadInput } from './tasks.js';
import { claimsOf } from './units.js';

/** More entities than this that must be folded again, and all are. */
const ANEW_MAX = 10_000;

type BaseContext = Pick<Pipeline, 'store' | 'unitLog' | 'jobLog'>;

/** Rejects with base_unusable or base_not_adjacent, and job_not_found. */
export async function bindBase(
  context: Pick<Pipeline, 'jobLog'>,
  spec: FrozenSpec,
  jobId: string,
): Promise<FrozenBase> {
  const base = await context.jobLog.read(spec.tenantId, jobId);
  if (base === null) {
    throw new RewindError('job_not_found', `this tenant has no job ${jobId} to go on from`, {
      pointer: POINTER,
    });
  }
  const of = base.state.spec as FrozenSpec;
  const reason = whyUnusable(base, of, spec);
  if (reason !== null) {
    throw new RewindError('base_unusable', `${jobId} cannot be gone on from: ${reason}`, {
      pointer: POINTER,
    });
  }
  const next = BigInt(of.endNs) + 1n;
  const start = BigInt(spec.startNs);
  if (start !== next) {
    throw new RewindError(
      'base_not_adjacent',
      `${jobId} ends at ${formatRfc3339Ns(BigInt(of.endNs))}: the range would ${start > next ? 'leave a hole' : 'overlap'} behind it; begin at ${formatRfc3339Ns(next)}`,
      { pointer: '/time_range_start' },
    );
  }
  return { jobId, startNs: historyStartNs(of), endNs: of.endNs };
}

const POINTER = '/from_snapshot_of';

/** In words, which of the two differs; null: the base can be used. */
function whyUnusable(base: StoredJob, of: FrozenSpec, spec: FrozenSpec): string | null {
  if (base.state.status !== 'Complete') return `it is ${base.state.status}, not Complete`;
  if (spec.jobType === 'DryRun') return 'a DryRun reports what a fold from the beginning does';
  if (of.jobType !== 'StateRebuild') return `it is a ${of.jobType} and has no states`;
  if (of.encodingHash !== spec.encodingHash)
    return `its encoding is version ${of.encodingVersion}, and this run's another one, version ${spec.encodingVersion}`;
  if (of.ruleVersion !== spec.ruleVersion)
    return `its rules are version ${of.ruleVersion}, and this run's version ${spec.ruleVersion}`;
  for (const [name, a, b] of [
    ['filters', canonical(of.filters), canonical(spec.filters)],
    ['source_version', `${of.sourceVersion}`, `${spec.sourceVersion}`],
    ['topics', [...of.topics].sort().join(' '), [...spec.topics].sort().join(' ')],
    ['ordering', of.ordering, spec.ordering],
    ['on_failure', of.onFailure, spec.onFailure],
  ] as const) {
    if (a !== b) return `its ${name} differ from this run's (${a} there, ${b} here)`;
  }
  if (spec.ordering === 'log') return 'in log order events of later times can come before those of the base';
  if (spec.snapshots === 'final')
    return 'a final snapshot is compared with nothing, and these have something before them: keep all or changed';
  if (of.source === 'kafka' || spec.source === 'kafka')
    return 'with source kafka a run reads rows of its own, which no other run shares';
  const { failed } = (base.state.result as { counters: { failed: number } }).counters;
  if (of.onFailure === 'stop_entity' && failed > 0)
    return 'some of its entities were stopped by failures, and their states do not say so';
  return null;
}

function canonical(filters: FrozenSpec['filters']): string {
  const lists = Object.entries(filters).map(([name, values]) => [name, [...values].sort()] as const);
  return JSON.stringify(Object.fromEntries(lists.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** The input less what the base has read. Rejects with base_unusable where the archive no longer holds all of that. */
export async function behindBase(
  context: Pick<Pipeline, 'jobLog'>,
  spec: FrozenSpec,
  input: InputRows,
): Promise<InputRows> {
  if (spec.base === undefined) return input;
  const { startNs, endNs } = spec.base;
  const ranges = await baseRanges(context, spec.tenantId, spec.base);
  const missing = ranges.find((range) => !input.ranges.some((one) => holds(one, range)));
  if (missing !== undefined) {
    throw new RewindError(
      'base_unusable',
      `${spec.base.jobId} read offsets ${missing.from} to ${missing.to} that this run would not see`,
    );
  }
  return { ...input, behind: { startNs, endNs, ranges } };
}

function holds(one: ClaimRange, range: ClaimRange): boolean {
  return one.claim === range.claim && one.from <= range.from && one.to >= range.to;
}

/** What the base read: the offsets of its plan. */
async function baseRanges(
  { jobLog }: Pick<Pipeline, 'jobLog'>,
  tenantId: string,
  { jobId }: FrozenBase,
): Promise<readonly ClaimRange[]> {
  const base = await jobLog.read(tenantId, jobId);
  const body = (base?.state.mapping ?? base?.state.folding) as MappingBody | FoldingBody | null | undefined;
  if (base?.state.status !== 'Complete' || body === null || body === undefined)
    throw new RewindError('base_unusable', `${jobId} is not there any more`);
  return loadInput(body.input).ranges;
}

/** The claims of a finished run whose rows hold its states. */
export async function stateClaims({ unitLog }: Pick<Pipeline, 'unitLog'>, jobId: string): Promise<string[]> {
  const units = [...(await unitLog.readScope(jobId, 'fold/')).values()];
  return claimsOf(units.filter(({ sealed }) => sealed));
}

/**
 * What the fold units begin with. `input`: of the run, with what is behind it; `repeated`: as findRepeated found in the
 * whole history; null: the encoding derives entities, or too many ids occur again: then nothing can be taken over.
 */
export async function baseBody(
  context: BaseContext,
  spec: FrozenSpec & { readonly base: FrozenBase },
  input: InputRows,
  repeated: readonly string[] | null,
  options: QueryOptions,
): Promise<BaseBody> {
  const { store } = context;
  const { jobId } = spec.base;
  const claims = await stateClaims(context, jobId);
  const states = await countRunStates(store, { jobId, claims });
  const found = repeated === null ? null : await findAnew(store, spec, input, repeated, options);
  const anew = found === null || found.length > ANEW_MAX ? null : found;
  const anewEvents = await countAgain(store, spec, input, anew, options);
  return { jobId, claims, anew, states, anewEvents };
}

/** The whole history: the run's input and what is behind it. */
export function wholeInput({ behind: _, ...input }: InputRows): InputRows {
  return input;
}

/** Hashes of entities with an event of the base's range, or with an id that occurs again. */
async function findAnew(
  store: Store,
  spec: FrozenSpec & { readonly base: FrozenBase },
  input: InputRows,
  repeated: readonly string[],
  options: QueryOptions,
): Promise<string[]> {
  const own = selectedClause(spec, input);
  const whole = selectedClause(spec, wholeInput(input));
  const table = store.t(input.table);
  const ids =
    repeated.length === 0
      ? ''
      : `UNION DISTINCT SELECT entity_hash FROM ${table} WHERE ${whole.sql} AND cityHash64(event_id) IN
           (SELECT cityHash64(event_id) FROM ${table} WHERE ${own.sql} AND ${repeatedClause})`;
  const rows = await store.query<{ hash: string }>(
    `SELECT DISTINCT toString(entity_hash) AS hash FROM (
       SELECT entity_hash FROM ${table} WHERE ${own.sql}
         AND occurred_at <= fromUnixTimestamp64Nano({behindEnd:Int64}, 'UTC') ${ids})
     LIMIT ${ANEW_MAX + 1}`,
    { ...own.params, ...whole.params, repeated: repeated.map(BigInt) },
    options,
  );
  return rows.map(({ hash }) => hash);
}

/** Events of the base that are read again with the entities that are folded anew. */
async function countAgain(
  store: Store,
  spec: FrozenSpec,
  input: InputRows,
  anew: readonly string[] | null,
  options: QueryOptions,
): Promise<number> {
  if (anew?.length === 0) return 0;
  const entities = anew === null ? '' : ' AND entity_hash IN {anew:Array(UInt64)}';
  const params = { anew: (anew ?? []).map(BigInt) };
  const count = async (rows: InputRows) => {
    const selected = selectedClause(spec, rows);
    const [row] = await store.query<{ count: string }>(
      `SELECT toString(count()) AS count FROM ${store.t(rows.table)} WHERE ${selected.sql}${entities}`,
      { ...selected.params, ...params },
      options,
    );
    return Number(row!.count);
  };
  return (await count(wholeInput(input))) - (await count(input));
}
