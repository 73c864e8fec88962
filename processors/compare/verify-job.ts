/**
 * A verification from its plan to its end, beside the stages of other jobs: nothing is collected, and nothing stays but what
 * was found. Every step may be repeated, as those of the coordinator that calls it.
 */
import type { ReplayPlan } from '../../schemas/job.js';
import { jobResult } from '../replay/job-result.js';
import type { JobEventKind } from '../replay/job-state.js';
import type { BoundJob, FoldingBody, Pipeline, UnitRange } from '../replay/pipeline.js';
import type { StoredJob } from '../store/job-log.js';
import { sweepScratch } from './scratch.js';
import { verifiedRun, verifyFolding, verifyPlan } from './verify-plan.js';

/** What the coordinator lends. */
export interface VerifySteps {
  /** The job as its log has it; rejects once it has ended. */
  state(): Promise<StoredJob['state']>;
  append(kind: JobEventKind, body: unknown): Promise<void>;
  /** Resolves when the fold units are sealed. */
  folded(units: readonly UnitRange[]): Promise<unknown>;
}

/** Rejects with not_verifiable, rows_dropped, base_unusable where the run is not there any more as it was. */
export async function verifyJob(pipeline: Pipeline, job: BoundJob, steps: VerifySteps): Promise<void> {
  const { jobLog, config, store } = pipeline;
  const verifies = job.spec.verifies!;
  const run = await verifiedRun(jobLog, job.tenantId, verifies);
  if ((await steps.state()).plan === null) await steps.append('planned', verifyPlan(run, config));
  await steps.append('started', null);
  if ((await steps.state()).folding === null)
    await steps.append('folding', verifyFolding(run, config.replay.unitsMax));
  const state = await steps.state();
  const folding = state.folding as FoldingBody;
  await steps.folded(folding.units);
  await sweepScratch(store, job.jobId);
  // Rows that were deleted meanwhile would look like rows that are missing.
  await verifiedRun(jobLog, job.tenantId, verifies);
  await steps.append(
    'complete',
    await jobResult(pipeline, { ...job, plan: state.plan as ReplayPlan }, folding),
  );
}
