/**
 * How far a job is: exact from the frozen bounds and the manifests that count, whoever did the work. What it does in a
 * second is read from the unit log too, so that everybody sees the same, whichever process they ask.
 */
import type { FrozenSpec, JobCounters, JobResult, ReplayPlan } from '../../schemas/job.js';
import type { EmittingBody } from '../sinks/emitting.js';
import type { StoredJob } from '../store/job-log.js';
import type { UnitLog } from '../store/unit-log.js';
import { readInputState } from './coverage.js';
import { anewEvents, foldTotals, jobCounters } from './job-result.js';
import { slowestStage, timesUntil } from './job-time.js';
import { readPace } from './pace-report.js';
import type { FoldingBody, MappingBody } from './pipeline.js';
import type { JobProgress } from './service.js';
import { FOLD_EVENTS_PER_SECOND } from './survey.js';
import type { UnitState } from './units.js';

const NOTHING: JobCounters = {
  scanned: 0,
  processed: 0,
  failed: 0,
  duplicates: 0,
  conflicts: 0,
  skipped: 0,
  snapshots: 0,
  changed: 0,
  entities: 0,
};

/** What passed in so many milliseconds is the rate of now. */
const RATE_MS = 10_000;

type Reached = Pick<
  JobProgress,
  'stage' | 'collected' | 'collectTotal' | 'folded' | 'foldTotal' | 'emitted' | 'emitUnits' | 'emitUnitsDone'
>;
type Rates = Pick<JobProgress, 'eventsPerSecond' | 'bytesPerSecond' | 'readUntil' | 'heldBy'>;

export async function jobProgress(
  unitLog: UnitLog,
  job: StoredJob,
): Promise<{ progress: JobProgress; counters: JobCounters }> {
  const { reached, counters } = await reachedSoFar(unitLog, job);
  const { status, times, stages } = job.state;
  const running = status === 'Running';
  const rates = running ? await ratesNow(unitLog, job, reached.stage) : STILL;
  const { runningMs } = timesUntil(times, status, Date.now());
  const progress = {
    ...reached,
    ...rates,
    percent: percentOf(reached),
    etaSeconds: running ? etaOf(reached, rates.eventsPerSecond) : null,
    failed: counters.failed,
    slowestStage: slowestStage(stages, runningMs),
  };
  return { progress, counters };
}

async function reachedSoFar(
  unitLog: UnitLog,
  job: StoredJob,
): Promise<{ reached: Reached; counters: JobCounters }> {
  const { state } = job;
  const plan = state.plan as ReplayPlan | null;
  const folding = state.folding as FoldingBody | null;
  const mapping = state.mapping as MappingBody | null;
  const result = state.result as JobResult | null;
  if (plan === null) {
    const stage = state.status === 'Pending' ? 'pending' : 'planning';
    return { reached: reachedAt(stage, 0, 0, 0, 0), counters: NOTHING };
  }
  const collectTotal = Number(plan.recordsToCollect);
  if (result !== null) {
    const folded = folding === null ? 0 : folding.counts.selected + anewEvents(folding);
    return {
      reached: reachedAt('done', collectTotal, collectTotal, folded, folded),
      counters: result.counters,
    };
  }
  if (folding === null) {
    const spec = state.spec as FrozenSpec;
    const input = await readInputState(unitLog, { jobId: job.jobId, spec, partitions: plan.partitions });
    const stage = mapping === null ? 'collect' : 'map';
    const collected = Number(input.collected);
    return {
      reached: reachedAt(stage, collected, collectTotal, 0, Number(plan.rowsToWrite)),
      counters: NOTHING,
    };
  }
  const units = await unitLog.readScope(job.jobId);
  const totals = foldTotals(units);
  const total = folding.counts.selected + anewEvents(folding);
  const folded = totals.events === total && folding.units.every(({ unit }) => units.get(unit)?.sealed);
  const stage = state.emitting !== null ? 'emit' : folded ? 'seal' : 'fold';
  return {
    reached: {
      ...reachedAt(stage, collectTotal, collectTotal, totals.events, total),
      ...emittedSoFar(state.emitting as EmittingBody | null, units),
    },
    counters: jobCounters(totals, mapping, folding, units),
  };
}

