/** How a tenant stands, at a glance: its jobs, what failed, how fast runs are. */
import type { JobStatus, JobType } from '../../schemas/job.js';

export interface TenantOverview {
  readonly jobsByStatus: Readonly<Record<JobStatus, number>>;
  /** The job that was created last; null: none yet. */
  readonly lastRun: {
    readonly jobId: string;
    readonly jobType: JobType;
    readonly status: JobStatus;
    readonly createdAt: string;
    readonly completedAt: string | null;
    readonly eventsProcessed: number;
    readonly eventsFailed: number;
  } | null;
  /** Events that failed in complete runs. */
  readonly eventsFailed: number;
  /** Jobs that failed, the newest first. */
  readonly latestFailures: readonly {
    readonly jobId: string;
    readonly failedAt: string;
    readonly code: string;
    readonly message: string;
  }[];
  /** The newest complete runs together: from their start to their end. */
  readonly throughput: { readonly runs: number; readonly events: number; readonly seconds: number };
}

export interface TenantOverviews {
  of(tenantId: string): Promise<TenantOverview>;
}
