/**
 * Drives one job from Pending to its end: plan → collect → (map) → fold → seal → verdict. Every step is frozen in the
 * job log before the next builds on it, and every step may be repeated: a coordinator that dies loses nothing, and two at
 * once are bound by whichever wrote first. Nothing here is kept in memory between steps.
 */
import { RewindError } from '../../schemas/errors.js';
import type { FrozenSpec, ReplayPlan } from '../../schemas/job.js';
import { sweepScratch } from '../compare/scratch.js';
import { verifyJob } from '../compare/verify-job.js';
import { withRedriven } from '../redrive/redrive-log.js';
import { type EmittingBody, END_UNIT, OUTPUT_PREFIX } from '../sinks/emitting.js';
import { sealedUnit } from '../sinks/end-marker.js';
import { emittedOutputs } from '../sinks/output-topics.js';
import type { StoredJob } from '../store/job-log.js';
import type { InputRows } from '../store/selection.js';
import { FAILPOINTS, reach } from '../testing/failpoints.js';
import { baseBody, behindBase, wholeInput } from './base.js';
import { type InputState, readInputState } from './coverage.js';
import { countInput, findLosers, findRepeated } from './job-input.js';
import { jobResult } from './job-result.js';
import { isTerminal } from './job-state.js';
import { checkBytes, checkEvents, checkPlan, checkRows } from './limits.js';
import { foldPace, pacedUnitEvents } from './pace.js';
import { bytesRead } from './pace-report.js';
import type {
  BaseBody,
  BoundJob,
  FoldingBody,
  MappingBody,
  Pipeline,
  PlannedJob,
  UnitRange,
} from './pipeline.js';
import { writeTimelineIndex, writeUndecodable } from './seal.js';
import { keepsSnapshots } from './spec.js';
import { makePlan } from './survey.js';
import { loadInput, storeInput } from './tasks.js';
import { unitRanges } from './unit-ranges.js';
import { runUnit } from './unit-runner.js';
import { claimsOf, type UnitState } from './units.js';

export const COORDINATOR_UNIT = 'coordinator';
export const MAP_PREFIX = 'map/';
export const FOLD_PREFIX = 'fold/';
const UNDECODABLE_UNIT = 'undecodable';
export const SEAL_UNIT = 'seal';

export class Coordinator {
  readonly #pipeline: Pipeline;
  readonly #job: BoundJob;
  readonly #signal: AbortSignal;

  constructor(pipeline: Pipeline, job: BoundJob, signal: AbortSignal) {
    this.#pipeline = pipeline;
    this.#job = job;
    this.#signal = signal;
  }

