/**
 * Whose turn it is, as a pure function of the job log: so many jobs at once in all and of one tenant, the others wait.
 *
 * A worker that finds a free place appends `admitted` for the job next in line. Two may do so at once, each for another
 * job: the order of the log decides. Jobs run in the order of their admission as far as the limits reach, and one that
 * was admitted beyond them waits like the others, with the first claim on the next place. So the limits hold in every
 * prefix of the log, without a lock.
 */
import type { JobStatus } from '../../schemas/job.js';
import type { StoredJob } from '../store/job-log.js';

/** A job that has not ended. */
export interface QueuedJob {
  readonly jobId: string;
  readonly tenantId: string;
  readonly status: JobStatus;
  /** Place of its admission in the log; null: it waits. */
  readonly admitted: number | null;
}

export interface QueueLimits {
  /** Jobs at once. */
  readonly max: number;
  /** Jobs of one tenant at once. */
  readonly perTenant: number;
}

export interface Turns {
  readonly running: ReadonlySet<string>;
  /** To be admitted now, in this order. */
  readonly next: readonly string[];
  /** All that wait, the first in line first. */
  readonly waiting: readonly string[];
}

/**
 * @param jobs in the order of their creation
 * @param served tenants in the order in which they had their last turn, the one that waits longest first
 */
export function takeTurns(
  jobs: readonly QueuedJob[],
  limits: QueueLimits,
  served: readonly string[] = [],
): Turns {
  const active = jobs.filter(({ status }) => status === 'Pending' || status === 'Running');
  const ofTenant = new Map<string, number>();
  const running = new Set<string>();
  const fits = ({ tenantId }: QueuedJob): boolean =>
    running.size < limits.max && (ofTenant.get(tenantId) ?? 0) < limits.perTenant;
  const take = ({ jobId, tenantId }: QueuedJob): void => {
    running.add(jobId);
    ofTenant.set(tenantId, (ofTenant.get(tenantId) ?? 0) + 1);
  };
  const admitted = active.filter((job) => job.admitted !== null);
  for (const job of admitted.sort((a, b) => a.admitted! - b.admitted!)) if (fits(job)) take(job);
  const started = new Set(running);
  const waiting = inLine(
    active.filter(({ jobId }) => !started.has(jobId)),
    ofTenant,
    served,
  );
  const next: string[] = [];
  for (const job of waiting) {
    if (!fits(job)) continue;
    take(job);
    if (job.admitted === null) next.push(job.jobId);
  }
  return { running: started, next, waiting: waiting.map(({ jobId }) => jobId) };
}

/**
 * Round-robin over tenants: who has fewer jobs running and before it in the line comes first, then the tenant whose last
 * turn is longer ago, then the older job. Jobs that were admitted and found no place stand before the others.
 */
function inLine(
  waiting: readonly QueuedJob[],
  running: ReadonlyMap<string, number>,
  served: readonly string[],
): QueuedJob[] {
  const before = new Map(running);
  const ranked = waiting.map((job, age) => {
    const rank = before.get(job.tenantId) ?? 0;
    before.set(job.tenantId, rank + 1);
    return { job, age, rank: job.admitted === null ? rank : -1, turn: served.indexOf(job.tenantId) };
  });
  return ranked.sort((a, b) => a.rank - b.rank || a.turn - b.turn || a.age - b.age).map(({ job }) => job);
}

export function turnsOf(jobs: readonly StoredJob[], limits: QueueLimits, served: readonly string[]): Turns {
  const queued = jobs.map(({ jobId, tenantId, state }) => {
    return { jobId, tenantId, status: state.status, admitted: state.admitted };
  });
  return takeTurns(queued, limits, served);
}
