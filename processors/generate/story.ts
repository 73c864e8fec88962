/**
 * The demo story: thirty days of three tenants, mostly everyday work, some events late, doubled or unreadable, and a
 * billing mistake (story-billing.ts) that a replay brings to light. Made event by event from a seed; what happened is
 * told in `facts`, so that whoever replays it can say whether it was found.
 */
import type { Generated, GeneratedEvent } from './event.js';
import { Prng } from './prng.js';
import { Billing, type BillingFacts, DAY_NS, MISTAKE_TENANT } from './story-billing.js';
import { Lives } from './story-lives.js';

export interface StoryOptions {
  readonly seed: number;
  readonly events: number;
  readonly days?: number;
  /** First day, nanoseconds since 1970. */
  readonly startNs?: bigint;
}

export interface StoryEntry {
  readonly entry: Generated;
  /** When the record reached the log. */
  readonly recordTimeMs: bigint;
}

export interface StoryFacts {
  readonly tenants: readonly string[];
  readonly startNs: bigint;
  /** Exclusive. */
  readonly endNs: bigint;
  readonly billing: BillingFacts;
  /** Records made so far by kind; they add up to the records of the story. */
  readonly counts: { readonly events: number; readonly duplicates: number; readonly unreadable: number };
}

export const STORY_TENANTS = [MISTAKE_TENANT, 'bluepeak', 'harbor'] as const;
const STORY_START_NS = 1_709_251_200_000_000_000n; // 2024-03-01T00:00:00Z
/** Of 1,000 records so many are late, sent twice, or unreadable. */
const LATE_PER_MILLE = 8;
const DOUBLED_PER_MILLE = 3;
const UNREADABLE_PER_MILLE = 0.2;
/** A late record comes after at most so many others. */
const LATE_MAX = 500;

interface Late {
  readonly event: GeneratedEvent;
  readonly dueAt: number;
}

export class Story {
  readonly #prng: Prng;
  readonly #options: Required<StoryOptions>;
  readonly #billing: Billing;
  readonly #lives: readonly Lives[];
  readonly #late: Late[] = [];
  readonly #counts = { events: 0, duplicates: 0, unreadable: 0 };
  #nowNs: bigint;

  constructor(options: StoryOptions) {
    this.#options = { days: 30, startNs: STORY_START_NS, ...options };
    const { seed, events, startNs, days } = this.#options;
    this.#prng = new Prng(seed, 2);
    this.#nowNs = startNs;
    // About 240 billing events for an account in the month.
    const accounts = Math.max(10, Math.round((events * 0.3) / STORY_TENANTS.length / 240));
    this.#billing = new Billing(new Prng(seed, 5), STORY_TENANTS, accounts, startNs, days);
    this.#lives = STORY_TENANTS.map((tenant, i) => new Lives(new Prng(seed, 10 + i), tenant));
  }

  /** Complete once the story has been read to its end. */
  get facts(): StoryFacts {
    const { startNs, days } = this.#options;
    const endNs = startNs + BigInt(days) * DAY_NS;
    return { tenants: STORY_TENANTS, startNs, endNs, billing: this.#billing.facts, counts: this.#counts };
  }

  /** The records in log order, so many at a time (the last batch may be shorter). Read it once. */
  *batches(size: number): Generator<StoryEntry[]> {
    let batch: StoryEntry[] = [];
    for (const entry of this.#entries()) {
      batch.push(entry);
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  *#entries(): Generator<StoryEntry> {
    const { events } = this.#options;
    const prng = this.#prng;
    let made = 0;
    let last: GeneratedEvent | null = null;
    while (made + this.#late.length < events) {
      const due = this.#late[0];
      if (due !== undefined && due.dueAt <= made) {
        this.#late.shift();
        made++;
        yield this.#entry(due.event);
        continue;
      }
      const lot = prng.float() * 1000;
      if (lot < UNREADABLE_PER_MILLE) {
        made++;
        this.#counts.unreadable++;
        yield {
          entry: { garbage: Buffer.from(`<audit>${prng.hex(12)}</audit>`) },
          recordTimeMs: this.#nowNs / 1_000_000n,
        };
        continue;
      }
      if (last !== null && lot > 1000 - DOUBLED_PER_MILLE) {
        made++;
        this.#counts.duplicates++;
        yield { entry: last, recordTimeMs: this.#nowNs / 1_000_000n };
        continue;
      }
      const event = this.#event(made / events);
      this.#counts.events++;
      if (lot > 500 && lot < 500 + LATE_PER_MILLE) {
        this.#late.push({ event, dueAt: made + LATE_MAX });
        continue;
      }
      last = event;
      made++;
      yield this.#entry(event);
    }
    for (const { event } of this.#late) yield this.#entry(event);
  }

  #entry(event: GeneratedEvent): StoryEntry {
    return { entry: event, recordTimeMs: this.#nowNs / 1_000_000n + 250n };
  }

  #event(progress: number): GeneratedEvent {
    const prng = this.#prng;
    const { startNs, days } = this.#options;
    // Office hours are three times as busy as nights: the day's share runs fast around noon.
    const day = progress * days;
    const within = day - Math.floor(day);
    const clock = Math.floor(day) + within + (0.5 / (2 * Math.PI)) * Math.sin(2 * Math.PI * within);
    const atNs = startNs + BigInt(Math.floor(clock * 86_400_000)) * 1_000_000n + BigInt(prng.int(0, 999_999));
    if (atNs > this.#nowNs) this.#nowNs = atNs;
    const eventId = `evt-${prng.hex(16)}`;
    if (!prng.chance(0.3)) {
      const draft = this.#lives[pickTenant(prng)]!.next(this.#nowNs);
      draft.eventId = eventId;
      return draft;
    }
    const { draft, done } = this.#billing.next(this.#nowNs);
    done(eventId);
    draft.eventId = eventId;
    return draft;
  }
}

/** Half of the work is the first tenant's. */
function pickTenant(prng: Prng): number {
  const lot = prng.float();
  return lot < 0.5 ? 0 : lot < 0.8 ? 1 : 2;
}
