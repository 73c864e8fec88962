/**
 * What a cancel or a deletion leaves to do, by any one worker, once those who worked for the job have let go: rows that
 * are to go are removed; what is kept of a cancelled job is closed, so that it never changes again, and gets its timeline.
 *
 * A crash at any line repeats the step: rows of a dropped job are invisible already, and the end of a kept one is frozen
 * by the `settled` event.
 */
import type { FrozenSpec, JobResult, ReplayPlan } from '../../schemas/job.js';
import type { StoredJob } from '../store/job-log.js';
import { removeJobRows } from '../store/job-rows.js';
import { newClaimId } from '../store/unit-log.js';
import { FOLD_PREFIX, SEAL_UNIT } from './coordinator.js';
import { partialResult } from './job-result.js';
import type { FoldingBody, MappingBody, Pipeline } from './pipeline.js';
import { writeTimelineIndex } from './seal.js';
import { runUnit } from './unit-runner.js';
import type { UnitState } from './units.js';

export const SETTLE_PREFIX = 'settle/';

/** Resolves when nothing is left to do now; called again on a later round while the job is unsettled. */
export async function settleJob(pipeline: Pipeline, job: StoredJob, signal: AbortSignal): Promise<void> {
  const { jobId, state } = job;
  const units = await pipeline.unitLog.readScope(jobId);
  if (isHeld(pipeline, jobId, units)) return;
  const unit = `${SETTLE_PREFIX}${state.deleted === null ? 'cancelled' : 'deleted'}`;
  const keeps = state.status === 'Cancelled' && state.rows === 'keep' && state.deleted === null;
  let result: JobResult | null = null;
  const outcome = await runSettleUnit(pipeline, jobId, unit, units.get(unit), async () => {
    if (keeps) result = await closeKept(pipeline, job, units, signal);
    else await dropRows(pipeline, job);
    return {};
  });
  if (outcome !== 'sealed') return;
  // Whoever sealed the unit may have died before this line.
  if (keeps && result === null) result = await keptResult(pipeline, job);
  await append(pipeline, job, 'settled', result);
}

/** Somebody still holds a unit of the job and shows life. */
function isHeld(pipeline: Pipeline, jobId: string, units: ReadonlyMap<string, UnitState>): boolean {
  for (const [unit, state] of units) {
    if (unit.startsWith(SETTLE_PREFIX) || state.holder === null) continue;
    if (!pipeline.holderSilent(jobId, unit, state)) return true;
  }
  return false;
}

async function dropRows(pipeline: Pipeline, job: StoredJob): Promise<void> {
  if (!job.state.dropped) await append(pipeline, job, 'dropped', null);
  await removeJobRows(pipeline.store, job.jobId);
  const plan = job.state.plan as ReplayPlan | null;
  const { jobId, tenantId } = job;
  if (plan !== null)
    await pipeline.log.cleanUp({ jobId, tenantId, spec: job.state.spec as FrozenSpec, plan });
}

/** Nobody can seal a unit of the job any more; the sealed ones get the timeline's index. */
async function closeKept(
  pipeline: Pipeline,
  job: StoredJob,
  units: ReadonlyMap<string, UnitState>,
  signal: AbortSignal,
): Promise<JobResult | null> {
  const { unitLog, worker, store, config } = pipeline;
  const { jobId, tenantId } = job;
  const open = [...units].filter(([unit, state]) => unit.startsWith(FOLD_PREFIX) && !state.sealed);
  // A claim of ours fences the manifests of those who were given up as silent.
  await unitLog.append(
    open.map(([unit]) => ({ scope: jobId, unit, kind: 'claim' as const, claim: newClaimId(), worker })),
  );
  const plan = job.state.plan as ReplayPlan | null;
  const spec = job.state.spec as FrozenSpec;
  if (plan !== null) await pipeline.log.cleanUp({ jobId, tenantId, spec, plan });
  if (job.state.folding !== null && spec.jobType === 'StateRebuild') {
    const sealed = await unitLog.readScope(jobId, FOLD_PREFIX);
    const claims = [...sealed.values()].flatMap((state) => (state.sealed ? state.segments : []));
    const options = { maxSeconds: config.store.statementMaxSeconds, signal };
    await runSettleUnit(pipeline, jobId, SEAL_UNIT, units.get(SEAL_UNIT), (claim) =>
      writeTimelineIndex(
        store,
        jobId,
        claims.map((segment) => segment.claim),
        claim,
        options,
      ),
    );
  }
  return keptResult(pipeline, job);
}

async function keptResult(pipeline: Pipeline, job: StoredJob): Promise<JobResult | null> {
  const { plan, folding, mapping, spec } = job.state;
  if (plan === null || folding === null) return null;
  const { jobId, tenantId } = job;
  const planned = { jobId, tenantId, spec: spec as FrozenSpec, plan: plan as ReplayPlan };
  return partialResult(pipeline, planned, folding as FoldingBody, mapping as MappingBody | null);
}

function runSettleUnit(
  { unitLog, beats, worker, holderSilent }: Pipeline,
  scope: string,
  unit: string,
  state: UnitState | undefined,
  work: (claim: string) => Promise<Readonly<Record<string, number>>>,
): Promise<'sealed' | 'lost'> {
  const silent = state !== undefined && holderSilent(scope, unit, state);
  return runUnit({ unitLog, beats, worker, scope, unit, holderSilent: silent, work });
}

async function append(
  pipeline: Pipeline,
  { jobId, tenantId }: StoredJob,
  kind: 'dropped' | 'settled',
  body: unknown,
): Promise<void> {
  await pipeline.jobLog.append({ jobId, tenantId, kind, actor: pipeline.worker, body });
  pipeline.wake.wake();
}
