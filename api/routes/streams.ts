/** Server-sent events of a run, under both families of paths. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { AuditRunParams, JobParams } from '../../schemas/http.js';
import { NothingNew, StreamAnswer, StreamHeaders, StreamQuery } from '../../schemas/http-streams.js';
import type { RouteContext } from '../context.js';
import { OpenStreams } from '../streams/open-streams.js';
import { parsePosition } from '../streams/position.js';
import { replayEvents, sawEnd } from '../streams/replay-events.js';

const DESCRIPTION = `Each event's data is {type, data} and its id a position that the store knows: a client that connects
again with Last-Event-ID goes on behind it, also at a server that was started since. Snapshots are a sample of each part
of the run as it is sealed (their index is null, for it is known when the run is finished); with snapshots=all they are
all snapshots in timeline order, sent once the run is complete.`;

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
          openRun(context, streams, reply, {
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
        openRun(context, streams, reply, {
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

async function openRun(
  { results, config }: RouteContext,
  streams: OpenStreams,
  reply: FastifyReply,
  { tenantId, jobId, snapshots, lastId }: StreamRequest,
): Promise<FastifyReply> {
  const { live } = results;
  const from = parsePosition(lastId);
  const leave = streams.enter(tenantId);
  const watch = await live.watch(tenantId, jobId).catch((error: unknown) => {
    leave();
    throw error;
  });
  const onClosed = (): void => {
    watch.close();
    leave();
  };
  try {
    if (sawEnd(watch.current().view, from)) {
      onClosed();
      return reply.code(204).send();
    }
  } catch (error) {
    onClosed();
    throw error;
  }
  const { streamHeartbeatMs: heartbeatMs } = config.http;
  return streams.send(reply, {
    name: jobId,
    events: (signal) => replayEvents({ live, watch, tenantId, jobId, snapshots, heartbeatMs, signal }, from),
    onClosed,
  });
}
