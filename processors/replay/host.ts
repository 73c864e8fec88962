/**
 * The loop of a worker process: finds unfinished jobs, coordinates those that nobody coordinates, takes part in
 * collecting, and keeps its threads busy with units. Everything it knows it reads from the store on each round, so a
 * killed host is replaced by any other.
 */
import { type ErrorCode, RewindError } from '../../schemas/errors.js';
import type { FrozenSpec, ReplayPlan } from '../../schemas/job.js';
import { isOfRules } from '../policy/rules-policy.js';
import { emitTaskMaker } from '../sinks/emit-task.js';
import type { EmittingBody } from '../sinks/emitting.js';
import type { StoredJob } from '../store/job-log.js';
import { newClaimId } from '../store/unit-log.js';
import { COORDINATOR_UNIT, Coordinator } from './coordinator.js';
import { type JobRun, mayTry, newJobRun, running, shuffled } from './job-run.js';
import { overdue } from './limits.js';
import { foldPace, nextStart, unitCostMs } from './pace.js';
import type { FoldingBody, MappingBody, Pipeline, PlannedJob, UnitRange } from './pipeline.js';
import { turnsOf } from './queue.js';
import { settleJob } from './settle.js';
import type { ThreadPool, ThreadTask } from './thread-pool.js';
import { nextStep } from './unit-protocol.js';
import { runUnit } from './unit-runner.js';
import { taskMaker } from './unit-task.js';
import type { UnitState } from './units.js';

/** A unit that was claimed so often kills its workers: the job fails instead of going round for ever. */
const CLAIMS_MAX = 200;

/** Everything but the claim, which comes with the unit. */
type NewTask = WithoutClaim<ThreadTask>;
type WithoutClaim<T> = T extends unknown ? Omit<T, 'claim'> : never;

export interface HostEvents {
  /** A try failed and will be repeated. */
  onRetry(jobId: string, what: string, error: unknown): void;
}

export class PipelineHost {
  readonly #pipeline: Pipeline;
  readonly #pool: ThreadPool;
  readonly #events: HostEvents;
  readonly #runs = new Map<string, JobRun>();
  readonly #settling = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();

  constructor(pipeline: Pipeline, pool: ThreadPool, events: HostEvents) {
    this.#pipeline = pipeline;
    this.#pool = pool;
    this.#events = events;
  }

