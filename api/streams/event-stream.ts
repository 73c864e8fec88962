/**
 * Server-sent events with backpressure: the next event is made when the socket has taken the last one. A client that
 * takes nothing for the stall time is cut: the last thing in its buffer is a `resync` event, and with the id before it
 * the client goes on when it connects again.
 */
import { Readable } from 'node:stream';
import { toJsonText } from '../json/raw-json.js';

export interface StreamEvent {
  readonly type: string;
  readonly data: object;
  /** A client that lost its connection names the last one that it saw. */
  readonly id: string;
}

export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // Proxies that buffer would hold events back.
  'x-accel-buffering': 'no',
  // No further request follows: a connection left open would hold up a server that stops.
  connection: 'close',
} as const;

/** After so long a client that lost its connection tries again. */
const RETRY_MS = 2_000;
const BUFFER_BYTES = 64 << 10;

export interface EventStreamOptions {
  readonly events: AsyncGenerator<StreamEvent | null>;
  readonly stallMs: number;
  /** The client takes nothing: its connection may be dropped after a further stall time. */
  readonly onStalled: () => void;
  /** The events broke off; a client that connects again goes on. */
  readonly onFailed: (error: Error) => void;
  /** Called once, however the stream ends. */
  readonly onClosed: () => void;
}

export class EventStream extends Readable {
  readonly #options: EventStreamOptions;
  #pulling = false;
  #stalled: NodeJS.Timeout | null = null;
  #cut = false;

  constructor(options: EventStreamOptions) {
    super({ highWaterMark: BUFFER_BYTES });
    this.#options = options;
    this.push(`retry: ${RETRY_MS}\n\n`);
  }

  override _read(): void {
    if (this.#stalled !== null) clearTimeout(this.#stalled);
    this.#stalled = null;
    if (!this.#pulling && !this.#cut) void this.#pull();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.#stalled !== null) clearTimeout(this.#stalled);
    this.#options.onClosed();
    callback(error);
  }

  async #pull(): Promise<void> {
    this.#pulling = true;
    try {
      for (;;) {
        const { value, done } = await this.#options.events.next();
        if (this.destroyed || this.#cut) return;
        if (done) {
          this.push(null);
          return;
        }
        if (!this.push(value === null ? ': beat\n\n' : eventText(value))) {
          this.#stalled = setTimeout(() => this.#cutOff(), this.#options.stallMs);
          return;
        }
      }
    } catch (error) {
      this.#options.onFailed(error as Error);
      this.destroy(error as Error);
    } finally {
      this.#pulling = false;
    }
  }

  #cutOff(): void {
    this.#cut = true;
    this.push('event: resync\ndata: {"type":"resync","data":{}}\n\n');
    this.push(null);
    this.#options.onStalled();
  }
}

/** The document's payload is the data; its type is the event's name too. */
function eventText({ type, data, id }: StreamEvent): string {
  return `id: ${id}\nevent: ${type}\ndata: ${toJsonText({ type, data })}\n\n`;
}
