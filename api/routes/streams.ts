/** Server-sent events of a run, under both families of paths. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { RewindError } from '../../schemas/errors.js';
import { AuditRunParams, JobParams } from '../../schemas/http.js';
import { NothingNew, StreamAnswer, StreamHeaders, StreamQuery } from '../../schemas/http-streams.js';
import type { RouteContext } from '../context.js';
import { EVENT_STREAM_HEADERS, EventStream } from '../streams/event-stream.js';
import { parsePosition } from '../streams/position.js';
import { replayEvents, sawEnd } from '../streams/replay-events.js';

const DESCRIPTION = `Each event's data is {type, data} and its id a position that the store knows: a client that connects
again with Last-Event-ID goes on behind it, also at a server that was started since. Snapshots are a sample of each part
of the run as it is sealed (their index is null, for it is known when the run is finished); with snapshots=all they are
all snapshots in timeline order, sent once the run is complete.`;

/** A server that stops gives its streams so long to take what they were sent. */
const STOP_GRACE_MS = 500;

const schema = {
  description: DESCRIPTION,
  querystring: StreamQuery,
  headers: StreamHeaders,
  response: { 200: StreamAnswer, 204: NothingNew },
};

export const streamRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const streams = new OpenStreams(context);
    app.addHook('preClose', async () => streams.closeAll());

    if (context.config.http.enableAuditReplay)
      app.get(
        '/api/v1/audit/replay/:id/stream',
        {
          config: { access: 'read' },
          schema: { ...schema, summary: 'Follow a run', tags: ['audit replay'], params: AuditRunParams },
        },
        async (request, reply) =>
          streams.open(reply, {
            tenantId: request.identity.tenantId,
            jobId: request.params.id,
            snapshots: request.query.snapshots ?? 'sampled',
            lastId: request.headers['last-event-id'],
          }),
      );

    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/stream',
      {
        config: { access: 'read' },
        schema: { ...schema, summary: 'Follow a job', tags: ['replay jobs'], params: JobParams },
      },
      async (request, reply) =>
        streams.open(reply, {
          tenantId: request.params.tenant_id,
          jobId: request.params.job_id,
          snapshots: request.query.snapshots ?? 'sampled',
          lastId: request.headers['last-event-id'],
        }),
    );
  };

interface StreamRequest {
  readonly tenantId: string;
  readonly jobId: string;
  readonly snapshots: 'sampled' | 'all';
  readonly lastId: string | undefined;
}

/** The streams of this process: each tenant has its share, and a server that stops ends them all. */
class OpenStreams {
  readonly #context: RouteContext;
  readonly #byTenant = new Map<string, number>();
  readonly #closing = new AbortController();

  constructor(context: RouteContext) {
    this.#context = context;
  }

  closeAll(): void {
    this.#closing.abort();
  }

  async open(reply: FastifyReply, request: StreamRequest): Promise<FastifyReply> {
    const { results, config, telemetry } = this.#context;
    const { tenantId, jobId, snapshots } = request;
    const { live } = results;
    const from = parsePosition(request.lastId);
    const leave = this.#enter(tenantId);
    const watch = await live.watch(tenantId, jobId).catch((error: unknown) => {
      leave();
      throw error;
    });
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
      watch.close();
      leave();
    };
    if (sawEnd(watch.current().view, from)) {
      close();
      return reply.code(204).send();
    }
    this.#closing.signal.addEventListener('abort', stopAll, { once: true });
    const { streamHeartbeatMs: heartbeatMs, streamStallMs: stallMs } = config.http;
    const options = { live, watch, tenantId, jobId, snapshots, heartbeatMs, signal: stop.signal };
    const stream = new EventStream({
      events: replayEvents(options, from),
      stallMs,
      onStalled: () => {
        const drop = setTimeout(() => socket.destroy(), stallMs);
        socket.once('close', () => clearTimeout(drop));
      },
      onFailed: (err) => telemetry.event('stream.failed', { jobId, err }),
      onClosed: close,
    });
    return reply.headers(EVENT_STREAM_HEADERS).send(stream);
  }

  /** @throws RewindError streams_full; else what to call at the end, once */
  #enter(tenantId: string): () => void {
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
}
