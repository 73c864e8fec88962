/** How far a job is: exact from the frozen bounds and the manifests that count, whoever did the work. */
import type { FrozenSpec, JobCounters, JobResult, ReplayPlan } from '../../schemas/job.js';
import type { StoredJob } from '../store/job-log.js';
import type { UnitLog } from '../store/unit-log.js';
import { readInputState } from './coverage.js';
import { anewEvents, foldTotals, jobCounters } from './job-result.js';
import type { FoldingBody, MappingBody } from './pipeline.js';
import type { JobProgress } from './service.js';

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

export async function jobProgress(
  unitLog: UnitLog,
  job: StoredJob,
): Promise<{ progress: JobProgress; counters: JobCounters }> {
  const { state } = job;
  const plan = state.plan as ReplayPlan | null;
  const folding = state.folding as FoldingBody | null;
  const mapping = state.mapping as MappingBody | null;
  const result = state.result as JobResult | null;
  if (plan === null) {
    const stage = state.status === 'Pending' ? 'pending' : 'planning';
    return { progress: progressOf(stage, 0, 0, 0, 0), counters: NOTHING };
  }
  const collectTotal = Number(plan.recordsToCollect);
  if (result !== null) {
    const folded = folding === null ? 0 : folding.counts.selected + anewEvents(folding);
    return {
      progress: progressOf('done', collectTotal, collectTotal, folded, folded),
      counters: result.counters,
    };
  }
  if (folding === null) {
    const spec = state.spec as FrozenSpec;
    const input = await readInputState(unitLog, { jobId: job.jobId, spec, partitions: plan.partitions });
    const stage = mapping === null ? 'collect' : 'map';
    const collected = Number(input.collected);
    return {
      progress: progressOf(stage, collected, collectTotal, 0, Number(plan.rowsToWrite)),
      counters: NOTHING,
    };
  }
  const units = await unitLog.readScope(job.jobId);
  const totals = foldTotals(units);
  const total = folding.counts.selected + anewEvents(folding);
  const folded = totals.events === total && folding.units.every(({ unit }) => units.get(unit)?.sealed);
  const stage = state.emitting !== null ? 'emit' : folded ? 'seal' : 'fold';
  return {
    progress: progressOf(stage, collectTotal, collectTotal, totals.events, total),
    counters: jobCounters(totals, mapping, folding, units),
  };
}

function progressOf(
  stage: JobProgress['stage'],
  collected: number,
  collectTotal: number,
  folded: number,
  foldTotal: number,
): JobProgress {
  const total = collectTotal + foldTotal;
  const percent =
    stage === 'done' ? 100 : total === 0 ? 0 : Math.min(99, Math.floor((100 * (collected + folded)) / total));
  return { stage, collected, collectTotal, folded, foldTotal, percent };
}