  /** Runs until the signal aborts; work under way is given back. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#end(), { once: true });
    const { wake, config } = this.#pipeline;
    while (!this.#stopped) {
      const { count } = wake;
      try {
        await this.#round();
      } catch (error) {
        this.#events.onRetry('', 'round', error);
      }
      await wake.wait(count, config.replay.pollMs, signal);
    }
    await Promise.allSettled([
      ...this.#settling.values(),
      ...[...this.#runs.values()].flatMap((run) => running(run)),
    ]);
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  #end(): void {
    this.#stop.abort();
    for (const run of this.#runs.values()) run.abort.abort();
  }

  /** Jobs that there is something to do for, and those whose turn it is. */
  async #turns(): Promise<{ jobs: readonly StoredJob[]; active: ReadonlySet<string> }> {
    const { jobLog, config, instance, worker } = this.#pipeline;
    const jobs = await jobLog.unfinished();
    if (await instance.isPaused()) return { jobs, active: new Set() };
    const served = await jobLog.servedTenants(jobs);
    const { next, running: active } = turnsOf(jobs, config.jobs, served);
    if (next.length === 0) return { jobs, active };
    const admitted = jobs.filter(({ jobId }) => next.includes(jobId));
    await jobLog.append(
      ...admitted.map(({ jobId, tenantId }) => {
        return { jobId, tenantId, kind: 'admitted' as const, actor: worker, body: null };
      }),
    );
    const after = await jobLog.unfinished();
    return { jobs: after, active: turnsOf(after, config.jobs, served).running };
  }

  async #round(): Promise<void> {
    const { jobs, active } = await this.#turns();
    for (const [jobId, run] of this.#runs) {
      if (!active.has(jobId)) run.abort.abort();
      // A job that was paused and resumed at once begins anew here, when all that was under way has ended.
      if (run.abort.signal.aborted && running(run).length === 0) this.#runs.delete(jobId);
    }
    for (const job of jobs) {
      if (this.#stopped) return;
      if (job.state.unsettled) this.#settle(job);
      if (!active.has(job.jobId)) continue;
      const run = this.#runs.get(job.jobId) ?? this.#begin(job);
      if (!run.abort.signal.aborted) await this.#advance(run, job);
    }
  }

  #settle(job: StoredJob): void {
    const { jobId } = job;
    if (this.#settling.has(jobId) || this.#runs.has(jobId)) return;
    const settling = settleJob(this.#pipeline, job, this.#stop.signal)
      .catch((error: unknown) => this.#events.onRetry(jobId, 'settle', error))
      .finally(() => this.#settling.delete(jobId));
    this.#settling.set(jobId, settling);
  }

  #begin(job: StoredJob): JobRun {
    const run = newJobRun(job);
    this.#runs.set(job.jobId, run);
    return run;
  }

  async #advance(run: JobRun, job: StoredJob): Promise<void> {
    const units = await this.#pipeline.unitLog.readScope(run.job.jobId);
    if (run.coordinating === null && mayTry(run, COORDINATOR_UNIT))
      await this.#coordinate(run, units.get(COORDINATOR_UNIT));
    const late = overdue(job.state, run.job.spec.limits, Date.now());
    if (late !== null) {
      await this.#fail(run, late);
      return;
    }
    run.pace.set(job.state.throttle ?? run.job.spec.throttle);
    await run.teller.tell(this.#pipeline.unitLog, this.#pipeline.worker);
    const { plan, mapping, folding } = job.state;
    if (plan !== null && folding === null && mapping === null) this.#collect(run, plan as ReplayPlan);
    if (this.#pool.idle === 0) return;
    const folds = folding as FoldingBody | null;
    const maps = mapping as MappingBody | null;
    const emits = job.state.emitting as EmittingBody | null;
    if (emits !== null && folds !== null) {
      const planned: PlannedJob = { ...run.job, plan: plan as ReplayPlan };
      const task = emitTaskMaker(this.#pipeline.config, planned, emits, folds, maps);
      await this.#startUnits(run, emits.units, units, 0, task);
    } else if (folds !== null) {
      const task = await this.#foldTask(run, folds, plan as ReplayPlan);
      if (task !== null) await this.#startUnits(run, folds.units, units, costOf(job, folds), task);
    } else if (maps !== null) {
      const body = { input: maps.input, losers: [], repeated: null };
      const task = await taskMaker(this.#pipeline, run.job, 'map', body, plan as ReplayPlan);
      await this.#startUnits(run, maps.units, units, costOf(job, maps), task);
    }
  }

  /** Null: the job's rules are of no use any more, and it has failed. */
  async #foldTask(run: JobRun, folds: FoldingBody, plan: ReplayPlan) {
    try {
      return await taskMaker(this.#pipeline, run.job, 'fold', folds, plan);
    } catch (error) {
      if (!isOfRules(error)) throw error;
      await this.#fail(run, error);
      return null;
    }
  }

  /** Claims the coordinator's unit if it is free, and coordinates while the claim holds. */
  async #coordinate(run: JobRun, state: UnitState | undefined): Promise<void> {
    const { unitLog, beats, worker, holderSilent } = this.#pipeline;
    const scope = run.job.jobId;
    const unit = COORDINATOR_UNIT;
    if (state !== undefined && nextStep(state, null, null, holderSilent(scope, unit, state)).kind !== 'claim')
      return;
    const claim = newClaimId();
    await unitLog.append([{ scope, unit, kind: 'claim', claim, worker }]);
    if ((await unitLog.read(scope, unit)).holder !== claim) return;
    beats.add({ scope, unit, claim });
    const coordinator = new Coordinator(this.#pipeline, run.job, run.abort.signal);
    run.coordinating = coordinator
      .run()
      .catch((error: unknown) => this.#failed(run, unit, error))
      .finally(async () => {
        beats.remove(claim);
        await unitLog.append([{ scope, unit, kind: 'release', claim, worker }]).catch(() => undefined);
        run.coordinating = null;
      });
  }

  #collect(run: JobRun, plan: ReplayPlan): void {
    if (run.collecting !== null || !mayTry(run, COLLECT)) return;
    if (plan.partitions.every((partition) => partition.toCollect.length === 0)) return;
    const job: PlannedJob = { ...run.job, plan };
    run.collecting = this.#pipeline.log
      .collect(job, run.pace, run.abort.signal)
      .catch((error: unknown) => this.#failed(run, COLLECT, error))
      .finally(async () => {
        await run.teller.tell(this.#pipeline.unitLog, this.#pipeline.worker, true);
        run.collecting = null;
        this.#pipeline.wake.wake();
      });
  }

  async #startUnits<Range extends UnitRange>(
    run: JobRun,
    ranges: readonly Range[],
    states: ReadonlyMap<string, UnitState>,
    costMs: number,
    taskOf: (range: Range) => NewTask,
  ): Promise<void> {
    const { holderSilent } = this.#pipeline;
    if (costMs > 0 && !(await this.#mayBegin(run, ranges, costMs))) return;
    // In an order of chance, so that workers seldom want the same unit.
    for (const range of shuffled(ranges)) {
      if (this.#pool.idle === 0) return;
      const state = states.get(range.unit);
      if (run.units.has(range.unit) || !mayTry(run, range.unit)) continue;
      const silent = state !== undefined && holderSilent(run.job.jobId, range.unit, state);
      if (state !== undefined && nextStep(state, null, null, silent).kind !== 'claim') continue;
      if ((state?.claims ?? 0) > CLAIMS_MAX * (run.resumes + 1)) {
        await this.#failed(
          run,
          range.unit,
          new RewindError('unit_failed', `unit ${range.unit} was tried ${state?.claims} times`),
        );
        return;
      }
      this.#startUnit(run, taskOf(range), silent);
      if (costMs > 0) return;
    }
  }

  /** With a pace: the units that anyone began so far have paid for themselves. Two hosts at once may begin one too many. */
  async #mayBegin(run: JobRun, ranges: readonly UnitRange[], costMs: number): Promise<boolean> {
    const prefix = ranges[0]!.unit.slice(0, ranges[0]!.unit.indexOf('/') + 1);
    const { startsMs, nowMs } = await this.#pipeline.unitLog.claimTimes(run.job.jobId, prefix);
    const waitMs = nextStart(startsMs, costMs) - nowMs;
    if (waitMs > 0) run.pace.hold('throttle', waitMs);
    return waitMs <= 0;
  }

  #startUnit(run: JobRun, task: NewTask, holderSilent: boolean): void {
    const { unitLog, beats, worker } = this.#pipeline;
    const slot = this.#pool.reserve();
    if (slot === null) return;
    const done = runUnit({
      unitLog,
      beats,
      worker,
      scope: run.job.jobId,
      unit: task.unit,
      holderSilent,
      work: (claim) => slot.run({ ...task, claim }, run.abort.signal, (ms) => run.pace.hold('broker', ms)),
    })
      .then(() => undefined)
      .catch((error: unknown) => this.#failed(run, task.unit, error))
      .finally(() => {
        slot.free();
        run.units.delete(task.unit);
        this.#pipeline.wake.wake();
      });
    run.units.set(task.unit, done);
  }

  /** Retryable errors are tried again on a later round, up to the limit; everything else ends the job. */
  async #failed(run: JobRun, unit: string, error: unknown): Promise<void> {
    if (run.abort.signal.aborted) return;
    const tries = (run.failures.get(unit)?.tries ?? 0) + 1;
    const waitMs = Math.min(RETRY_SLOWEST_MS, this.#pipeline.config.replay.pollMs * 2 ** Math.min(tries, 10));
    run.failures.set(unit, { tries, notBefore: performance.now() + waitMs });
    if (error instanceof RewindError && STORE_HOLDS.has(error.code))
      run.pace.hold('store', Math.max(waitMs, STORE_HOLD_MS));
    this.#events.onRetry(run.job.jobId, unit, error);
    const retryable = error instanceof RewindError && (error.retryable || FREE_RETRIES.has(error.code));
    if (retryable && (tries < this.#pipeline.config.replay.retries || FREE_RETRIES.has(error.code))) return;
    const named =
      error instanceof RewindError
        ? new RewindError(error.code, error.message, { facts: { ...error.facts, unit, tries } })
        : error;
    await this.#fail(run, named);
  }

  async #fail(run: JobRun, error: unknown): Promise<void> {
    await new Coordinator(this.#pipeline, run.job, run.abort.signal).fail(error).catch((cause: unknown) => {
      this.#events.onRetry(run.job.jobId, 'fail', cause);
    });
  }
}

const RETRY_SLOWEST_MS = 5_000;

/** A store, log or registry that comes back, or a unit that changes hands, is nobody's failure: these are no tries. */
const FREE_RETRIES: ReadonlySet<ErrorCode> = new Set([
  'claim_lost',
  'insert_unknown',
  'store_unavailable',
  'store_busy',
  'log_unavailable',
  'registry_unavailable',
]);

/** A store that says so, or does not answer in time: what is tried again is held back by it. */
const STORE_HOLDS: ReadonlySet<ErrorCode> = new Set(['store_busy', 'store_unavailable', 'store_timeout']);
const STORE_HOLD_MS = 1_000;

/** What a failed collect stage is counted under; units of work have names with a slash. */
const COLLECT = 'collect';

function costOf({ state }: StoredJob, { counts, units }: MappingBody | FoldingBody): number {
  return unitCostMs(counts.selected, units.length, foldPace(state.spec as FrozenSpec, state.throttle));
}
