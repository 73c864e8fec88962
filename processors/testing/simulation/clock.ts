/**
 * The simulated world's time and scheduling: actors are generators that yield calls; every call takes a random time
 * and may be answered wrongly, late or never. Nothing here knows units or jobs.
 */
import { Prng } from '../../generate/prng.js';

/** What a caller learns of a write. `unknown`: applied, partly applied, not applied, or still to be applied. */
export type Outcome = 'ok' | 'unknown' | 'rejected';

/** One call of an actor. Effects of a write are atomic one by one and happen in order. */
export type Call =
  | { readonly kind: 'sleep'; readonly ms: number }
  | { readonly kind: 'read'; readonly read: () => unknown }
  | { readonly kind: 'write'; readonly effects: readonly (() => void)[] };

/** An actor's life. It ends by returning; a kill drops it in mid-call. */
export type Actor = Generator<Call, void, unknown>;

/** Chances of each failure in this seed; swarm style: some seeds have none of a kind, others many. */
export interface Faults {
  readonly lostApplied: number;
  readonly lostNotApplied: number;
  readonly late: number;
  readonly rejected: number;
  readonly frozen: number;
  readonly killed: number;
  readonly leaseMs: number;
  /** From here on nothing fails any more, so that the job must complete. */
  readonly calmAtMs: number;
}

export function randomFaults(prng: Prng): Faults {
  const rate = (high: number) => (prng.chance(0.35) ? 0 : prng.float() * high);
  return {
    lostApplied: rate(0.2),
    lostNotApplied: rate(0.15),
    late: rate(0.2),
    rejected: rate(0.1),
    frozen: rate(0.08),
    killed: rate(0.04),
    leaseMs: 300,
    calmAtMs: prng.int(500, 6000),
  };
}

export interface ActorContext {
  /** This actor's own monotonic clock: another origin and another speed than everybody else's. */
  readonly now: () => number;
  readonly prng: Prng;
}

interface Planned {
  readonly at: number;
  readonly run: () => void;
}

const EVENTS_MAX = 60_000;
const ANSWER_TIMEOUT_MS = 120;

export class World {
  readonly prng: Prng;
  readonly faults: Faults;
  nowMs = 0;
  events = 0;
  /** Latest first, so that the next one is popped from the end. */
  readonly #agenda: Planned[] = [];

  constructor(seed: number) {
    this.prng = new Prng(seed);
    this.faults = randomFaults(this.prng);
  }

  get calm(): boolean {
    return this.nowMs >= this.faults.calmAtMs;
  }

  /** Starts an actor; a killed one starts anew, with empty memory, after a pause. */
  spawn(create: (context: ActorContext) => Actor, mayDie = true): void {
    const rate = 0.75 + this.prng.float() * 0.6;
    const origin = this.prng.int(0, 1_000_000);
    const context = { now: () => origin + this.nowMs * rate, prng: this.prng };
    const actor = create(context);
    this.#in(this.prng.int(0, 50), () => this.#resume(actor, undefined, create, mayDie));
  }

  /** Runs until nobody has anything left to do. False: the limit of events was reached first (no liveness). */
  run(): boolean {
    for (;;) {
      const next = this.#agenda.pop();
      if (next === undefined) return true;
      if (++this.events > EVENTS_MAX) return false;
      this.nowMs = next.at;
      next.run();
    }
  }

  #in(delayMs: number, run: () => void): void {
    const at = this.nowMs + delayMs;
    const agenda = this.#agenda;
    let place = agenda.length;
    while (place > 0 && agenda[place - 1]!.at <= at) place--;
    agenda.splice(place, 0, { at, run });
  }

  #resume(actor: Actor, answer: unknown, create: (context: ActorContext) => Actor, mayDie: boolean): void {
    const { prng, faults } = this;
    if (!this.calm) {
      if (mayDie && prng.chance(faults.killed)) {
        this.#in(prng.int(10, 800), () => this.spawn(create, mayDie));
        return;
      }
      if (prng.chance(faults.frozen)) {
        this.#in(prng.int(1, faults.leaseMs * 5), () => this.#advance(actor, answer, create, mayDie));
        return;
      }
    }
    this.#advance(actor, answer, create, mayDie);
  }

  #advance(actor: Actor, answer: unknown, create: (context: ActorContext) => Actor, mayDie: boolean): void {
    const step = actor.next(answer);
    if (step.done === true) return;
    const call = step.value;
    const resume = (delay: number, value: unknown) =>
      this.#in(delay, () => this.#resume(actor, value, create, mayDie));
    if (call.kind === 'sleep') resume(call.ms, undefined);
    else if (call.kind === 'read')
      this.#in(this.#latency(), () => {
        const value = call.read();
        resume(this.#latency(), value);
      });
    else this.#write(call.effects, resume);
  }

  #write(effects: readonly (() => void)[], resume: (delay: number, outcome: Outcome) => void): void {
    const { prng, faults } = this;
    const fate = this.calm ? 1 : prng.float();
    const lostNotApplied = faults.lostApplied + faults.lostNotApplied;
    const late = lostNotApplied + faults.late;
    const apply = (from: number, to: number, delay: number) => {
      for (let i = from; i < to; i++) this.#in(delay, effects[i]!);
    };
    if (fate < faults.lostApplied) {
      apply(0, effects.length, this.#latency());
      resume(ANSWER_TIMEOUT_MS, 'unknown');
    } else if (fate < lostNotApplied) {
      apply(0, this.#cut(effects.length), this.#latency());
      resume(ANSWER_TIMEOUT_MS, 'unknown');
    } else if (fate < late) {
      const cut = this.#cut(effects.length);
      apply(0, cut, this.#latency());
      apply(cut, effects.length, prng.int(1, prng.chance(0.3) ? 8000 : 900));
      resume(ANSWER_TIMEOUT_MS, 'unknown');
    } else if (fate < late + faults.rejected) {
      // A failed insert of several blocks leaves the first ones behind; a single row is all or nothing.
      apply(0, this.#cut(effects.length), this.#latency());
      resume(this.#latency() + this.#latency(), 'rejected');
    } else {
      const delay = this.#latency();
      this.#in(delay, () => {
        for (const effect of effects) effect();
        resume(this.#latency(), 'ok');
      });
    }
  }

  #cut(length: number): number {
    return length === 1 ? 0 : this.prng.int(0, length - 1);
  }

  #latency(): number {
    return this.prng.int(1, 12);
  }
}

export function* sleep(ms: number): Generator<Call, void, unknown> {
  yield { kind: 'sleep', ms };
}

export function* read<T>(take: () => T): Generator<Call, T, unknown> {
  return (yield { kind: 'read', read: take }) as T;
}

export function* write(effects: readonly (() => void)[]): Generator<Call, Outcome, unknown> {
  return (yield { kind: 'write', effects }) as Outcome;
}
