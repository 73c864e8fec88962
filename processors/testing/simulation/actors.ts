/**
 * Who takes part in the simulation beside the workers: coordinators, an operator, readers and a sweeper; and what all
 * of them do to the store. `Habits` are the ways in which a wrong worker or reader could differ.
 */
import type { JobEventKind, JobState } from '../../replay/job-state.js';
import { isFinished } from '../../replay/unit-protocol.js';
import type { UnitLogRow, UnitState } from '../../replay/units.js';
import {
  type Actor,
  type ActorContext,
  type Call,
  type Outcome,
  read,
  sleep,
  type World,
  write,
} from './clock.js';
import { copyState, InvariantBroken, type Truth, Unit } from './truth.js';

export interface Habits {
  /** Repeats an insert of unknown outcome under the same claim. */
  readonly repeatsInserts: boolean;
  /** Appends the manifest although the insert was not acknowledged. */
  readonly trustsInserts: boolean;
  /** Never takes a silent unit over. */
  readonly neverTakesOver: boolean;
  /** Starts folding before everything is collected. */
  readonly foldsEarly: boolean;
  /** A restarted worker uses its old claim id again. */
  readonly reusesClaimIds: boolean;
  /** After its claim it writes from the position that it read before the claim. */
  readonly writesFromStaleRead: boolean;
  /** A reader takes the rows first and the log of units afterwards. */
  readonly readsRowsFirst: boolean;
}

export const RIGHT_HABITS: Habits = {
  repeatsInserts: false,
  trustsInserts: false,
  neverTakesOver: false,
  foldsEarly: false,
  reusesClaimIds: false,
  writesFromStaleRead: false,
  readsRowsFirst: false,
};

/** What a coordinator freezes first: the units to collect, as of the moment at which it looked at the log. */
export interface SimPlan {
  readonly collect: readonly string[];
  readonly asOfMs: number;
}

/** What it freezes once all is collected: how many fold units there are; each coordinator has its own idea. */
export interface SimFolding {
  readonly folds: number;
}

export class Cast {
  #claims = 0;

  constructor(
    readonly world: World,
    readonly truth: Truth,
    readonly habits: Habits,
  ) {}

  *job(): Generator<Call, JobState | null, unknown> {
    return yield* read(() => (this.truth.job === null ? null : { ...this.truth.job }));
  }

  *appendJob(kind: JobEventKind, actor: string, body: unknown): Generator<Call, Outcome, unknown> {
    const event = {
      jobId: 'j',
      tenantId: 't',
      kind,
      actor,
      body,
      writtenAt: `${this.world.nowMs}`,
      place: 0,
    };
    return yield* write([() => this.truth.appendJob(event)]);
  }

  *unitState(unit: Unit): Generator<Call, UnitState, unknown> {
    return yield* read(() => copyState(unit.state));
  }

  *append(unit: Unit, row: Partial<UnitLogRow> & Pick<UnitLogRow, 'kind' | 'claim' | 'worker'>) {
    const whole: UnitLogRow = { from: 0n, to: 0n, final: false, counters: {}, ...row };
    return yield* write([() => this.truth.appendUnit(unit, whole)]);
  }

  freshClaim(worker: string): string {
    return this.habits.reusesClaimIds ? worker : `${worker}#${++this.#claims}`;
  }

  /** Fold units come to be by the plan; each takes the collected rows whose number falls to it. */
  foldUnit(index: number, plan: SimPlan, { folds }: SimFolding): Unit {
    const name = `fold/${index}`;
    const known = this.truth.units.get(name);
    if (known !== undefined) return known;
    const unit = new Unit({ name, kind: 'fold', start: 0n, end: 1n }, () =>
      this.#foldRows(index, plan, folds),
    );
    this.truth.units.set(name, unit);
    return unit;
  }

  /** From the history: all rows from where collecting really began, whatever the segments say about claims. */
  #foldRows(index: number, plan: SimPlan, folds: number): string[] {
    const names: string[] = [];
    for (const name of plan.collect) {
      const { spec, state, expected } = this.truth.unit(name);
      for (let at = state.segments[0]?.from ?? spec.end; at < spec.end; at++) names.push(...expected(at));
    }
    return names.filter((name) => shareOf(name, folds) === index);
  }
}

export function shareOf(row: string, shares: number): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum = (sum * 31 + row.charCodeAt(i)) % 9973;
  return sum % shares;
}

