/** What came out of a job: counters summed from the manifests that count, the funnel, and the verdict. */
import { TRANSITIONS, type Transition, type TransitionCounts } from '../../schemas/decision.js';
import { RewindError } from '../../schemas/errors.js';
import type { FunnelStep, JobCounters, JobResult, Verdict, VerdictReason } from '../../schemas/job.js';
import { transitionCounter } from '../rules/transition.js';
import type { JobEventKind } from './job-state.js';
import type { FoldingBody, MappingBody, Pipeline, PlannedJob } from './pipeline.js';
import { planReasons } from './plan.js';
import { decides } from './spec.js';
import type { UnitState } from './units.js';

const FOLD_COUNTERS = [
  'events',
  'processed',
  'failed',
  'duplicates',
  'conflicts',
  'skipped',
  'snapshots',
  'changed',
  'entities',
  'inStore',
  'states',
] as const;

export type FoldTotals = Record<(typeof FOLD_COUNTERS)[number], number>;

export function foldTotals(units: Iterable<readonly [string, UnitState]>): FoldTotals {
  const totals = Object.fromEntries(FOLD_COUNTERS.map((name) => [name, 0])) as FoldTotals;
  for (const [unit, state] of units) {
    if (!unit.startsWith('fold/') || !state.sealed) continue;
    for (const name of FOLD_COUNTERS) totals[name] += state.counters[name] ?? 0;
  }
  return totals;
}

/**
 * Scanned records are processed, failed, duplicates, conflicts or skipped. A record that touches k entities counts k
 * times, so that the five always make up what was scanned.
 */
export function jobCounters(
  totals: FoldTotals,
  mapping: MappingBody | null,
  folding: FoldingBody,
  units: ReadonlyMap<string, UnitState>,
): JobCounters {
  let scanned = (mapping?.counts.scanned ?? folding.counts.scanned) + anewEvents(folding);
  for (const [unit, state] of units) {
    if (unit.startsWith('map/')) scanned += (state.counters.rows ?? 0) - (state.counters.mapped ?? 0);
  }
  const undecodable = (mapping ?? folding).counts.undecodable;
  const failed = totals.failed + undecodable;
  const { processed, duplicates, conflicts } = totals;
  return {
    scanned,
    processed,
    failed,
    duplicates,
    conflicts,
    skipped: scanned - processed - failed - duplicates - conflicts,
    snapshots: totals.snapshots,
    changed: totals.changed,
    entities: totals.entities,
  };
}

export async function jobResult(
  pipeline: Pipeline,
  job: PlannedJob,
  folding: FoldingBody,
): Promise<JobResult> {
  const units = await pipeline.unitLog.readScope(job.jobId);
  const stored = await pipeline.jobLog.read(job.tenantId, job.jobId);
  const mapping = (stored?.state.mapping ?? null) as MappingBody | null;
  const totals = foldTotals(units);
  const selected = folding.counts.selected + anewEvents(folding);
  if (totals.events !== selected)
    throw new RewindError('internal', `the fold saw ${totals.events} of ${selected} selected events`);
  const states = folding.base?.states ?? 0;
  if (totals.states !== states) {
    throw new RewindError(
      'base_unusable',
      `of ${states} states of ${folding.base?.jobId} ${totals.states} were there: were its rows deleted?`,
    );
  }
  const counters = jobCounters(totals, mapping, folding, units);
  return {
    counters,
    funnel: funnel(totals, mapping, folding, units),
    verdict: verdict(job, mapping ?? folding, totals, await baseVerdict(pipeline, job)),
    foldedInStore: totals.inStore,
    transitions: decides(job.spec) ? transitionCounts(units) : null,
    stageSeconds: stageSeconds(await pipeline.jobLog.times(job.tenantId, job.jobId)),
  };
}

function transitionCounts(units: ReadonlyMap<string, UnitState>): TransitionCounts {
  const sum = (name: Transition): number => {
    let total = 0;
    for (const [unit, state] of units)
      if (unit.startsWith('fold/') && state.sealed) total += state.counters[transitionCounter(name)] ?? 0;
    return total;
  };
  return Object.fromEntries(TRANSITIONS.map((name) => [name, sum(name)])) as Record<Transition, number>;
}

