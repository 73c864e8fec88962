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

  close(): void {
    clearInterval(this.#timer);
    this.#held.clear();
  }

  #beat(): void {
    if (this.#held.size === 0) return;
    const entries = [...this.#held.values()].map((unit) => ({
      ...unit,
      kind: 'beat' as const,
      worker: this.#worker,
    }));
    // A lost beat costs at worst a needless take-over.
    this.#unitLog.append(entries).catch(() => undefined);
  }
}
