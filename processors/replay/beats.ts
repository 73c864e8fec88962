/**
 * Signs of life for the units this process holds: one insert for all of them, three times a lease. A process that is
 * frozen or cut off stops beating, and others take its units over; what it writes later does not count.
 */
import type { UnitLog } from '../store/unit-log.js';
import { beatIntervalMs } from './unit-protocol.js';

export interface HeldUnit {
  readonly scope: string;
  readonly unit: string;
  readonly claim: string;
}

export class Beats {
  readonly #unitLog: UnitLog;
  readonly #worker: string;
  readonly #held = new Map<string, HeldUnit>();
  readonly #suppliers = new Set<() => readonly HeldUnit[]>();
  readonly #timer: NodeJS.Timeout;

  constructor(unitLog: UnitLog, worker: string, leaseMs: number) {
    this.#unitLog = unitLog;
    this.#worker = worker;
    this.#timer = setInterval(() => this.#beat(), beatIntervalMs(leaseMs));
    this.#timer.unref();
  }

  add(unit: HeldUnit): void {
    this.#held.set(unit.claim, unit);
  }

  remove(claim: string): void {
    this.#held.delete(claim);
  }

  /** Units that change while the work goes on; returns what ends the watch. */
  watch(held: () => readonly HeldUnit[]): () => void {
    this.#suppliers.add(held);
    return () => this.#suppliers.delete(held);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#held.clear();
    this.#suppliers.clear();
  }

  #beat(): void {
    const held = [...this.#held.values(), ...[...this.#suppliers].flatMap((supplier) => supplier())];
    if (held.length === 0) return;
    const entries = held.map((unit) => ({
      ...unit,
      kind: 'beat' as const,
      worker: this.#worker,
    }));
    // A lost beat costs at worst a needless take-over.
    this.#unitLog.append(entries).catch(() => undefined);
  }
}
