/**
 * The replay service: creates and shows jobs, and reads their results. It only reads and appends; the work is
 * done by whichever worker processes share the store.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { uuidv7 } from 'uuidv7';
import { RewindError } from '../../schemas/errors.js';
import type { FrozenSpec, JobResult, JobSpec, ReplayPlan } from '../../schemas/job.js';
import { currentOf } from '../current/promotions.js';
import type { JobCursor, StoredJob } from '../store/job-log.js';
import { parseLogPlace, parseSkip } from '../store/page-cursor.js';
import type { PromotionLog } from '../store/promotion-log.js';
import type { RunClaims, RunFacts, RunResults } from '../store/run-results.js';
import { bindBase } from './base.js';
import { FOLD_PREFIX, SEAL_UNIT } from './coordinator.js';
import { isListed, type JobFilters } from './job-list.js';
import { jobProgress } from './job-progress.js';
import { timesUntil } from './job-time.js';
import { jobUnits } from './job-units.js';
import { Lifecycle } from './lifecycle.js';
import type { JobLifecycle } from './lifecycle-contract.js';
import { pinVersions } from './pin.js';
import type { Pipeline } from './pipeline.js';
import { turnsOf } from './queue.js';
import type { JobView, Page, ReplayService, SnapshotView, TimelineEntry, UnitView } from './service.js';
import { freezeSpec, isSameRequest } from './spec.js';
import { makePlan } from './survey.js';

export type RunsContext = Pick<
  Pipeline,
  | 'config'
  | 'store'
  | 'unitLog'
  | 'jobLog'
  | 'encodings'
  | 'rules'
  | 'sources'
  | 'policies'
  | 'log'
  | 'outputs'
  | 'wake'
> & {
  readonly promotions: PromotionLog;
  /** Topics of all configured sources. */
  readonly topics: readonly string[];
};

/** Complete runs whose facts are kept in memory; forgotten together when there are more. */
const FINISHED_MAX = 1_000;
/** Rows that another process dropped may be shown for so long. */
const DROPPED_CHECK_MS = 1_000;

export class Runs implements ReplayService {
  readonly #context: RunsContext;
  readonly #results: RunResults;
  /** By tenant and job. */
  readonly #finished = new Map<string, { facts: RunFacts; checkedAt: number }>();

  /** `readerResults`: results through a store that may only read. */
  constructor(context: RunsContext, results: RunResults) {
    this.#context = context;
    this.#results = results;
  }

