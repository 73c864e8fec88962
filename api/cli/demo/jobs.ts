/** The demo's replay jobs: found again by their label, created where they are missing, watched to their end. */
import { setTimeout as wait } from 'node:timers/promises';
import type { StoryFacts } from '../../../processors/generate/story.js';
import type { JobView, ReplayService } from '../../../processors/replay/service.js';
import { formatRfc3339Ns } from '../../../processors/sources/time.js';
import { type ErrorCode, RewindError } from '../../../schemas/errors.js';
import type { JobSpec } from '../../../schemas/job.js';
import { toJsonText } from '../../json/raw-json.js';
import { jobDetail } from '../../views.js';
import { progressLine } from '../job-text.js';
import { rowOf } from '../rows.js';
import type { Terminal } from '../terminal.js';

const POLL_MS = 100;
const LABEL = { demo: 'story' };

export function demoSpec(frame: Pick<StoryFacts, 'startNs' | 'endNs'>, tenant: string): JobSpec {
  return {
    job_type: 'StateRebuild',
    encoding_version: 1,
    rule_version: 1,
    time_range_start: formatRfc3339Ns(frame.startNs),
    time_range_end: formatRfc3339Ns(frame.endNs - 1n),
    name: `The story of ${tenant}`,
    labels: LABEL,
  };
}

/** The tenant's job of an earlier start, finished or still to be finished; null: none. */
export async function findJob(replay: ReplayService, tenant: string): Promise<JobView | null> {
  const { items } = await replay.list(tenant, { limit: 100 });
  const usable = items.filter(
    (job) => job.spec.labels.demo === LABEL.demo && !['Failed', 'Cancelled'].includes(job.status),
  );
  return usable.at(-1) ?? null;
}

/** Shows progress until the job is complete. @throws the job's own error when it failed */
export async function untilComplete(
  replay: ReplayService,
  job: JobView,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<JobView> {
  let current = job;
  while (current.status === 'Pending' || current.status === 'Running' || current.status === 'Paused') {
    await wait(POLL_MS, undefined, { signal });
    current = await replay.get(current.tenantId, current.jobId);
    if (current.progress.stage !== 'pending')
      terminal.progress(`${current.tenantId}  ${progressLine(jobAsRow(current))}`);
  }
  terminal.progressDone();
  if (current.status === 'Complete') return current;
  const code = (current.error?.code ?? 'internal') as ErrorCode;
  const reason = current.error?.message ?? `it is ${current.status}`;
  throw new RewindError(code, `job ${current.jobId} of ${current.tenantId} did not complete: ${reason}`);
}

/** The job as the API answers it, for the renderers of the other commands. */
export function jobAsRow(job: JobView) {
  return rowOf(Buffer.from(toJsonText(jobDetail(job))));
}
