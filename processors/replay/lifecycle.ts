/**
 * Steers jobs by appending to the job log. Each step reads the job, appends an event and reads it back: what counts is
 * the order of the log (job-state.ts), so that two people who want different things get one answer.
 * Workers see it on their next round (host.ts), and what a cancel or a deletion leaves to do is settle.ts.
 */
import { RewindError } from '../../schemas/errors.js';
import type { FrozenSpec, JobSpec, JobStatus, JobThrottle } from '../../schemas/job.js';
import type { JobLog, StoredJob } from '../store/job-log.js';
import type { JobEventKind } from './job-state.js';
import { isTerminal } from './job-state.js';
import type { JobLifecycle, RerunOptions } from './lifecycle-contract.js';
import type { JobView } from './service.js';
import { frozenThrottle } from './spec-limits.js';
import type { Wake } from './wake.js';

export interface LifecycleContext {
  readonly jobLog: JobLog;
  readonly wake: Wake;
  /** Creates a job from a spec that is frozen already. */
  createFrozen(frozen: FrozenSpec, actor: string, idempotencyKey: string | undefined): Promise<JobView>;
  freeze(tenantId: string, spec: JobSpec): Promise<FrozenSpec>;
  view(job: StoredJob): Promise<JobView>;
  /** Its states are the tenant's current state. */
  isCurrent(tenantId: string, jobId: string): Promise<boolean>;
  /** Drops what this process keeps of a finished run. */
  forget(tenantId: string, jobId: string): void;
}

export class Lifecycle implements JobLifecycle {
  readonly #context: LifecycleContext;

  constructor(context: LifecycleContext) {
    this.#context = context;
  }

  async pause(tenantId: string, jobId: string, actor: string): Promise<JobView> {
    const job = await this.#job(tenantId, jobId);
    if (job.state.status === 'Paused') return this.#context.view(job);
    if (isTerminal(job.state.status)) throw finished(jobId, job.state.status);
    return this.#step(job, 'paused', actor, (status) => !isTerminal(status));
  }

  async resume(tenantId: string, jobId: string, actor: string): Promise<JobView> {
    const job = await this.#job(tenantId, jobId);
    const { status, deleted } = job.state;
    if (status === 'Pending' || status === 'Running') return this.#context.view(job);
    if (deleted !== null || (status !== 'Paused' && status !== 'Failed')) throw finished(jobId, status);
    return this.#step(job, 'resumed', actor, (after) => after !== 'Complete' && after !== 'Cancelled');
  }

  async cancel(
    tenantId: string,
    jobId: string,
    actor: string,
    rows: 'keep' | 'drop' = 'drop',
  ): Promise<JobView> {
    const job = await this.#job(tenantId, jobId);
    if (job.state.status === 'Cancelled') return this.#context.view(job);
    if (isTerminal(job.state.status)) throw finished(jobId, job.state.status);
    await this.#append(job, 'cancelled', actor, { rows });
    const after = await this.#job(tenantId, jobId);
    if (after.state.status !== 'Cancelled') throw finished(jobId, after.state.status);
    if (after.state.rows === 'keep') return this.#context.view(after);
    // A crash before this line: the worker that settles the job says it.
    await this.#append(job, 'dropped', actor, null);
    return this.#context.view(await this.#job(tenantId, jobId));
  }

  async rerun(tenantId: string, jobId: string, actor: string, options: RerunOptions = {}): Promise<JobView> {
    const { state } = await this.#job(tenantId, jobId);
    const parent = state.spec as FrozenSpec;
    const { changes = {}, idempotencyKey } = options;
    const changed = Object.keys(changes).length > 0;
    const frozen = changed
      ? await this.#context.freeze(tenantId, { ...parent.requested, ...changes })
      : parent;
    const sameBounds = state.plan !== null && (!changed || options.keepBounds === true);
    const spec: FrozenSpec = { ...frozen, parentJobId: jobId, bounds: sameBounds ? 'parent' : 'own' };
    return this.#context.createFrozen(spec, actor, idempotencyKey);
  }

  async rebuild(tenantId: string, jobId: string, actor: string, idempotencyKey?: string): Promise<JobView> {
    const { state } = await this.#job(tenantId, jobId);
    const parent = state.spec as FrozenSpec;
    if (parent.jobType !== 'DryRun' || parent.verifies !== undefined) {
      throw new RewindError('job_type_unsupported', `job ${jobId} is a ${parent.jobType}, not a DryRun`);
    }
    const { baseline: _, ...requested } = parent.requested;
    const frozen = await this.#context.freeze(tenantId, { ...requested, job_type: 'StateRebuild' });
    const bounds = state.plan === null ? 'own' : 'parent';
    return this.#context.createFrozen({ ...frozen, parentJobId: jobId, bounds }, actor, idempotencyKey);
  }

  async throttle(tenantId: string, jobId: string, actor: string, asked: JobThrottle): Promise<JobView> {
    const job = await this.#job(tenantId, jobId);
    if (isTerminal(job.state.status)) throw finished(jobId, job.state.status);
    const now = job.state.throttle ?? (job.state.spec as FrozenSpec).throttle;
    await this.#append(job, 'throttled', actor, frozenThrottle(asked, now));
    return this.#context.view(await this.#job(tenantId, jobId));
  }

  async remove(tenantId: string, jobId: string, actor: string): Promise<JobView> {
    const job = await this.#job(tenantId, jobId);
    if (job.state.deleted !== null) return this.#context.view(job);
    if (!isTerminal(job.state.status)) throw active(jobId, job.state.status);
    if (await this.#context.isCurrent(tenantId, jobId))
      throw new RewindError('job_is_current', `job ${jobId} is the current state of its tenant`);
    await this.#append(job, 'deleted', actor, null);
    const after = await this.#job(tenantId, jobId);
    // A resume that came first.
    if (after.state.deleted === null) throw active(jobId, after.state.status);
    this.#context.forget(tenantId, jobId);
    return this.#context.view(after);
  }

  /** Appends, and reads back whether an end came first. */
  async #step(
    job: StoredJob,
    kind: JobEventKind,
    actor: string,
    holds: (status: JobStatus) => boolean,
  ): Promise<JobView> {
    await this.#append(job, kind, actor, null);
    const after = await this.#job(job.tenantId, job.jobId);
    if (!holds(after.state.status)) throw finished(job.jobId, after.state.status);
    return this.#context.view(after);
  }

  async #append(job: StoredJob, kind: JobEventKind, actor: string, body: unknown): Promise<void> {
    const { jobId, tenantId } = job;
    await this.#context.jobLog.append({ jobId, tenantId, kind, actor, body });
    this.#context.wake.wake();
  }

  async #job(tenantId: string, jobId: string): Promise<StoredJob> {
    const job = await this.#context.jobLog.read(tenantId, jobId);
    if (job === null) throw new RewindError('job_not_found', 'this tenant has no such job');
    return job;
  }
}

function finished(jobId: string, status: JobStatus): RewindError {
  return new RewindError('job_finished', `job ${jobId} is ${status}`);
}

function active(jobId: string, status: JobStatus): RewindError {
  return new RewindError('job_active', `job ${jobId} is ${status}`);
}