  async plan(tenantId: string, spec: JobSpec): Promise<ReplayPlan> {
    return makePlan(this.#context, await this.freeze(tenantId, spec), null);
  }

  async create(tenantId: string, spec: JobSpec, actor: string, idempotencyKey?: string): Promise<JobView> {
    return this.createFrozen(await this.freeze(tenantId, spec), actor, idempotencyKey, spec);
  }

  async createFrozen(
    frozen: FrozenSpec,
    actor: string,
    idempotencyKey: string | undefined,
    asked: JobSpec = frozen.requested,
  ): Promise<JobView> {
    const { tenantId } = frozen;
    const jobId =
      idempotencyKey === undefined
        ? `run-${uuidv7()}`
        : `run-${digest(`${tenantId}\u0000${idempotencyKey}`)}`;
    const known = idempotencyKey === undefined ? null : await this.#context.jobLog.read(tenantId, jobId);
    if (known === null) {
      await this.#context.jobLog.append({ jobId, tenantId, kind: 'created', actor, body: frozen });
      this.#context.wake.wake();
    } else if (!isSameRequest(asked, frozen, known.state.spec as FrozenSpec)) {
      throw new RewindError(
        'idempotency_mismatch',
        `the key was used for another request, which made ${jobId}`,
      );
    }
    return this.get(tenantId, jobId);
  }

  async get(tenantId: string, jobId: string): Promise<JobView> {
    return this.view(await this.#job(tenantId, jobId));
  }

  async list(
    tenantId: string,
    options: JobFilters & { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<JobView>> {
    const items: JobView[] = [];
    let before = parseLogPlace(options.cursor);
    for (;;) {
      const page = await this.#context.jobLog.list(tenantId, {
        limit: options.limit,
        filters: options,
        before,
      });
      for (const { job, cursor } of page) {
        before = cursor;
        if (!isListed(job.state, options)) continue;
        items.push(await this.view(job));
        if (items.length === options.limit) return { items, next: formatCursor(cursor) };
      }
      if (page.length < options.limit) return { items, next: null };
    }
  }

  async units(
    tenantId: string,
    jobId: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<UnitView>> {
    const units = await jobUnits(this.#context.unitLog, await this.#job(tenantId, jobId));
    const start = parseSkip(page.cursor);
    const end = start + page.limit;
    return { items: units.slice(start, end), next: end < units.length ? String(end) : null };
  }

  /** Steering of the same jobs. */
  lifecycle(): JobLifecycle {
    const { jobLog, wake } = this.#context;
    return new Lifecycle({
      jobLog,
      wake,
      createFrozen: (frozen, actor, key) => this.createFrozen(frozen, actor, key),
      freeze: (tenantId, spec) => this.freeze(tenantId, spec),
      view: (job) => this.view(job),
      isCurrent: async (tenantId, jobId) =>
        currentOf(await this.#context.promotions.read(tenantId))?.jobId === jobId,
      forget: (tenantId, jobId) => this.#finished.delete(`${tenantId}\u0000${jobId}`),
    });
  }

  async timeline(
    tenantId: string,
    jobId: string,
    options: { from: number; limit: number },
  ): Promise<readonly TimelineEntry[]> {
    return this.#results.timeline(await this.facts(tenantId, jobId), options.from, options.limit);
  }

  async snapshot(tenantId: string, jobId: string, index: number): Promise<SnapshotView> {
    return this.#results.snapshot(await this.facts(tenantId, jobId), index);
  }

  async entityHistory(
    tenantId: string,
    entity: { type: string; id: string },
    options: { jobId?: string; limit: number; afterSeq?: string },
  ): Promise<readonly SnapshotView[]> {
    const run = await this.facts(tenantId, options.jobId);
    const history = await this.#results.history(run, entity, options);
    if (history.length === 0 && options.afterSeq === undefined) throw noEntity(entity, run.jobId);
    return history;
  }

  async entityAt(
    tenantId: string,
    entity: { type: string; id: string },
    options: { jobId?: string; timeNs: bigint },
  ): Promise<SnapshotView> {
    const run = await this.facts(tenantId, options.jobId);
    const snapshot = await this.#results.at(run, entity, options.timeNs);
    if (snapshot === null) throw noEntity(entity, run.jobId);
    return snapshot;
  }

  async exportSnapshots(tenantId: string, jobId: string): Promise<Readable> {
    await this.#job(tenantId, jobId);
    return this.#results.export(jobId);
  }

  async freeze(tenantId: string, spec: JobSpec): Promise<FrozenSpec> {
    const frozen = freezeSpec(spec, await pinVersions(this.#context, tenantId, spec));
    if (spec.from_snapshot_of === undefined) return frozen;
    return { ...frozen, base: await bindBase(this.#context, frozen, spec.from_snapshot_of) };
  }

  async #job(tenantId: string, jobId: string): Promise<StoredJob> {
    const job = await this.#context.jobLog.read(tenantId, jobId);
    if (job === null) throw new RewindError('job_not_found', 'this tenant has no such job');
    return job;
  }

  /** The run asked for, or the tenant's newest finished StateRebuild. What is known of a complete run never changes. */
  async facts(tenantId: string, jobId: string | undefined): Promise<RunFacts> {
    const id = jobId ?? (await this.#newestRun(tenantId));
    const key = `${tenantId}\u0000${id}`;
    const known = this.#finished.get(key);
    if (known !== undefined && (await this.#stillThere(tenantId, id, known))) return known.facts;
    const job = await this.#job(tenantId, id);
    if (job.state.dropped) throw new RewindError('rows_dropped', `job ${id} keeps no rows`);
    const plan = job.state.plan as ReplayPlan | null;
    const facts = {
      jobId: job.jobId,
      createdAt: job.state.completedAt ?? job.state.startedAt ?? job.state.createdAt,
      topics: new Map(plan?.partitions.map((partition) => [partition.topicId, partition.topic])),
      claims: await this.#claims(job.jobId),
      based: (job.state.spec as FrozenSpec).base !== undefined,
    };
    if (job.state.status === 'Complete') {
      if (this.#finished.size >= FINISHED_MAX) this.#finished.clear();
      this.#finished.set(key, { facts, checkedAt: performance.now() });
    }
    return facts;
  }

  /** What is known of a run holds until its rows are dropped: another process may have done that. */
  async #stillThere(tenantId: string, jobId: string, known: { checkedAt: number }): Promise<boolean> {
    if (performance.now() - known.checkedAt < DROPPED_CHECK_MS) return true;
    known.checkedAt = performance.now();
    return !(await this.#context.jobLog.isDropped(tenantId, jobId));
  }

  async #queuePosition({ jobId }: StoredJob): Promise<number | null> {
    const { jobLog, config } = this.#context;
    const jobs = await jobLog.unfinished();
    const served = await jobLog.servedTenants(jobs);
    const place = turnsOf(jobs, config.jobs, served).waiting.indexOf(jobId);
    return place < 0 ? null : place + 1;
  }

  /** The claims of the job's sealed units. */
  async #claims(jobId: string): Promise<RunClaims> {
    const fold: string[] = [];
    const seal: string[] = [];
    for (const [unit, { sealed, segments }] of await this.#context.unitLog.readScope(jobId)) {
      const claims = unit.startsWith(FOLD_PREFIX) ? fold : unit === SEAL_UNIT ? seal : null;
      if (sealed && claims !== null) for (const { claim } of segments) claims.push(claim);
    }
    return { fold, seal };
  }

  async #newestRun(tenantId: string): Promise<string> {
    const { store } = this.#context;
    const rows = await store.query<{ job_id: string }>(
      `SELECT job_id FROM ${store.t('v1_runs')} WHERE tenant_id = {tenantId:String} AND status = 'Complete'
         AND job_type = 'StateRebuild' AND NOT deleted ORDER BY completed_at DESC, job_id DESC LIMIT 1`,
      { tenantId },
    );
    if (rows[0] === undefined)
      throw new RewindError('job_not_found', 'this tenant has no finished StateRebuild');
    return rows[0].job_id;
  }

  async view(job: StoredJob): Promise<JobView> {
    const { state } = job;
    const { progress, counters } = await jobProgress(this.#context.unitLog, job);
    return {
      jobId: job.jobId,
      tenantId: job.tenantId,
      status: state.status,
      spec: state.spec as FrozenSpec,
      throttle: state.throttle ?? (state.spec as FrozenSpec).throttle,
      plan: state.plan as ReplayPlan | null,
      counters,
      progress,
      result: state.result as JobResult | null,
      error: state.error as JobView['error'],
      createdBy: state.actor,
      createdAt: state.createdAt,
      startedAt: state.startedAt,
      completedAt: state.completedAt,
      queuePosition: state.status === 'Pending' ? await this.#queuePosition(job) : null,
      times: timesOf(state),
      rows: state.rows,
      deleted: state.deleted,
    };
  }
}

function timesOf(state: StoredJob['state']): JobView['times'] {
  const { queuedMs, runningMs, pausedMs } = timesUntil(state.times, state.status, Date.now());
  return { queuedMs, runningMs, pausedMs };
}

function noEntity(entity: { type: string; id: string }, jobId: string): RewindError {
  return new RewindError('entity_not_found', `run ${jobId} has no ${entity.type} ${entity.id} there`);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function formatCursor(cursor: JobCursor): string {
  return `${cursor.block}-${cursor.blockOffset}`;
}
