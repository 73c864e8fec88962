/**
 * Keeps a job within its pace, over all worker processes together and without anyone who hands it out:
 * - collect: each member of the group takes the share of its partitions in those that are still to be read, and waits
 *   between small steps of records;
 * - fold: the unit log says when units were begun, whoever did; the next one begins when those have paid for themselves
 *   (`nextStart`).
 * It also remembers why the job goes slower than it could, for people.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RewindError } from '../../schemas/errors.js';
import type { FrozenSpec, Throttle } from '../../schemas/job.js';

/** Why a job is held back: by its own pace, by the broker's quota, by a store that is busy. */
export type HoldReason = 'throttle' | 'broker' | 'store';

/** Numbers alone, as counters of the unit log are: reasons of the last moments (milliseconds), and what was read. */
export type PaceReport = {
  readonly [Reason in HoldReason]?: number;
} & {
  readonly records: number;
  readonly bytes: number;
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
  /** How far the log was read, by record time. */
  readonly recordTimeMs?: number;
};

/** Records of one step: a tenth of a second's worth, within these bounds. */
const STEP_MIN = 1;
const STEP_MAX = 16_384;
const STEPS_PER_SECOND = 10;
/** Nobody waits for longer at once: the pace may have changed. */
const WAIT_MAX_MS = 500;
/** Idle time that counts as paid: what a step's own work takes must not slow a job that is within its pace. */
const BURST_MS = 1_000;
/** A reason holds for so long after it was last met. */
const REASON_MS = 3_000;
const BYTES_PER_RECORD = 500;
/** What passed in so many milliseconds is the rate of now. */
const RATE_MS = 5_000;
/** Shorter waits for the store are how a full pipeline looks, and no news. */
const STORE_WAIT_MIN_MS = 500;

export interface PaceClock {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

const REAL: PaceClock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};

/** The pace of one job in this process. */
export class JobPace {
  readonly #clock: PaceClock;
  readonly #reasons = new Map<HoldReason, { until: number; ms: number }>();
  #throttle: Throttle = { eventsPerSecond: null, bytesPerSecond: null };
  #share = 1;
  /** When what was taken so far is paid for; null: nothing was. */
  #paidAt: number | null = null;
  #bytesPerRecord = BYTES_PER_RECORD;
  /** All that was read so far, and the same at moments of the last seconds. */
  #records = 0;
  #bytes = 0;
  readonly #moments: { at: number; records: number; bytes: number }[] = [];
  /** Record time of the last record read. */
  #recordTimeMs: number | null = null;

  constructor(clock: PaceClock = REAL) {
    this.#clock = clock;
  }

  get throttle(): Throttle {
    return this.#throttle;
  }

  get isLimited(): boolean {
    return this.#throttle.eventsPerSecond !== null || this.#throttle.bytesPerSecond !== null;
  }

  set(throttle: Throttle): void {
    this.#throttle = throttle;
  }

  /** The part of the job's pace that is this process's: 0..1. */
  setShare(share: number): void {
    this.#share = share;
  }

  /** Records to read in one step. */
  step(): number {
    const { eventsPerSecond, bytesPerSecond } = this.#throttle;
    const byBytes = bytesPerSecond === null ? null : bytesPerSecond / this.#bytesPerRecord;
    const rate = Math.min(eventsPerSecond ?? Infinity, byBytes ?? Infinity) * this.#share;
    return Math.max(STEP_MIN, Math.min(STEP_MAX, Math.floor(rate / STEPS_PER_SECOND)));
  }