/** How long each stage took, from the times at which the job log froze its outcome; the fold includes the seal. */
function stageSeconds(times: ReadonlyMap<JobEventKind, number>): Record<string, number> {
  const stages = { plan: 'created', collect: 'planned', map: 'mapping', fold: 'folding' } as const;
  const seconds: Record<string, number> = {};
  let end = Date.now();
  for (const [stage, kind] of Object.entries(stages).reverse()) {
    const start = times.get(kind);
    if (start === undefined) continue;
    seconds[stage] = Math.max(0, Math.round(end - start)) / 1000;
    end = start;
  }
  return seconds;
}

/** Of a job that was cancelled and whose sealed units are kept: what these hold. Events of other units count nowhere. */
export async function partialResult(
  pipeline: Pipeline,
  job: PlannedJob,
  folding: FoldingBody,
  mapping: MappingBody | null,
): Promise<JobResult> {
  const units = await pipeline.unitLog.readScope(job.jobId);
  const totals = foldTotals(units);
  const { processed, failed, duplicates, conflicts, skipped, snapshots, changed, entities } = totals;
  const counters = { processed, failed, duplicates, conflicts, skipped, snapshots, changed, entities };
  const { reasons } = verdict(job, mapping ?? folding, totals, await baseVerdict(pipeline, job));
  return {
    counters: { scanned: totals.events, ...counters },
    funnel: [],
    verdict: { exactness: 'partial', reasons: [...reasons, 'cancelled'] },
    foldedInStore: totals.inStore,
    transitions: decides(job.spec) ? transitionCounts(units) : null,
    stageSeconds: stageSeconds(await pipeline.jobLog.times(job.tenantId, job.jobId)),
  };
}

function funnel(
  totals: FoldTotals,
  mapping: MappingBody | null,
  folding: FoldingBody,
  units: ReadonlyMap<string, UnitState>,
): FunnelStep[] {
  const again = anewEvents(folding);
  const steps = (mapping ?? folding).counts.funnel.map((step) => ({ ...step, kept: step.kept + again }));
  const before = steps.at(-1)!.kept;
  let mapped = totals.events - totals.skipped;
  let dropped = totals.skipped;
  if (mapping !== null) {
    mapped = 0;
    for (const [unit, state] of units) if (unit.startsWith('map/')) mapped += state.counters.mapped ?? 0;
    dropped = before - mapped;
  }
  const lost = totals.failed + totals.duplicates + totals.conflicts;
  steps.push({ step: 'mapped', kept: mapped, dropped, example: null });
  steps.push({ step: 'folded', kept: totals.processed, dropped: lost, example: null });
  return steps;
}

/** Events of the base that count again in this run, as they were folded again. */
export function anewEvents(folding: FoldingBody): number {
  return folding.base?.anewEvents ?? 0;
}

/** What a run goes on from is no better than that. */
async function baseVerdict({ jobLog }: Pipeline, { tenantId, spec }: PlannedJob): Promise<Verdict | null> {
  if (spec.base === undefined) return null;
  const base = await jobLog.read(tenantId, spec.base.jobId);
  return (base?.state.result as JobResult | null | undefined)?.verdict ?? null;
}

function verdict(
  job: PlannedJob,
  body: MappingBody | FoldingBody,
  totals: FoldTotals,
  base: Verdict | null,
): Verdict {
  const reasons = new Set<VerdictReason>([...(base?.reasons ?? []), ...planReasons(job.plan.partitions)]);
  if (body.counts.earlier > 0 || reasons.has('sampled_start')) reasons.add('window_only');
  if (totals.failed > 0) reasons.add('failed_events');
  if (body.counts.undecodable > 0) reasons.add('undecodable_records');
  if (Object.keys(job.spec.filters).length > 0) reasons.add('filtered');
  if (reasons.size === 0) return { exactness: 'exact', reasons: [] };
  return { exactness: reasons.has('compacted') ? 'not_comparable' : 'partial', reasons: [...reasons] };
}
