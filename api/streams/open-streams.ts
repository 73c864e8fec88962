/** The streams of this process: each tenant has its share, and a server that stops ends them all. */
import type { FastifyReply } from 'fastify';
import { RewindError } from '../../schemas/errors.js';
import type { RouteContext } from '../context.js';
import { EVENT_STREAM_HEADERS, EventStream, type StreamEvent } from './event-stream.js';

/** A server that stops gives its streams so long to take what they were sent. */
const STOP_GRACE_MS = 500;

export interface StreamToOpen {
  /** Of what, for the log. */
  readonly name: string;
  /** Ends at the signal. */
  readonly events: (signal: AbortSignal) => AsyncGenerator<StreamEvent | null>;
  /** Called once, however the stream ends. */
  readonly onClosed?: () => void;
}

export class OpenStreams {
  readonly #context: Pick<RouteContext, 'config' | 'telemetry'>;
  readonly #byTenant = new Map<string, number>();
  readonly #closing = new AbortController();

  constructor(context: Pick<RouteContext, 'config' | 'telemetry'>) {
    this.#context = context;
  }

  closeAll(): void {
    this.#closing.abort();
  }

  /** Takes a place in the tenant's share; returns what gives it back. Throws streams_full. */
  enter(tenantId: string): () => void {
    const { streamsPerTenant } = this.#context.config.http;
    const open = this.#byTenant.get(tenantId) ?? 0;
    if (open >= streamsPerTenant)
      throw new RewindError(
        'streams_full',
        `tenant ${tenantId} has ${open} streams open here, as many as http.streamsPerTenant allows`,
      );
    this.#byTenant.set(tenantId, open + 1);
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      const left = (this.#byTenant.get(tenantId) ?? 1) - 1;
      if (left === 0) this.#byTenant.delete(tenantId);
      else this.#byTenant.set(tenantId, left);
    };
  }

  send(reply: FastifyReply, { name, events, onClosed }: StreamToOpen): FastifyReply {
    const { config, telemetry } = this.#context;
    const stop = new AbortController();
    const socket = reply.raw;
    const stopAll = (): void => {
      stop.abort();
      // A client that reads nothing must not hold up the end of the server; any client goes on elsewhere.
      setTimeout(() => socket.destroy(), STOP_GRACE_MS).unref();
    };
    // A key that is revoked or a token that ends in mid-stream ends the stream with it.
    const recheck = setInterval(() => {
      void reply.request.stillAllowed().then((allowed) => {
        if (!allowed) stopAll();
      });
    }, config.http.streamHeartbeatMs);
    const close = (): void => {
      clearInterval(recheck);
      stop.abort();
      this.#closing.signal.removeEventListener('abort', stopAll);
      onClosed?.();
    };
    this.#closing.signal.addEventListener('abort', stopAll, { once: true });
    const { streamStallMs: stallMs } = config.http;
    const stream = new EventStream({
      events: events(stop.signal),
      stallMs,
      onStalled: () => {
        const drop = setTimeout(() => socket.destroy(), stallMs);
        socket.once('close', () => clearTimeout(drop));
      },
      onFailed: (err) => telemetry.event('stream.failed', { jobId: name, err }),
      onClosed: close,
    });
    return reply.headers(EVENT_STREAM_HEADERS).send(stream);
  }
}
