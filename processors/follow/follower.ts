/**
 * Follows one set: each step folds what the archive has got since the step before. What is folded is decided by offsets
 * and not by times, so nothing is ever left out; how it is folded keeps the set at every step what one run over the same
 * offsets would give. The unit log says how far the set has come: a follower that dies is replaced by any other.
 */
import { RewindError } from '../../schemas/errors.js';
import { storeInput, type TaskCounters } from '../replay/tasks.js';
import { runUnit } from '../replay/unit-runner.js';
import type { UnitState } from '../replay/units.js';
import type { InputRows } from '../store/selection.js';
import type { QueryOptions } from '../store/store.js';
import type { WatchedScope } from '../store/unit-log.js';
import { type BaseRun, openBaseRun } from './base-run.js';
import {
  addOffsets,
  againOffsets,
  claimsAt,
  countOffsets,
  coveredOffsets,
  firstOffsets,
  type Offsets,
  offsetCounters,
  openOffsets,
} from './consumed.js';
import { CoverageWatch } from './coverage-watch.js';
import type { FollowPipeline, RunFollowTask, StepOutcome } from './follow-pipeline.js';
import { KeptGenerations, writeTogether } from './generations.js';
import { KnownIds, type RepeatedIds } from './known-ids.js';
import { findLate, lastUnsaid } from './late.js';
import {
  forgetBefore,
  LIVE_PREFIX,
  type Progress,
  type PromotedSet,
  progressOf,
  stepUnit,
} from './live-units.js';
import { stepFold } from './step-fold.js';
import { totalsWith } from './totals.js';

/** The rows of a step; kept when it must be tried again, since their ids are known from now on. */
interface Prepared {
  readonly offsets: Offsets;
  readonly rows: InputRows;
  readonly whole: InputRows;
  readonly events: number;
  readonly repeated: RepeatedIds;
  /** Of the archive, behind these. */
  readonly left: bigint;
}

/** A set that only moved over rows of others says so no more often than this. */
const IDLE_STEP_MS = 10_000;

const IDLE: StepOutcome = { kind: 'idle', events: 0, refolded: 0, left: 0n };

export class Follower {
  readonly #pipeline: FollowPipeline;
  readonly #promoted: PromotedSet;
  readonly #runTask: RunFollowTask;
  readonly #signal: AbortSignal;
  readonly #base: BaseRun;
  readonly #coverage: CoverageWatch;
  readonly #units: WatchedScope;
  #known: KnownIds | null = null;
  #progress: Progress | null = null;
  #consumed: Offsets = new Map();
  #prepared: Prepared | null = null;
  #unsaidNs = '0';
  #sealedAt = performance.now();
  #beganAt = 0;
  #kept: KeptGenerations | null = null;

  private constructor(
    pipeline: FollowPipeline,
    promoted: PromotedSet,
    base: BaseRun,
    runTask: RunFollowTask,
    signal: AbortSignal,
  ) {
    this.#pipeline = pipeline;
    this.#promoted = promoted;
    this.#base = base;
    this.#runTask = runTask;
    this.#signal = signal;
    this.#coverage = new CoverageWatch(pipeline.unitLog, base.topicIds);
    this.#units = pipeline.unitLog.watch(promoted.setId, LIVE_PREFIX);
  }

  /** Rejects with follow_unsupported. */
  static async open(
    pipeline: FollowPipeline,
    promoted: PromotedSet,
    runTask: RunFollowTask,
    signal: AbortSignal,
  ): Promise<Follower> {
    const base = await openBaseRun(pipeline, promoted.tenantId, promoted.jobId);
    return new Follower(pipeline, promoted, base, runTask, signal);
  }

  /** How far the set has come; null: not read yet. */
  get progress(): Progress | null {
    return this.#progress;
  }

