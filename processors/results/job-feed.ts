/**
 * Watching jobs: one poller for each job that somebody in this process watches, shared by all of them. It keeps the last
 * view only; who watches asks for what is newer, at their own pace.
 */
import { RewindError } from '../../schemas/errors.js';
import { isTerminal } from '../replay/job-state.js';
import type { JobView, ReplayService } from '../replay/service.js';

export interface JobWatch {
  /** The newest view and its number; throws what the poller met where the job cannot be read any more. */
  current(): { readonly view: JobView; readonly version: number };
  /** Resolves once there is a newer view than that version, after the time, or at the signal, whichever is first. */
  changed(version: number, timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** To be called once by whoever watches. */
  close(): void;
}

export class JobFeeds {
  readonly #replay: Pick<ReplayService, 'get'>;
  readonly #pollMs: number;
  readonly #feeds = new Map<string, Feed>();

  constructor(replay: Pick<ReplayService, 'get'>, pollMs: number) {
    this.#replay = replay;
    this.#pollMs = pollMs;
  }

  /** Rejects with job_not_found. */
  async watch(tenantId: string, jobId: string): Promise<JobWatch> {
    const key = `${tenantId}\u0000${jobId}`;
    const known = this.#feeds.get(key);
    if (known !== undefined) return known.join();
    const view = await this.#replay.get(tenantId, jobId);
    // Another may have come first while the job was read.
    const feed =
      this.#feeds.get(key) ?? new Feed(view, () => this.#replay.get(tenantId, jobId), this.#pollMs);
    if (!isTerminal(view.status)) {
      this.#feeds.set(key, feed);
      feed.onEnd(() => {
        if (this.#feeds.get(key) === feed) this.#feeds.delete(key);
      });
    }
    return feed.join();
  }

  /** Jobs that are polled now. */
  get size(): number {
    return this.#feeds.size;
  }
}

class Feed {
  readonly #read: () => Promise<JobView>;
  readonly #pollMs: number;
  #view: JobView;
  #version = 0;
  #error: Error | null = null;
  #watchers = 0;
  #timer: NodeJS.Timeout | null = null;
  #onEnd: () => void = () => undefined;
  readonly #waiting = new Set<() => void>();

  constructor(view: JobView, read: () => Promise<JobView>, pollMs: number) {
    this.#view = view;
    this.#read = read;
    this.#pollMs = pollMs;
  }

  /** Called once nobody watches any more, or nothing is left to see. */
  onEnd(ended: () => void): void {
    this.#onEnd = ended;
  }

  join(): JobWatch {
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
    return this.#error !== null || isTerminal(this.#view.status);
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

/** All of a view that moves. */
function signature({ status, startedAt, completedAt, progress, counters }: JobView): string {
  return JSON.stringify([status, startedAt, completedAt, progress, counters]);
}