  /** Resolves when the job has ended or the signal aborts; a failure of the job itself ends it as Failed. */
  async run(): Promise<void> {
    try {
      if (this.#job.spec.verifies !== undefined) {
        const folded = (units: readonly UnitRange[]) => this.#sealedUnits(FOLD_PREFIX, units);
        const steps = { state: this.#state.bind(this), append: this.#append.bind(this), folded };
        return await verifyJob(this.#pipeline, this.#job, steps);
      }
      const planned = await this.#plan();
      if (FAILPOINTS) await reach('coordinator.planned');
      const input = await this.#collected(planned);
      if (FAILPOINTS) await reach('coordinator.collected');
      const foldInput = await this.#mapped(planned, input);
      const folding = await this.#folding(planned, foldInput);
      const units = await this.#sealedUnits(FOLD_PREFIX, folding.units);
      if (FAILPOINTS) await reach('coordinator.folded');
      await this.#seal(planned, folding, units);
      if (planned.spec.outputs !== undefined) await this.#emitted(planned, folding);
      if (FAILPOINTS) await reach('coordinator.sealed');
      await this.#append('complete', await jobResult(this.#pipeline, planned, folding));
      await this.#pipeline.log.cleanUp(planned);
    } catch (error) {
      if (this.#signal.aborted) return;
      if (error instanceof RewindError && error.code === 'job_finished') return;
      if (error instanceof RewindError && error.retryable) throw error;
      await this.fail(error);
    }
  }

  async fail(error: unknown): Promise<void> {
    const known = error instanceof RewindError ? error : null;
    await this.#append('failed', {
      code: known?.code ?? 'internal',
      message: error instanceof Error ? error.message : String(error),
      facts: known?.facts ?? {},
    });
  }

  async #plan(): Promise<PlannedJob> {
    const known = await this.#state();
    if (known.plan === null) {
      const plan = await makePlan(this.#pipeline, this.#job.spec, this.#job.jobId, await this.#parentPlan());
      checkPlan(plan, this.#job.spec.limits, this.#pipeline.config.jobs.diskReserveBytes);
      // Workers join the group as soon as they see the plan: its offsets are set before.
      await this.#pipeline.log.prepare({ ...this.#job, plan });
      await this.#append('planned', plan);
    }
    const { plan } = await this.#state();
    await this.#append('started', null);
    return { ...this.#job, plan: plan as ReplayPlan };
  }

  /** The frozen bounds of the job that this one runs again; null: it has its own. */
  async #parentPlan(): Promise<ReplayPlan | null> {
    const { parentJobId, bounds } = this.#job.spec;
    if (bounds === 'own' || parentJobId === null) return null;
    const parent = await this.#pipeline.jobLog.read(this.#job.tenantId, parentJobId);
    return (parent?.state.plan ?? null) as ReplayPlan | null;
  }

  async #collected(job: PlannedJob): Promise<InputRows> {
    const state = await this.#until<InputState>(async () => {
      const { unitLog } = this.#pipeline;
      const { limits } = job.spec;
      const input = await readInputState(unitLog, { ...job, partitions: job.plan.partitions });
      // Behind the input: what it says is complete has been counted.
      if (limits.maxBytes !== null) checkBytes(await bytesRead(unitLog, job.jobId), limits);
      return input.complete ? input : null;
    });
    const { definition: encoding } = await this.#pipeline.encodings.get(
      job.tenantId,
      job.spec.encodingVersion,
    );
    const input = await withRedriven(this.#pipeline, job.plan.partitions, state.input);
    // Derived entities are known once they are mapped: such a run maps and folds the whole history again.
    return encoding.entity === 'envelope' ? behindBase(this.#pipeline, job.spec, input) : input;
  }

  /** Encodings that derive entities: events are mapped into the job's own table first. */
  async #mapped(job: PlannedJob, input: InputRows): Promise<InputRows> {
    const { definition: encoding } = await this.#pipeline.encodings.get(
      job.tenantId,
      job.spec.encodingVersion,
    );
    if (encoding.entity === 'envelope') return input;
    if ((await this.#state()).mapping === null) {
      const counts = await countInput(this.#pipeline.store, job.spec, input, false, this.#statement());
      const body: MappingBody = {
        input: storeInput(input),
        counts,
        units: this.#ranges(MAP_PREFIX, counts.selected),
      };
      await this.#append('mapping', body);
    }
    const mapping = (await this.#state()).mapping as MappingBody;
    const units = await this.#sealedUnits(MAP_PREFIX, mapping.units);
    const ranges = units.flatMap((unit) => unit.segments);
    return { table: 'replay_events', jobId: job.jobId, stage: 'mapped', ranges };
  }

  async #folding(job: PlannedJob, input: InputRows): Promise<FoldingBody> {
    if ((await this.#state()).folding === null) {
      const { store, config } = this.#pipeline;
      const { maxConflicts } = config.replay;
      // Both read all of the input, by different columns.
      const [counts, found] = await Promise.all([
        countInput(store, job.spec, input, true, this.#statement()),
        findRepeated(store, job.spec, wholeInput(input), this.#statement()),
      ]);
      checkEvents(counts.selected, job.spec.limits);
      // Where records fan out, ids stand under several entities as a rule: the fold looks at each.
      const repeated = counts.fansOut ? null : found;
      const limits = { fansOut: counts.fansOut, maxConflicts, repeated };
      const losers = await findLosers(store, job.spec, wholeInput(input), limits, this.#statement());
      const base = await this.#base(job.spec, input, repeated);
      const rows = Math.max(counts.selected + (base?.anewEvents ?? 0), base?.states ?? 0);
      const body: FoldingBody = {
        input: storeInput(input),
        counts,
        losers,
        repeated,
        units: this.#ranges(FOLD_PREFIX, rows),
        ...(base === null ? {} : { base }),
      };
      await this.#append('folding', body);
    }
    return (await this.#state()).folding as FoldingBody;
  }

  async #base(spec: FrozenSpec, input: InputRows, repeated: string[] | null): Promise<BaseBody | null> {
    const { base } = spec;
    if (base === undefined) return null;
    const known = input.behind === undefined ? null : repeated;
    return baseBody(this.#pipeline, { ...spec, base }, input, known, this.#statement());
  }

  async #seal(job: PlannedJob, folding: FoldingBody, units: readonly UnitState[]): Promise<void> {
    const { store } = this.#pipeline;
    const mapping = (await this.#state()).mapping as MappingBody | null;
    const source = loadInput(mapping?.input ?? folding.input);
    await this.#runUnit(UNDECODABLE_UNIT, (claim) =>
      writeUndecodable(store, job.jobId, job.spec, source, claim, this.#statement()),
    );
    if (job.spec.jobType === 'DryRun') await sweepScratch(store, job.jobId);
    if (!keepsSnapshots(job.spec)) return;
    const foldClaims = claimsOf(units);
    await this.#runUnit(SEAL_UNIT, (claim) =>
      writeTimelineIndex(store, job.jobId, foldClaims, claim, this.#statement()),
    );
  }

  /** Output topics: every unit written and acknowledged, then the end markers that name their claims. */
  async #emitted(job: PlannedJob, folding: FoldingBody): Promise<void> {
    const { outputs, jobLog } = this.#pipeline;
    if (outputs === null) throw new RewindError('log_required', 'output topics need brokers');
    if (emittedOutputs(job.spec).length === 0) return;
    if ((await this.#state()).emitting === null)
      await this.#append('emitting', await outputs.prepare(job, folding.units));
    const body = (await this.#state()).emitting as EmittingBody;
    const states = await this.#sealedUnits(OUTPUT_PREFIX, body.units);
    if (FAILPOINTS) await reach('coordinator.emitted');
    const sealed = body.units.map(({ unit }, i) => sealedUnit(unit, states[i]!));
    const began = (await jobLog.times(job.tenantId, job.jobId)).get('emitting') ?? 0;
    await this.#runUnit(END_UNIT, () => outputs.writeEnds(job, body, sealed, new Date(began).toISOString()));
  }

  #ranges(prefix: string, events: number): UnitRange[] {
    const { unitEvents, unitsMax } = this.#pipeline.config.replay;
    const paced = pacedUnitEvents(unitEvents, foldPace(this.#job.spec, null));
    return unitRanges(prefix, Math.min(unitsMax, Math.max(1, Math.ceil(events / paced))));
  }

  /** Waits until every unit of a stage is sealed by whichever workers, and watches the breaker. */
  async #sealedUnits(prefix: string, wanted: readonly UnitRange[]): Promise<UnitState[]> {
    const { maxFailures } = this.#pipeline.config.replay;
    return this.#until(async () => {
      const units = await this.#pipeline.unitLog.readScope(this.#job.jobId, prefix);
      const states = wanted.map((unit) => units.get(unit.unit));
      const total = (name: string): number =>
        states.reduce((sum, state) => sum + (state?.counters[name] ?? 0), 0);
      const failed = total('failed');
      checkRows(total('snapshots'), this.#job.spec.limits);
      if (failed > maxFailures) {
        throw new RewindError(
          'too_many_failures',
          `${failed} events failed, more than replay.maxFailures (${maxFailures})`,
        );
      }
      return states.every((state) => state?.sealed === true) ? (states as UnitState[]) : null;
    });
  }

  async #runUnit(
    unit: string,
    work: (claim: string) => Promise<Readonly<Record<string, number>>>,
  ): Promise<void> {
    const { unitLog, beats, worker, holderSilent } = this.#pipeline;
    await this.#until(async () => {
      const state = await unitLog.read(this.#job.jobId, unit);
      const silent = holderSilent(this.#job.jobId, unit, state);
      const outcome = await runUnit({
        unitLog,
        beats,
        worker,
        scope: this.#job.jobId,
        unit,
        holderSilent: silent,
        work,
      });
      return outcome === 'sealed' ? true : null;
    });
  }

  /** Polls until there is a value; retryable store errors are waited out. */
  async #until<T>(poll: () => Promise<T | null>): Promise<T> {
    const { wake, config } = this.#pipeline;
    for (;;) {
      this.#signal.throwIfAborted();
      const { count } = wake;
      try {
        const value = await poll();
        if (value !== null) return value;
      } catch (error) {
        if (!(error instanceof RewindError) || !error.retryable) throw error;
      }
      await wake.wait(count, config.replay.pollMs, this.#signal);
    }
  }

  async #state(): Promise<StoredJob['state']> {
    const stored = await this.#pipeline.jobLog.read(this.#job.tenantId, this.#job.jobId);
    if (stored === null || isTerminal(stored.state.status)) {
      throw new RewindError('job_finished', `job ${this.#job.jobId} has ended`);
    }
    return stored.state;
  }

  async #append(kind: Parameters<Pipeline['jobLog']['append']>[0]['kind'], body: unknown): Promise<void> {
    const { jobId, tenantId } = this.#job;
    await this.#pipeline.jobLog.append({ jobId, tenantId, kind, actor: this.#pipeline.worker, body });
    this.#pipeline.wake.wake();
  }

  #statement() {
    return { maxSeconds: this.#pipeline.config.store.statementMaxSeconds, signal: this.#signal };
  }
}