  /** Makes the next step, if there is something to fold. Rejects with store_* codes and those of the fold; may be called again. */
  async step(): Promise<StepOutcome> {
    this.#beganAt = performance.now();
    const units = await this.#coverage.look();
    const known = this.#known ?? (await this.#load(units));
    const prepared = this.#prepared ?? (await this.#prepare(units, known));
    if (prepared === null) return IDLE;
    const { events, left } = prepared;
    if (events === 0 && this.#progress?.consumed !== null && !this.#isIdleStepDue) {
      this.#consumed = addOffsets(this.#consumed, prepared.offsets);
      return { ...IDLE, left };
    }
    this.#prepared = prepared;
    known.keep(prepared.repeated);
    const made = await this.#make(prepared, known);
    if (made === null) {
      this.#known = null;
      return { kind: 'lost', events: 0, refolded: 0, left: left + countOffsets(prepared.offsets) };
    }
    this.#prepared = null;
    if (this.#isLarge) await this.#writeTogether();
    return { kind: 'made', events, refolded: made.refolded ?? 0, left };
  }

  /** Reads how far the set has come, and the ids of all that it holds. */
  async #load(units: ReadonlyMap<string, readonly UnitState[]>): Promise<KnownIds> {
    const { store, config } = this.#pipeline;
    this.#prepared = null;
    const progress = await this.#read();
    const known = new KnownIds({
      store,
      filterBytes: config.follow.idFilterBytes,
      maxConflicts: config.replay.maxConflicts,
      statement: this.#statement,
    });
    // Before the first step the set is what its run folded: later events at the same offsets are still to come.
    const { spec, endNs, ranges, starts } = this.#base;
    const rows = inputOf(progress.consumed === null ? ranges : claimsAt(units, progress.consumed, starts));
    const of = progress.consumed === null ? { ...spec, endNs } : spec;
    const { repeated } = await known.learn(of, rows, rows);
    known.keep(repeated);
    this.#unsaidNs = await lastUnsaid(
      store,
      { ...this.#base, spec: { ...spec, endNs } },
      inputOf(ranges),
      this.#statement,
    );
    this.#consumed = progress.consumed ?? new Map();
    this.#known = known;
    return known;
  }

  async #read(): Promise<Progress> {
    const progress = progressOf(this.#promoted, await this.#pipeline.unitLog.refreshScope(this.#units));
    this.#progress = progress;
    return progress;
  }