function reachedAt(
  stage: JobProgress['stage'],
  collected: number,
  collectTotal: number,
  folded: number,
  foldTotal: number,
): Reached {
  return { stage, collected, collectTotal, folded, foldTotal, emitted: 0, emitUnits: 0, emitUnitsDone: 0 };
}

function emittedSoFar(
  emitting: EmittingBody | null,
  units: ReadonlyMap<string, UnitState>,
): Pick<Reached, 'emitted' | 'emitUnits' | 'emitUnitsDone'> {
  const states = (emitting?.units ?? []).map(({ unit }) => units.get(unit));
  const done = states.filter((state) => state?.sealed === true);
  return {
    emitted: done.reduce((sum, state) => sum + rowsOf(state?.counters ?? {}), 0),
    emitUnits: states.length,
    emitUnitsDone: done.length,
  };
}

/** Counters of the output stage count rows by topic and partition; see sinks/tally.ts. */
function rowsOf(counters: Readonly<Record<string, number>>): number {
  return Object.entries(counters).reduce(
    (sum, [name, count]) => sum + (name.endsWith('.rows') ? count : 0),
    0,
  );
}

/** Output topics take as long as the fold did, for all that is known before. */
function percentOf(at: Reached): number {
  if (at.stage === 'done') return 100;
  const emits = at.emitUnits > 0 ? at.foldTotal : 0;
  const total = at.collectTotal + at.foldTotal + emits;
  const done = at.collected + at.folded + (emits * at.emitUnitsDone) / Math.max(1, at.emitUnits);
  return total === 0 ? 0 : Math.min(99, Math.floor((100 * done) / total));
}

const TIME_MAX_MS = 253_402_300_799_999;
const STILL: Rates = { eventsPerSecond: 0, bytesPerSecond: null, readUntil: null, heldBy: null };

const PREFIXES = { map: 'map/', fold: 'fold/', emit: 'out/' } as const;

async function ratesNow(unitLog: UnitLog, job: StoredJob, stage: JobProgress['stage']): Promise<Rates> {
  const pace = await readPace(unitLog, job.jobId);
  const { heldBy } = pace;
  if (stage === 'collect') {
    return {
      eventsPerSecond: pace.recordsPerSecond,
      bytesPerSecond: pace.bytesPerSecond,
      readUntil: timeText(pace.recordTimeMs),
      heldBy,
    };
  }
  if (stage !== 'map' && stage !== 'fold' && stage !== 'emit') return { ...STILL, heldBy };
  const counted = await unitLog.countedLately(job.jobId, PREFIXES[stage], RATE_MS);
  const events = stage === 'map' ? counted.rows : stage === 'fold' ? counted.events : rowsOf(counted);
  const { times, status, stages } = job.state;
  const stageMs = timesUntil(times, status, Date.now()).runningMs - (stages[stage] ?? 0);
  const seconds = Math.max(1_000, Math.min(RATE_MS, stageMs)) / 1000;
  return { ...STILL, eventsPerSecond: Math.round((events ?? 0) / seconds), heldBy };
}

/** Producers may set any record time. */
function timeText(ms: number | null): string | null {
  return ms === null || ms < 0 || ms > TIME_MAX_MS ? null : new Date(ms).toISOString();
}

/** The rest of this stage at its rate, and, while the log is read, the fold as plans estimate it. */
function etaOf(at: Reached, perSecond: number): number | null {
  if (perSecond === 0) return null;
  if (at.stage === 'collect')
    return Math.ceil((at.collectTotal - at.collected) / perSecond + at.foldTotal / FOLD_EVENTS_PER_SECOND);
  if (at.stage === 'fold') return Math.ceil((at.foldTotal - at.folded) / perSecond);
  if (at.stage !== 'emit' || at.emitUnitsDone === 0) return null;
  return Math.ceil((at.emitted * (at.emitUnits / at.emitUnitsDone - 1)) / perSecond);
}
