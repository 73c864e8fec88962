/**
 * Lets the loops of one process go on at once when something they poll for has changed here: a unit was sealed, a step
 * was frozen, a job was created. A hint only: what other processes do is seen by polling, and a lost wake costs a poll.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export class Wake {
  #count = 0;
  readonly #waiting = new Set<() => void>();

  /** What has happened so far: pass it to `wait`, so that nothing between look and wait is missed. */
  get count(): number {
    return this.#count;
  }

  wake(): void {
    this.#count++;
    for (const resume of this.#waiting) resume();
  }

  /** Resolves when something has happened since `count`, after `maxMs`, or when the signal aborts. */
  async wait(count: number, maxMs: number, signal: AbortSignal): Promise<void> {
    if (this.#count !== count || signal.aborted) return;
    const stop = new AbortController();
    const resume = (): void => stop.abort();
    this.#waiting.add(resume);
    await sleep(maxMs, undefined, { signal: AbortSignal.any([signal, stop.signal]) }).catch(() => undefined);
    this.#waiting.delete(resume);
  }
}
