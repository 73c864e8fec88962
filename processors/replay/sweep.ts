/** Removes rows that reached the store after their job was dropped: nothing shows them, but they are not to be kept. */
import { setTimeout as sleep } from 'node:timers/promises';
import { lateRows, removeJobRows } from '../store/job-rows.js';
import type { Pipeline } from './pipeline.js';
import type { OnRetry } from './retry-events.js';

export class Sweeper {
  readonly #pipeline: Pick<Pipeline, 'store' | 'config'>;
  readonly #onRetry: OnRetry;

  constructor(pipeline: Pick<Pipeline, 'store' | 'config'>, onRetry: OnRetry) {
    this.#pipeline = pipeline;
    this.#onRetry = onRetry;
  }

  /** Runs until the signal aborts. Several processes may sweep at once: what is gone is gone. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, config } = this.#pipeline;
    for (;;) {
      await sleep(config.replay.sweepSeconds * 1000, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        for (const jobId of await lateRows(store)) await removeJobRows(store, jobId);
      } catch (error) {
        this.#onRetry('', 'sweep', error);
      }
    }
  }
}
