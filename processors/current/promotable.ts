/** Which runs can be promoted. Pure. */
import { RewindError } from '../../schemas/errors.js';
import type { FrozenSpec } from '../../schemas/job.js';
import type { StoredJob } from '../store/job-log.js';

/** Null: its states can be copied. */
export function whyNotPromotable(job: StoredJob | null, jobId: string): RewindError | null {
  if (job === null) return new RewindError('job_not_found', 'this tenant has no such job');
  const { state } = job;
  if (state.dropped) return new RewindError('rows_dropped', `job ${jobId} keeps no rows`);
  const { jobType } = state.spec as FrozenSpec;
  if (jobType !== 'StateRebuild')
    return new RewindError(
      'job_type_unsupported',
      `job ${jobId} is a ${jobType}: only a StateRebuild has states`,
    );
  if (state.status !== 'Complete')
    return new RewindError('job_not_finished', `job ${jobId} is ${state.status}`);
  return null;
}

/** End of the run's range: what came later is not in its states. */
export function asOfNs({ state }: StoredJob): string {
  return (state.spec as FrozenSpec).endNs;
}