  /** The next rows and what their ids say; null: there are none. */
  async #prepare(
    units: ReadonlyMap<string, readonly UnitState[]>,
    known: KnownIds,
  ): Promise<Prepared | null> {
    const { follow } = this.#pipeline.config;
    const { spec, starts, startNs, endNs, ranges, offsets: read } = this.#base;
    const first = this.#progress?.consumed === null;
    const covered = coveredOffsets(units);
    const open = openOffsets(covered, this.#consumed, starts);
    const offsets = first
      ? addOffsets(read, againOffsets(covered))
      : firstOffsets(open, BigInt(follow.maxStepEvents));
    if (!first && countOffsets(offsets) === 0n) return null;
    const claims = inputOf(claimsAt(units, offsets, starts));
    const rows = first ? { ...claims, behind: { startNs, endNs, ranges } } : claims;
    const whole = inputOf(claimsAt(units, addOffsets(this.#consumed, offsets), starts));
    const learned = await known.learn(spec, rows, whole);
    const { old } = learned.repeated.copies;
    if (first && learned.events > follow.firstStepMaxEvents) {
      throw new RewindError(
        'follow_too_far',
        `${learned.events} events came since the end of ${this.#base.jobId}, more than follow.firstStepMaxEvents`,
      );
    }
    const all = countOffsets(open);
    const taken = countOffsets(offsets);
    return {
      offsets,
      rows: { ...rows, without: old },
      whole,
      ...learned,
      left: all > taken ? all - taken : 0n,
    };
  }

  /** Null: another follower made the step, or has taken it. */
  async #make(prepared: Prepared, known: KnownIds): Promise<TaskCounters | null> {
    const { rows, whole, offsets, repeated } = prepared;
    const { set } = this.#progress!;
    const query = { spec: this.#base.spec, set, unsaidNs: this.#unsaidNs, rows };
    const late = prepared.events === 0 ? [] : await findLate(this.#pipeline.store, query, this.#statement);
    const anew = [...new Set([...late, ...repeated.entities])];
    const consumed = addOffsets(this.#consumed, offsets);
    const task = {
      kind: 'follow' as const,
      step: this.#progress!.step.toString(),
      set,
      fold: stepFold(this.#base, set, rows, repeated.copies.fresh, this.#pipeline.config),
      anew,
      whole: storeInput(whole),
      losers: known.losers,
      repeated: known.repeated,
    };
    const counters = await this.#seal(set.generation, prepared.events, async (unit, claim) => ({
      ...(prepared.events === 0 ? {} : await this.#runTask({ ...task, unit, claim }, this.#signal)),
      ...offsetCounters(consumed),
    }));
    if (counters !== null) this.#consumed = consumed;
    return counters;
  }

  /** Claims the next step, has it done and sealed. `events`: new ones. Null: it is another's. */
  async #seal(
    generation: number,
    events: number,
    work: (unit: string, claim: string) => Promise<TaskCounters>,
  ): Promise<TaskCounters | null> {
    const { unitLog, beats, worker, holderSilent } = this.#pipeline;
    const { setId } = this.#promoted;
    const { step, totals } = this.#progress!;
    const unit = stepUnit(generation, step);
    const state = await unitLog.read(setId, unit);
    const done: { claim: string; counters: TaskCounters }[] = [];
    const outcome = await runUnit({
      unitLog,
      beats,
      worker,
      scope: setId,
      unit,
      holderSilent: holderSilent(setId, unit, state),
      work: async (claim) => {
        const own = await work(unit, claim);
        const seconds = (performance.now() - this.#beganAt) / 1000;
        const counters = { ...own, ...totalsWith(totals, { events, refolded: own.refolded ?? 0, seconds }) };
        done.push({ claim, counters });
        return counters;
      },
    });
    const { set } = await this.#read();
    const [own] = done;
    if (outcome !== 'sealed' || own === undefined || !set.claims.includes(own.claim)) return null;
    this.#sealedAt = performance.now();
    return own.counters;
  }

  get #isLarge(): boolean {
    const { compactRows, compactSteps } = this.#pipeline.config.follow;
    const { rows, began, steps } = this.#progress!;
    return steps >= compactSteps || rows > Math.max(compactRows, 2 * began);
  }

  /** The set as rows of one generation more, one for each entity; the generation before the last goes. */
  async #writeTogether(): Promise<void> {
    const { store, outputs } = this.#pipeline;
    const { set, step } = this.#progress!;
    const { tenantId } = this.#promoted;
    const next = { tenantId, set, generation: set.generation + 1, step };
    const made = await this.#seal(next.generation, 0, async (_, claim) => ({
      began: await writeTogether(store, { ...next, claim }, this.#statement),
      ...offsetCounters(this.#consumed),
    }));
    if (made === null) {
      this.#known = null;
      return;
    }
    const tells = this.#base.tells && outputs !== null;
    this.#kept ??= new KeptGenerations(this.#pipeline, this.#promoted, tells);
    forgetBefore(this.#units.units, stepUnit(await this.#kept.begun(next.generation), 0n));
  }

  get #statement(): QueryOptions {
    return { maxSeconds: this.#pipeline.config.store.statementMaxSeconds, signal: this.#signal };
  }

  get #isIdleStepDue(): boolean {
    return performance.now() - this.#sealedAt >= IDLE_STEP_MS;
  }
}

function inputOf(ranges: InputRows['ranges']): InputRows {
  return { table: 'audit_events', jobId: '', stage: '', ranges };
}
