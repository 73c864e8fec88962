/**
 * Watching what moves by itself, as jobs: one poller for each that somebody in this process watches, shared by all of them.
 * It keeps the last view only; who watches asks for what is newer, at their own pace.
 */
import { RewindError } from '../../schemas/errors.js';
import { isTerminal } from '../replay/job-state.js';
import type { JobView } from '../replay/service.js';

export interface Watch<V> {
  /** The newest view and its number; throws what the poller met where nothing can be read any more. */
  current(): { readonly view: V; readonly version: number };
  /** Resolves once there is a newer view than that version, after the time, or at the signal, whichever is first. */
  changed(version: number, timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** To be called once by whoever watches. */
  close(): void;
}

export type JobWatch = Watch<JobView>;

/** What is watched, and how it is known that it moved, and that it moves no more. */
export interface Watched<V> {
  get(tenantId: string, id: string): Promise<V>;
  /** All of a view that moves. */
  signature(view: V): string;
  isOver(view: V): boolean;
}

/** Jobs; `get` rejects with job_not_found. */
export function watchedJobs({ get }: Pick<Watched<JobView>, 'get'>): Watched<JobView> {
  return {
    get,
    signature: ({ status, startedAt, completedAt, progress, counters }) =>
      JSON.stringify([status, startedAt, completedAt, progress, counters]),
    isOver: ({ status }) => isTerminal(status),
  };
}

export class Feeds<V> {
  readonly #watched: Watched<V>;
  readonly #pollMs: number;
  readonly #feeds = new Map<string, Feed<V>>();

  constructor(watched: Watched<V>, pollMs: number) {
    this.#watched = watched;
    this.#pollMs = pollMs;
  }

  /** Rejects as `get` does. */
  async watch(tenantId: string, id: string): Promise<Watch<V>> {
    const key = `${tenantId}\u0000${id}`;
    const known = this.#feeds.get(key);
    if (known !== undefined) return known.join();
    const read = () => this.#watched.get(tenantId, id);
    const view = await read();
    // Another may have come first while it was read.
    const feed = this.#feeds.get(key) ?? new Feed(this.#watched, view, read, this.#pollMs);
    if (!this.#watched.isOver(view)) {
      this.#feeds.set(key, feed);
      feed.onEnd(() => {
        if (this.#feeds.get(key) === feed) this.#feeds.delete(key);
      });
    }
    return feed.join();
  }

  /** Those that are polled now. */
  get size(): number {
    return this.#feeds.size;
  }
}

class Feed<V> {
  readonly #watched: Watched<V>;
  readonly #read: () => Promise<V>;
  readonly #pollMs: number;
  #view: V;
  #version = 0;
  #error: Error | null = null;
  #watchers = 0;
  #timer: NodeJS.Timeout | null = null;
  #onEnd: () => void = () => undefined;
  readonly #waiting = new Set<() => void>();

  constructor(watched: Watched<V>, view: V, read: () => Promise<V>, pollMs: number) {
    this.#watched = watched;
    this.#view = view;
    this.#read = read;
    this.#pollMs = pollMs;
  }

  /** Called once nobody watches any more, or nothing is left to see. */
  onEnd(ended: () => void): void {
    this.#onEnd = ended;
  }

  join(): Watch<V> {
    this.#watchers++;
    this.#schedule();
    let open = true;
    return {
      current: () => {
        if (this.#error !== null) throw this.#error;
        return { view: this.#view, version: this.#version };
      },
      changed: (version, timeoutMs, signal) => this.#changed(version, timeoutMs, signal),
      close: () => {
        if (!open) return;
        open = false;
        if (--this.#watchers === 0) this.#end();
      },
    };
  }

  #schedule(): void {
    if (this.#timer !== null || this.#watchers === 0 || this.#isOver) return;
    this.#timer = setTimeout(() => {
      this.#poll()
        .catch((error: unknown) => this.#fail(error))
        .finally(() => {
          this.#timer = null;
          this.#schedule();
        });
    }, this.#pollMs);
  }

  async #poll(): Promise<void> {
    const view = await this.#read();
    const { signature } = this.#watched;
    if (signature(view) === signature(this.#view)) return;
    this.#view = view;
    this.#publish();
  }

  /** What passes by itself is waited out. */
  #fail(error: unknown): void {
    if (error instanceof RewindError && error.retryable) return;
    this.#error = error instanceof Error ? error : new Error(String(error));
    this.#publish();
  }

  #publish(): void {
    this.#version++;
    for (const wake of [...this.#waiting]) wake();
    if (this.#isOver) this.#onEnd();
  }

  get #isOver(): boolean {
    return this.#error !== null || this.#watched.isOver(this.#view);
  }

  #end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#onEnd();
  }

  #changed(version: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (version !== this.#version || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      signal.addEventListener('abort', done, { once: true });
      this.#waiting.add(done);
    });
  }
}
