/** Removes rows that reached the store after their job was dropped: nothing shows them, but they are not to be kept. */
import { setTimeout as sleep } from 'node:timers/promises';
import { lateRows, removeJobRows } from '../store/job-rows.js';
import type { HostEvents } from './host.js';
import type { Pipeline } from './pipeline.js';

export class Sweeper {
  readonly #pipeline: Pick<Pipeline, 'store' | 'config'>;
  readonly #events: HostEvents;

  constructor(pipeline: Pick<Pipeline, 'store' | 'config'>, events: HostEvents) {
    this.#pipeline = pipeline;
    this.#events = events;
  }

  /** Runs until the signal aborts. Several processes may sweep at once: what is gone is gone. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, config } = this.#pipeline;
    for (;;) {
      await sleep(config.replay.sweepSeconds * 1000, undefined, { signal, ref: false }).catch(
        () => undefined,
      );
      if (signal.aborted) return;
      try {
        for (const jobId of await lateRows(store)) await removeJobRows(store, jobId);
      } catch (error) {
        this.#events.onRetry('', 'sweep', error);
      }
    }
  }
}
