/**
 * Between the intake routes and the log: requests that arrive together are appended together, since one append costs
 * about the same for one record as for a thousand. Appends go out one after another, in the order of arrival. While
 * several callers send at once, groups follow each other no sooner than the log's `groupIntervalMs`, unless one is full;
 * who sends alone never waits for that.
 * A crash here loses nothing that was acknowledged: callers are answered only once their records are durable.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppendResult, LogAppender } from '../processors/replay/service.js';
import { RewindError } from '../schemas/errors.js';

export type AppendRecord = Parameters<LogAppender['append']>[0][number];

export interface GroupCommitLimits {
  /** Records and bytes of one append; a single request may exceed them, and then goes out alone. */
  readonly batchRecords: number;
  readonly batchBytes: number;
  /** Bytes that may wait; beyond it new requests get store_busy. */
  readonly queueMaxBytes: number;
}

export const GROUP_COMMIT_LIMITS: GroupCommitLimits = {
  batchRecords: 10_000,
  batchBytes: 8 << 20,
  queueMaxBytes: 64 << 20,
};

interface Waiting {
  readonly caller: object;
  readonly records: readonly AppendRecord[];
  readonly bytes: number;
  readonly resolve: (results: readonly AppendResult[]) => void;
  readonly reject: (error: unknown) => void;
}

/** What comes later than this after a group comes from callers of their own pace. */
const TICK_MS = 50;
const MISSES_MAX = 63;

/** Counted per record on top of its bytes, so that a flood of tiny records is bounded too. */
const RECORD_OVERHEAD_BYTES = 100;

export class GroupCommit {
  readonly #appender: Pick<LogAppender, 'append' | 'groupIntervalMs'>;
  readonly #limits: GroupCommitLimits;
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #queuedRecords = 0;
  /** Waits in a row that gained nothing, and groups for which none is tried. */
  #misses = 0;
  #restless = 0;
  /** Ends the wait for more of a group. */
  #wake: (() => void) | null = null;
  #running = false;
  #roomWaiters: (() => void)[] = [];

  constructor(
    appender: Pick<LogAppender, 'append' | 'groupIntervalMs'>,
    limits: GroupCommitLimits = GROUP_COMMIT_LIMITS,
  ) {
    this.#appender = appender;
    this.#limits = limits;
  }

  /**
   * Resolves when all records are durable, with one result per record in order. `caller`: the same object for all
   * appends of one request.
   * @throws RewindError store_busy when the queue is full; else what the log says, the same for all in the append
   */
  append(records: readonly AppendRecord[], caller: object = {}): Promise<readonly AppendResult[]> {
    if (records.length === 0) return Promise.resolve([]);
    if (this.#queuedBytes >= this.#limits.queueMaxBytes) {
      return Promise.reject(
        new RewindError('store_busy', `${this.#queuedBytes} bytes of events wait for the log already`),
      );
    }
    let bytes = 0;
    for (const { key, value } of records) bytes += (key?.length ?? 0) + value.length + RECORD_OVERHEAD_BYTES;
    return new Promise((resolve, reject) => {
      this.#queue.push({ caller, records, bytes, resolve, reject });
      this.#queuedBytes += bytes;
      this.#queuedRecords += records.length;
      if (this.#isGroupFull) this.#wake?.();
      if (!this.#running) void this.#run();
    });
  }

  /** Resolves when the queue has room; streams wait here instead of being refused. */
  async room(): Promise<void> {
    while (this.#queuedBytes >= this.#limits.queueMaxBytes) {
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
    }
  }

  async #run(): Promise<void> {
    this.#running = true;
    // Requests of the same turn of the event loop join the first append.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) {
      const began = performance.now();
      const group = this.#takeGroup();
      try {
        const results = await this.#appender.append(group.flatMap((waiting) => waiting.records));
        let at = 0;
        for (const { records, resolve } of group) {
          resolve(results.slice(at, at + records.length));
          at += records.length;
        }
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
      for (const { bytes, records } of group) {
        this.#queuedBytes -= bytes;
        this.#queuedRecords -= records.length;
      }
      const waiters = this.#roomWaiters;
      this.#roomWaiters = [];
      for (const wake of waiters) wake();
      const callers = new Set([...group, ...this.#queue].map(({ caller }) => caller));
      if (callers.size > 1) await this.#rest(began);
    }
    this.#running = false;
  }

  /**
   * Waits for more of a group as long as more comes. Callers that send again only once they are answered are all there after
   * a moment: where waiting gained nothing, it is not tried again for a while.
   */
  async #rest(began: number): Promise<void> {
    if (this.#restless > 0) {
      this.#restless--;
      return;
    }
    const end = began + (this.#appender.groupIntervalMs ?? 0);
    let gained = false;
    for (let tick = 0; performance.now() < end && !this.#isGroupFull; tick++) {
      const before = this.#queue.length;
      await this.#moreFor(Math.min(TICK_MS, end - performance.now()));
      if (tick === 0) continue;
      if (this.#queue.length === before) break;
      gained = true;
    }
    this.#misses = gained ? 0 : Math.min(MISSES_MAX, 2 * this.#misses + 1);
    this.#restless = this.#misses;
  }

  /** So long, or until a group is full. */
  async #moreFor(ms: number): Promise<void> {
    const full = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const abort = new AbortController();
    await Promise.race([full, sleep(ms, undefined, { signal: abort.signal }).catch(() => undefined)]);
    abort.abort();
    this.#wake = null;
  }

  get #isGroupFull(): boolean {
    return this.#queuedBytes >= this.#limits.batchBytes || this.#queuedRecords >= this.#limits.batchRecords;
  }

  #takeGroup(): Waiting[] {
    let count = 0;
    let records = 0;
    let bytes = 0;
    for (const waiting of this.#queue) {
      records += waiting.records.length;
      bytes += waiting.bytes;
      if (count > 0 && (records > this.#limits.batchRecords || bytes > this.#limits.batchBytes)) break;
      count++;
    }
    return this.#queue.splice(0, count);
  }
}
