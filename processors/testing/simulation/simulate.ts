/**
 * One run of the simulation: a world from a seed, two coordinators, workers, readers, an operator and retention,
 * played until everybody is done. Throws InvariantBroken with what went wrong.
 */
import type { Prng } from '../../generate/prng.js';
import {
  Cast,
  coordinator,
  ENDED,
  type Habits,
  operator,
  RIGHT_HABITS,
  reader,
  type SimFolding,
  type SimPlan,
  sweeper,
} from './actors.js';
import { type Actor, sleep, World } from './clock.js';
import { InvariantBroken, REAL_RULES, type Rules, Truth, Unit } from './truth.js';
import { worker } from './worker.js';

export interface Variant {
  readonly rules: Rules;
  readonly habits: Habits;
}

export const REAL: Variant = { rules: REAL_RULES, habits: RIGHT_HABITS };

export interface Played {
  readonly status: string;
  readonly events: number;
  readonly claims: number;
  readonly rows: number;
}

function buildUnits(prng: Prng, truth: Truth): void {
  const count = prng.int(1, 3);
  for (let i = 0; i < count; i++) {
    const name = `collect/${i}`;
    const start = BigInt(prng.int(0, 1000));
    const length = prng.int(1, 10);
    // A position may hold no row (a control record), one, or several (a record that touches several entities).
    const rows = Array.from({ length }, (_, at) =>
      Array.from({ length: prng.pick([0, 1, 1, 1, 2]) }, (_, n) => `${name}@${at}.${n}`),
    );
    const end = start + BigInt(length);
    truth.units.set(
      name,
      new Unit({ name, kind: 'collect', start, end }, (at) => rows[Number(at - start)] ?? []),
    );
  }
}

/** Retention deletes the head of a partition under the running job. */
function* retention(truth: Truth, prng: Prng): Actor {
  yield* sleep(prng.int(0, 800));
  const unit = prng.pick([...truth.units.values()].filter((one) => one.spec.kind === 'collect'));
  const to = unit.lowWatermark + BigInt(prng.int(1, 3));
  if (to < unit.spec.end) unit.lowWatermark = to;
}

/** Plays one seed. `variant` is the real scheme unless a mutant is being hunted. */
export function simulate(seed: number, variant: Variant = REAL): Played {
  const world = new World(seed);
  const truth = new Truth(variant.rules);
  const cast = new Cast(world, truth, variant.habits);
  const { prng } = world;
  buildUnits(prng, truth);
  world.spawn((context) => operator(cast, context), false);
  for (const name of ['c0', 'c1']) world.spawn((context) => coordinator(cast, name, context));
  const workers = prng.int(2, 4);
  for (let i = 0; i < workers; i++) world.spawn((context) => worker(cast, `w${i}`, context));
  world.spawn((context) => reader(cast, context), false);
  world.spawn((context) => sweeper(cast, context));
  if (prng.chance(0.15)) world.spawn(() => retention(truth, prng), false);
  const ended = world.run();
  const status = truth.job?.status ?? 'none';
  if (!ended || !ENDED.has(status))
    throw new InvariantBroken(`no progress: ${status} after ${world.events} events`);
  return { status, events: world.events, ...finalCheck(truth, status) };
}

/** With the job complete, what readers see is the whole history, once, and the result says so. */
function finalCheck(truth: Truth, status: string): { claims: number; rows: number } {
  let claims = 0;
  for (const unit of truth.units.values()) {
    truth.check(unit);
    claims += unit.log.filter((row) => row.kind === 'claim').length;
  }
  if (status !== 'Complete') return { claims, rows: 0 };
  const job = truth.job!;
  const plan = job.plan as SimPlan;
  const history: string[] = [];
  for (const name of plan.collect) {
    const { spec, state, expected } = truth.unit(name);
    for (let at = state.segments[0]?.from ?? spec.start; at < spec.end; at++) history.push(...expected(at));
  }
  const { folds } = job.folding as SimFolding;
  const folded = Array.from({ length: folds }, (_, i) => truth.unit(`fold/${i}`).visible()).flat();
  const result = job.result as { rows: number };
  if (folded.sort().join() !== history.sort().join())
    throw new InvariantBroken('the result is not the history');
  if (result.rows !== history.length)
    throw new InvariantBroken(`the result counts ${result.rows} of ${history.length} rows`);
  return { claims, rows: history.length };
}
