/** Events whose way is timed: from the answer that accepted them until the view that people read shows them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SCALE_TENANT } from '../processors/generate/scale.js';
import type { Store } from '../processors/store/store.js';

/** One is sent so often. */
const EVERY_MS = 500;
/** The look is a reader's query and takes part of the processors: the figures are at most so much too long. */
const LOOK_MS = 300;
/** One that takes longer ends the run. */
const LOST_MS = 120_000;

export interface Probe {
  readonly eventId: string;
  readonly entityId: string;
}

export class Probes {
  readonly #store: Store;
  readonly #waiting: { readonly probe: Probe; readonly acceptedAt: number }[] = [];
  readonly latencies: number[] = [];
  #count = 0;
  #nextAt = 0;
  #ended = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The next one to send; null: it is not time yet. */
  next(): Probe | null {
    const now = performance.now();
    if (now < this.#nextAt) return null;
    this.#nextAt = now + EVERY_MS;
    const name = `probe-${++this.#count}`;
    return { eventId: name, entityId: name };
  }

  accepted(probe: Probe): void {
    this.#waiting.push({ probe, acceptedAt: performance.now() });
  }

  /** Looks for those that were accepted until `end` was called and all were seen. Rejects when one is not seen. */
  async watch(): Promise<void> {
    for (;;) {
      const waiting = this.#waiting.splice(0);
      if (waiting.length === 0 && this.#ended) return;
      const seen = waiting.length === 0 ? new Set() : await this.#visible(waiting.map(({ probe }) => probe));
      const now = performance.now();
      for (const one of waiting) {
        if (seen.has(one.probe.eventId)) this.latencies.push(now - one.acceptedAt);
        else if (now - one.acceptedAt > LOST_MS) throw new Error(`${one.probe.eventId} was not seen`);
        else this.#waiting.push(one);
      }
      await sleep(LOOK_MS);
    }
  }

  async end(): Promise<void> {
    this.#ended = true;
  }

  /** Events that are the last of their entities. */
  async #visible(probes: readonly Probe[]): Promise<ReadonlySet<string>> {
    const rows = await this.#store.query<{ event_id: string }>(
      `SELECT event_id FROM ${this.#store.t('v1_current_state')}
       WHERE tenant_id = {tenant:String} AND entity_hash IN (SELECT sipHash64('device', arrayJoin({ids:Array(String)})))
         AND entity_type = 'device' AND entity_id IN {ids:Array(String)}`,
      { tenant: SCALE_TENANT, ids: probes.map(({ entityId }) => entityId) },
    );
    return new Set(rows.map(({ event_id }) => event_id));
  }
}

export function percentiles(values: readonly number[]): { p50: number; p99: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** The first tenth of them, the second, and so on. */
export function tenths(values: readonly number[]): number[][] {
  const edge = (place: number): number => Math.floor((values.length * place) / 10);
  return Array.from({ length: 10 }, (_, place) => values.slice(edge(place), edge(place + 1)));
}