export const ENDED = new Set(['Complete', 'Failed', 'Cancelled']);

/** Plans, starts and completes the job. Two run at once, all the time: neither knows of the other. */
export function* coordinator(cast: Cast, name: string, context: ActorContext): Actor {
  for (;;) {
    const job = yield* cast.job();
    if (job !== null && ENDED.has(job.status)) return;
    if (job !== null && job.plan === null) {
      const collect = [...cast.truth.units.keys()].filter((unit) => unit.startsWith('collect/'));
      yield* cast.appendJob('planned', name, { collect, asOfMs: context.now() } satisfies SimPlan);
    } else if (job?.status === 'Pending') {
      yield* cast.appendJob('started', name, null);
    } else if (job?.status === 'Running') {
      const plan = job.plan as SimPlan;
      if (job.folding === null) {
        const folds = context.prng.int(1, 3);
        if (cast.habits.foldsEarly || (yield* allCollected(cast, plan)))
          yield* cast.appendJob('folding', name, { folds } satisfies SimFolding);
      } else {
        const rows = yield* sealedRows(cast, plan, job.folding as SimFolding);
        if (rows !== null) yield* cast.appendJob('complete', name, { rows });
      }
    }
    yield* sleep(context.prng.int(30, 90));
  }
}

function* allCollected(cast: Cast, plan: SimPlan) {
  for (const name of plan.collect) {
    const unit = cast.truth.unit(name);
    if (!isFinished(yield* cast.unitState(unit), unit.spec.end)) return false;
  }
  return true;
}

/** Sum of the counters when every fold unit is sealed, else null. */
function* sealedRows(cast: Cast, plan: SimPlan, folding: SimFolding) {
  let rows = 0;
  for (let i = 0; i < folding.folds; i++) {
    const state = yield* cast.unitState(cast.foldUnit(i, plan, folding));
    if (!state.sealed) return null;
    rows += state.counters.rows ?? 0;
  }
  return rows;
}

/** Creates the job, may pause and cancel it at any moment, and resumes what stays paused. */
export function* operator(cast: Cast, context: ActorContext): Actor {
  while ((yield* cast.job()) === null) yield* cast.appendJob('created', 'operator', { kind: 'spec' });
  const { prng } = context;
  if (prng.chance(0.2)) {
    yield* sleep(prng.int(0, 1500));
    yield* cast.appendJob('paused', 'operator', null);
  }
  if (prng.chance(0.25)) {
    yield* sleep(prng.int(0, 3000));
    yield* cast.appendJob('cancelled', 'operator', null);
  }
  for (;;) {
    const job = yield* cast.job();
    if (job !== null && ENDED.has(job.status)) return;
    if (job?.status === 'Paused') yield* cast.appendJob('resumed', 'operator', null);
    yield* sleep(prng.int(100, 400));
  }
}

/** Clears away the rows of claims that have lost, at any moment. */
export function* sweeper(cast: Cast, context: ActorContext): Actor {
  for (;;) {
    const job = yield* cast.job();
    const units = [...cast.truth.units.values()];
    yield* write(units.map((unit) => () => cast.truth.sweep(unit)));
    if (job !== null && ENDED.has(job.status)) return;
    yield* sleep(context.prng.int(100, 600));
  }
}

/** Polls a unit in two separate reads, as a query over two tables may: first which claims count, then their rows. */
export function* reader(cast: Cast, context: ActorContext): Actor {
  for (;;) {
    const job = yield* cast.job();
    for (const unit of [...cast.truth.units.values()]) {
      let rows: (state: UnitState) => string[] = (state) => unit.visible(state);
      if (cast.habits.readsRowsFirst) {
        const copy = structuredClone(unit.rows);
        rows = (state) => new Unit(unit.spec, unit.expected).withRows(copy).visible(state);
        yield* sleep(context.prng.int(1, 10));
      }
      const state = yield* cast.unitState(unit);
      const visible = yield* read(() => rows(state));
      const counted = state.counters.rows ?? 0;
      if (visible.length !== counted || new Set(visible).size !== counted)
        throw new InvariantBroken(`${unit.spec.name}: a reader saw ${visible.length} rows of ${counted}`);
    }
    if (job !== null && ENDED.has(job.status)) return;
    yield* sleep(context.prng.int(50, 200));
  }
}
