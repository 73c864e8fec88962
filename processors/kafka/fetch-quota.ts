/**
 * How much one fetch may ask for while a broker's quota (consumer_byte_rate) holds us back. Between fetch-loop.ts and the
 * answers of its node; pure but for the clock that it is given.
 *
 * A broker whose quota an answer would exceed sends an empty one and the time to wait, and counts nothing. So whoever goes
 * on asking for much gets nothing while others take the little that is free, and a batch of records that is larger than
 * the quota of a whole window (by default of ten seconds) never comes at all. Hence: ask for less, and give up in the end.
 */
import { RewindError } from '../../schemas/errors.js';

/** A broker gives one batch whole, however little is asked for. */
const ASK_MIN_BYTES = 16 << 10;
const SHRINK = 0.5;
const GROW = 1.5;
/** So many empty answers at least, however long the broker lets us wait for each. */
const EMPTIED_MAX = 3;

/** The broker had an answer, and held it back for the quota's sake. */
export function isEmptied(answer: { throttleMs: number; partitions: readonly unknown[] }): boolean {
  return answer.throttleMs > 0 && answer.partitions.length === 0;
}

interface Answer {
  readonly throttleMs: number;
  readonly emptied: boolean;
  readonly deliveries: readonly { readonly bytes: number }[];
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly fetchAt: bigint;
}

export class FetchQuota {
  readonly #most: number;
  readonly #stallTimeoutMs: number;
  readonly #now: () => number;
  #ask: number;
  /** Bytes of the last answer that was not held back. */
  #came = Number.POSITIVE_INFINITY;
  /** Answers that were held back since the last that was not, and when the first of them came. */
  #emptied = 0;
  #since = 0;

  constructor(most: number, stallTimeoutMs: number, now: () => number = Date.now) {
    this.#most = most;
    this.#ask = most;
    this.#stallTimeoutMs = stallTimeoutMs;
    this.#now = now;
  }

  /** For the next fetch. */
  get maxBytes(): number {
    return this.#ask;
  }

  /** Throws log_stalled where the quota has let nothing through for too long. */
  answered({ emptied, deliveries, throttleMs }: Answer, wanted: readonly Place[]): void {
    const bytes = deliveries.reduce((sum, one) => sum + one.bytes, 0);
    if (!emptied) {
      this.#emptied = 0;
      if (bytes > 0) this.#came = bytes;
      this.#ask = Math.min(this.#most, Math.ceil(this.#ask * GROW));
      return;
    }
    this.#ask = Math.max(
      Math.min(ASK_MIN_BYTES, this.#most),
      Math.floor(Math.min(this.#ask, this.#came) * SHRINK),
    );
    const now = this.#now();
    if (this.#emptied++ === 0) this.#since = now;
    if (this.#emptied <= EMPTIED_MAX || now - this.#since < this.#stallTimeoutMs) return;
    throw starved(wanted, now - this.#since, throttleMs);
  }
}

function starved(wanted: readonly Place[], ms: number, throttleMs: number): RewindError {
  const [one] = wanted;
  const place = one === undefined ? 'nothing' : `${one.topic}/${one.partition} at offset ${one.fetchAt}`;
  return new RewindError(
    'log_stalled',
    `${place}: for ${Math.round(ms / 1000)} s the broker's quota has let nothing through (its last wait: ${throttleMs} ms); a batch of records there is larger than consumer_byte_rate allows in the quota's window, or other clients use the quota up: raise it for this client`,
    { facts: { throttleMs: String(throttleMs) } },
  );
}
