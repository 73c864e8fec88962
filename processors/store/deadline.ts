/** When a statement is given up from this side: its time limit, its caller, or the closing of the store. */
import { RewindError } from '../../schemas/errors.js';
import type { StatementKind } from './store-errors.js';

export class Deadline {
  readonly signal: AbortSignal;
  readonly #abort = new AbortController();
  readonly #limitMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #sources: readonly AbortSignal[];
  readonly #onSource: () => void;
  #expired = false;

  constructor(limitMs: number, sources: readonly AbortSignal[]) {
    this.signal = this.#abort.signal;
    this.#limitMs = limitMs;
    this.#sources = sources;
    this.#onSource = () => this.#abort.abort();
    this.#timer = setTimeout(() => {
      this.#expired = true;
      this.#abort.abort();
    }, limitMs);
    for (const source of sources) {
      if (source.aborted) this.#abort.abort();
      else source.addEventListener('abort', this.#onSource, { once: true });
    }
  }

  /** Why the statement was given up; null: it was not, so the error is the store's. */
  reason(kind: StatementKind, sql: string): RewindError | null {
    if (!this.signal.aborted) return null;
    const facts = { statement: sql.slice(0, 200) };
    const what = this.#expired ? `no answer within ${this.#limitMs} ms` : 'cancelled by the caller';
    if (kind === 'insert') return new RewindError('insert_unknown', what, { facts });
    const cause = this.#sources.find((source) => source.aborted)?.reason as unknown;
    if (cause instanceof RewindError) return cause;
    return new RewindError(this.#expired ? 'store_timeout' : 'store_rejected', what, { cause, facts });
  }

  clearTimer(): void {
    clearTimeout(this.#timer);
  }

  /** The statement has ended. */
  clear(): void {
    this.clearTimer();
    for (const source of this.#sources) source.removeEventListener('abort', this.#onSource);
  }
}
