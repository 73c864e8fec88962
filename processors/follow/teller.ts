/**
 * Tells the output topics of a run what the steps of its followed states changed, step by step and behind the follower: the
 * sealed steps in the store are the queue, so a broker that is slow or away holds up nothing. A step is written under a
 * claim of its own; its markers, which name that claim, come when the unit is sealed. Whoever takes over writes the last
 * step's markers again, since nobody knows whether they were written: the same twice.
 */
import type { FrozenSpec, ReplayPlan } from '../../schemas/job.js';
import type { Pipeline, StepTopics } from '../replay/pipeline.js';
import type { TaskCounters } from '../replay/tasks.js';
import { runUnit } from '../replay/unit-runner.js';
import type { UnitState } from '../replay/units.js';
import { type EmitStepTask, type EmittedTopic, type EmittingBody, toldBySteps } from '../sinks/emitting.js';
import type { WatchedScope } from '../store/unit-log.js';
import { FAILPOINTS, reach } from '../testing/failpoints.js';
import { liveJob } from './generations.js';
import { forgetBefore, generationOf, LIVE_PREFIX, type PromotedSet, stepUnit } from './live-units.js';
import {
  type NextStep,
  nextUntold,
  type SealedStep,
  sealedSteps,
  setBefore,
  TOLD_PREFIX,
  toldUnit,
} from './told-units.js';

export type RunEmitStep = (task: EmitStepTask, signal: AbortSignal) => Promise<TaskCounters>;

export type TellerPipeline = Pick<
  Pipeline,
  'config' | 'unitLog' | 'jobLog' | 'beats' | 'worker' | 'holderSilent' | 'outputs'
>;

/** `none`: all steps are told; `held`: another process is at it, or seemed to be. */
export type TellOutcome = 'told' | 'none' | 'held';

interface Told {
  readonly steps: StepTopics;
  readonly jobId: string;
  readonly spec: FrozenSpec;
  readonly topics: readonly EmittedTopic[];
  readonly sourceTopics: EmitStepTask['sourceTopics'];
}

export class Teller {
  readonly #pipeline: TellerPipeline;
  readonly #promoted: PromotedSet;
  readonly #told: Told;
  readonly #runTask: RunEmitStep;
  readonly #signal: AbortSignal;
  readonly #live: WatchedScope;
  readonly #units: WatchedScope;
  /** Unit whose markers this process has written. */
  #marked = '';

  private constructor(
    pipeline: TellerPipeline,
    promoted: PromotedSet,
    told: Told,
    runTask: RunEmitStep,
    signal: AbortSignal,
  ) {
    this.#pipeline = pipeline;
    this.#promoted = promoted;
    this.#told = told;
    this.#runTask = runTask;
    this.#signal = signal;
    this.#live = pipeline.unitLog.watch(promoted.setId, LIVE_PREFIX);
    this.#units = pipeline.unitLog.watch(promoted.setId, TOLD_PREFIX);
  }

  /** Null: the run writes no snapshots or diffs to topics, or there are no brokers. */
  static async open(
    pipeline: TellerPipeline,
    promoted: PromotedSet,
    runTask: RunEmitStep,
    signal: AbortSignal,
  ): Promise<Teller | null> {
    const { jobLog, outputs } = pipeline;
    const state = (await jobLog.read(promoted.tenantId, promoted.jobId))?.state;
    const topics = (state?.emitting as EmittingBody | null | undefined)?.topics.filter(toldBySteps) ?? [];
    if (outputs === null || topics.length === 0) return null;
    const { partitions } = state!.plan as ReplayPlan;
    const told: Told = {
      steps: outputs.steps,
      jobId: promoted.jobId,
      spec: state!.spec as FrozenSpec,
      topics: await outputs.steps.prepare(topics),
      sourceTopics: partitions.map(({ topicId, topic }) => [topicId, topic] as const),
    };
    return new Teller(pipeline, promoted, told, runTask, signal);
  }

  /** Tells the next step. Rejects with store_* and log_* codes; may be called again. */
  async next(): Promise<TellOutcome> {
    const { unitLog } = this.#pipeline;
    const told = sealedSteps(await unitLog.refreshScope(this.#units));
    const last = told.at(-1);
    await this.#mark(last);
    if (last !== undefined) {
      forgetBefore(this.#units.units, last.unit);
      forgetBefore(this.#live.units, stepUnit(last.generation, 0n));
    }
    const live = await unitLog.refreshScope(this.#live);
    const next = nextUntold(sealedSteps(live), told);
    if (next === null) return 'none';
    if (!(await this.#isThere(next.step))) return 'told';
    if (!(await this.#tell(next, live))) return 'held';
    await this.#mark(sealedSteps(await unitLog.refreshScope(this.#units)).at(-1));
    return 'told';
  }

  /** False: its generation was removed; what is known of it here goes too. */
  async #isThere({ unit }: SealedStep): Promise<boolean> {
    const { sealed } = await this.#pipeline.unitLog.read(this.#promoted.setId, unit);
    if (sealed) return true;
    const generation = generationOf(unit);
    for (const name of [...this.#live.units.keys()])
      if (name.startsWith(generation)) this.#live.units.delete(name);
    return false;
  }

  async #tell({ step, gap }: NextStep, live: ReadonlyMap<string, UnitState>): Promise<boolean> {
    const { unitLog, beats, worker, holderSilent } = this.#pipeline;
    const scope = this.#promoted.setId;
    const unit = toldUnit(step);
    const state = await unitLog.read(scope, unit);
    const states = setBefore(this.#promoted, live, step);
    const outcome = await runUnit({
      unitLog,
      beats,
      worker,
      scope,
      unit,
      holderSilent: holderSilent(scope, unit, state),
      work: async (claim) => ({
        ...(await this.#runTask(this.#task(unit, claim, step, states), this.#signal)),
        gap: gap ? 1 : 0,
        at: Date.now(),
      }),
    });
    return outcome === 'sealed';
  }

  #task(unit: string, claim: string, step: SealedStep, states: EmitStepTask['states']): EmitStepTask {
    const { config } = this.#pipeline;
    const { setId } = this.#promoted;
    const { jobId, spec, topics, sourceTopics } = this.#told;
    return {
      kind: 'emit-step',
      jobId,
      spec,
      topics,
      sourceTopics,
      unit,
      claim,
      step: { setId, step: step.step.toString() },
      stepClaim: step.claim,
      live: liveJob(setId, step.generation),
      rows: step.counters.snapshots ?? 0,
      states,
      producing: { compression: config.outputs.compression, batchBytes: config.outputs.batchBytes },
      statementMaxSeconds: config.store.statementMaxSeconds,
    };
  }

  async #mark(last: SealedStep | undefined): Promise<void> {
    if (last === undefined || last.unit === this.#marked) return;
    if (FAILPOINTS) await reach('step.told');
    const { steps, jobId, spec, topics } = this.#told;
    const { setId, tenantId } = this.#promoted;
    await steps.mark(topics, {
      run: { jobId, tenantId, jobType: spec.jobType },
      step: { setId, step: last.step.toString() },
      unit: last,
      gap: last.counters.gap === 1,
      atMs: last.counters.at ?? 0,
    });
    this.#marked = last.unit;
  }
}
