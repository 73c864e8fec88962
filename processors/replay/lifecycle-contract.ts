/**
 * How people steer jobs: what api/ may ask for. `lifecycle.ts` implements it. All methods reject with RewindError, and
 * all may be repeated: what is so already stays so.
 */
import type { JobSpec, JobThrottle } from '../../schemas/job.js';
import type { JobView } from './service.js';

export interface RerunOptions {
  /** Fields of the spec that change; none: the same spec over the same frozen bounds. */
  readonly changes?: Partial<JobSpec>;
  /** With changes: go on with the parent's frozen bounds all the same. Default: new bounds. */
  readonly keepBounds?: boolean;
  readonly idempotencyKey?: string;
}

export interface JobLifecycle {
  /** Workers give back what they hold and leave the consumer group; readers keep seeing what they saw. */
  pause(tenantId: string, jobId: string, actor: string): Promise<JobView>;
  /** A paused or failed job waits for its turn again and goes on from the units that are sealed. */
  resume(tenantId: string, jobId: string, actor: string): Promise<JobView>;
  /** keep: the units sealed so far stay readable, as a partial run; drop: nobody sees its rows from here on. */
  cancel(tenantId: string, jobId: string, actor: string, rows?: 'keep' | 'drop'): Promise<JobView>;
  /** A new job, child of this one. Pinned versions are the parent's unless changed. */
  rerun(tenantId: string, jobId: string, actor: string, options?: RerunOptions): Promise<JobView>;
  /** The StateRebuild of a DryRun's spec, without its baseline, over the same bounds. Rejects with job_type_unsupported. */
  rebuild(tenantId: string, jobId: string, actor: string, idempotencyKey?: string): Promise<JobView>;
  /** Another pace for a job that is not finished: null lifts a limit, what is left out stays. Rejects with job_finished. */
  throttle(tenantId: string, jobId: string, actor: string, asked: JobThrottle): Promise<JobView>;
  /** Removes an ended job's rows; its entry in the job log stays. Rejects with job_active, job_is_current. */
  remove(tenantId: string, jobId: string, actor: string): Promise<JobView>;
}

export interface InstanceState {
  readonly paused: boolean;
  /** Who switched last; null: nobody ever did. */
  readonly actor: string | null;
  readonly reason: string;
  /** When, RFC 3339. */
  readonly since: string | null;
}

/** The switch over all jobs of all tenants and the archiver. Appending events goes on. */
export interface InstanceSwitch {
  state(): Promise<InstanceState>;
  /** All reading stops within 5 s, and stays stopped over restarts. */
  pause(actor: string, reason: string): Promise<InstanceState>;
  resume(actor: string, reason: string): Promise<InstanceState>;
}
