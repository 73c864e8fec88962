/**
 * Reads ahead at one node: while records of one fetch are delivered, the next fetch is on its way, so that neither the
 * broker nor we wait for the other. Between reader.ts, which holds the membership, and reader-partitions.ts.
 *
 * States: stopped → running (turn) → failed → stopped (the next turn throws what failed) …; what it has fetched of a
 * partition that is no longer held is dropped.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RewindError } from '../../schemas/errors.js';
import { PassingError } from './connection.js';
import { FetchQuota } from './fetch-quota.js';
import type { Broker } from './kafkajs-internals.js';
import {
  type Delivery,
  type FetchContext,
  fetchHeld,
  type HeldPartition,
  isFetched,
} from './reader-partitions.js';

const IDLE_MS = 50;

export interface FetchLoopOptions {
  readonly context: FetchContext;
  /** Deliveries at once, of different partitions. */
  readonly concurrency: number;
  /** kafka.stallTimeoutMs */
  readonly stallTimeoutMs: number;
  /** The broker asks this client to wait so long. */
  throttled(ms: number): void;
  /** Hands records on; resolves when the next ones of the partition may come. Never rejects. */
  deliver(delivery: Delivery): Promise<void>;
}

export class FetchLoop {
  private broker: Broker | null = null;
  /** Partitions whose leader is this node, by partitionKey. */
  private keys: readonly string[] = [];
  private running = false;
  private failure: unknown = null;
  private stopped = false;
  /** Fetched and not delivered yet. */
  private bytes = 0;
  private active = 0;
  private readonly ready: HeldPartition[] = [];
  private wakeUp: () => void = () => {};
  private readonly quota: FetchQuota;

  constructor(private readonly options: FetchLoopOptions) {
    this.quota = new FetchQuota(options.context.fetchMaxBytes, options.stallTimeoutMs);
  }

  /**
   * Goes on reading these partitions, and resolves after `ms` at the latest. Rejects with what ended the loop; the next
   * turn starts it again.
   */
  async turn(broker: Broker, keys: readonly string[], ms: number): Promise<void> {
    this.broker = broker;
    this.keys = keys;
    if (!this.running && !this.stopped) {
      this.running = true;
      this.run().then(
        () => {
          this.running = false;
        },
        (error: unknown) => {
          this.running = false;
          this.failure = error;
        },
      );
    }
    for (const deadline = Date.now() + ms; this.failure === null && !this.stopped; ) {
      const left = deadline - Date.now();
      if (left <= 0) return;
      await sleep(Math.min(left, IDLE_MS));
    }
    const { failure } = this;
    this.failure = null;
    if (failure !== null && !this.stopped) throw failure;
  }

  stop(): void {
    this.stopped = true;
    this.wakeUp();
  }

  private async run(): Promise<void> {
    const { context } = this.options;
    while (!this.stopped) {
      const wanted = this.wanted();
      if (wanted.length === 0 || this.bytes >= context.fetchMaxBytes) {
        await this.woken();
        continue;
      }
      try {
        const { quota } = this;
        const fetched = await fetchHeld(context, this.broker as Broker, wanted, quota.maxBytes);
        for (const delivery of fetched.deliveries) this.take(delivery);
        quota.answered(fetched, wanted);
        await this.waitOut(fetched.throttleMs);
      } catch (error) {
        if (!passes(error)) throw error;
        await sleep(IDLE_MS);
      }
    }
  }

  /** The quota's own time: a broker answers no request of this connection before it is over. */
  private async waitOut(throttleMs: number): Promise<void> {
    if (throttleMs > 0) this.options.throttled(throttleMs);
    for (const until = Date.now() + throttleMs; !this.stopped; ) {
      const left = until - Date.now();
      if (left <= 0) return;
      await sleep(Math.min(left, IDLE_MS));
    }
  }

  private wanted(): HeldPartition[] {
    const held = this.options.context.held();
    return this.keys
      .map((key) => held.get(key))
      .filter((one) => one !== undefined)
      .filter((one) => !isFetched(one));
  }

  /** Until something was delivered, or a moment. */
  private async woken(): Promise<void> {
    const waiting = new AbortController();
    this.wakeUp = () => waiting.abort();
    await sleep(IDLE_MS, undefined, { signal: waiting.signal }).catch(() => {});
    this.wakeUp = () => {};
  }

  private take(delivery: Delivery): void {
    const { held } = delivery;
    this.bytes += delivery.bytes;
    held.queue.push(delivery);
    this.ready.push(held);
    this.pump();
  }

  /** Starts deliveries while there are free hands: one of each partition at a time, in order. */
  private pump(): void {
    while (this.active < this.options.concurrency) {
      const at = this.ready.findIndex((one) => !one.busy);
      if (at < 0) return;
      const [held] = this.ready.splice(at, 1) as [HeldPartition];
      const delivery = held.queue.shift() as Delivery;
      held.busy = true;
      this.active++;
      void this.work(delivery);
    }
  }

  private async work(delivery: Delivery): Promise<void> {
    await this.options.deliver(delivery);
    delivery.held.busy = false;
    this.active--;
    this.bytes -= delivery.bytes;
    this.wakeUp();
    this.pump();
  }
}

/** Of one answer; what has lasted (log_stalled) ends the loop. */
function passes(error: unknown): boolean {
  if (error instanceof PassingError) return true;
  return error instanceof RewindError && error.retryable && error.code !== 'log_stalled';
}