  /** Resolves when so much may be taken. Rejects with claim_lost when the job was stopped meanwhile. */
  async take(records: number, bytes: number, signal: AbortSignal): Promise<void> {
    if (records > 0) this.#bytesPerRecord = Math.max(1, bytes / records);
    const now = this.#clock.now();
    // Time in which steps were worked on pays for the next ones; longer idleness is not made up for.
    const from = this.#paidAt === null ? now : Math.max(this.#paidAt, now - BURST_MS);
    this.#paidAt = from + this.#costMs(records, bytes);
    for (let since = now; ; since = this.#clock.now()) {
      if (signal.aborted) throw new RewindError('claim_lost', 'the job was stopped');
      const wait = this.#paidAt - this.#clock.now();
      if (wait <= 0) return;
      this.hold('throttle', wait);
      await this.#clock.sleep(Math.min(wait, WAIT_MAX_MS), signal);
      // A pace that was lifted while we waited lifts the debt.
      if (this.#costMs(1, 1) === 0) this.#paidAt = since;
    }
  }

  /** So many records were read; the last of them has this record time. */
  took(records: number, bytes: number, recordTimeMs: number): void {
    const at = this.#clock.now();
    if (this.#moments.length === 0) this.#moments.push({ at, records: 0, bytes: 0 });
    this.#records += records;
    this.#bytes += bytes;
    this.#recordTimeMs = Math.max(this.#recordTimeMs ?? recordTimeMs, recordTimeMs);
    if (at - this.#moments.at(-1)!.at >= RATE_MS / 20)
      this.#moments.push({ at, records: this.#records, bytes: this.#bytes });
    while (this.#moments.length > 2 && this.#moments[1]!.at <= at - RATE_MS) this.#moments.shift();
  }

  /** The job is held back for this reason, as far as is known for so many milliseconds. */
  hold(reason: HoldReason, ms: number): void {
    if (reason === 'store' && ms < STORE_WAIT_MIN_MS) return;
    this.#reasons.set(reason, { until: this.#clock.now() + Math.max(REASON_MS, ms), ms });
  }

  /** What there is to tell others. */
  report(): PaceReport {
    const now = this.#clock.now();
    const held: Partial<Record<HoldReason, number>> = {};
    for (const [reason, { until, ms }] of this.#reasons)
      if (until >= now) held[reason] = Math.max(1, Math.round(ms));
    const first = this.#moments[0];
    const seconds = first === undefined ? 0 : (now - first.at) / 1000;
    const rate = (sum: number, before: number) => (seconds <= 0 ? 0 : Math.round((sum - before) / seconds));
    return {
      ...held,
      records: this.#records,
      bytes: this.#bytes,
      recordsPerSecond: rate(this.#records, first?.records ?? 0),
      bytesPerSecond: rate(this.#bytes, first?.bytes ?? 0),
      ...(this.#recordTimeMs === null ? {} : { recordTimeMs: this.#recordTimeMs }),
    };
  }

  #costMs(records: number, bytes: number): number {
    const { eventsPerSecond, bytesPerSecond } = this.#throttle;
    const share = Math.max(this.#share, 1e-6);
    const byEvents = eventsPerSecond === null ? 0 : (records * 1000) / (eventsPerSecond * share);
    const byBytes = bytesPerSecond === null ? 0 : (bytes * 1000) / (bytesPerSecond * share);
    return Math.max(byEvents, byBytes);
  }
}

/**
 * When the next unit may begin, given when earlier ones were begun (ascending) and what each costs: a unit that was begun
 * holds the next one back for its cost, and time in which nothing was begun is not made up for.
 */
export function nextStart(startsMs: readonly number[], costMs: number): number {
  let paidAt = 0;
  for (const start of startsMs) paidAt = Math.max(paidAt, start) + costMs;
  return paidAt;
}

/**
 * The pace of folding: what somebody asked for. The configuration's own protects brokers, which a fold does not touch.
 */
export function foldPace(spec: Pick<FrozenSpec, 'throttle' | 'requested'>, given: Throttle | null): Throttle {
  if (given !== null) return given;
  return spec.requested.throttle === undefined ? NO_LIMIT : spec.throttle;
}

const NO_LIMIT: Throttle = { eventsPerSecond: null, bytesPerSecond: null };

/** Milliseconds that a unit holds the next one back; 0: it does not. */
export function unitCostMs(events: number, units: number, { eventsPerSecond }: Throttle): number {
  return eventsPerSecond === null ? 0 : (events * 1000) / Math.max(1, units) / eventsPerSecond;
}

/** Events of one fold unit: with a slow pace as many as are due in some seconds, so that a job does not go in leaps. */
export function pacedUnitEvents(unitEvents: number, { eventsPerSecond }: Throttle): number {
  if (eventsPerSecond === null) return unitEvents;
  return Math.max(UNIT_EVENTS_MIN, Math.min(unitEvents, eventsPerSecond * UNIT_SECONDS));
}

const UNIT_SECONDS = 2;
const UNIT_EVENTS_MIN = 100;
