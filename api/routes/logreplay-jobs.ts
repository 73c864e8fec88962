/** Log replays that run as jobs: looked at, followed, ended. POST /v1/logreplay?async=true makes them (logreplay.ts). */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import type { LogReplayJob } from '../../processors/logreplay/job-contract.js';
import { TenantHeaders } from '../../schemas/http-decision-logs.js';
import { DecisionListAnswer, DecisionListQuery } from '../../schemas/http-decisions.js';
import {
  LogReplayFoundAnswer,
  LogReplayJobAnswer,
  LogReplayJobsAnswer,
  LogReplayParams,
  LogReplayStream,
  LogReplaysQuery,
} from '../../schemas/http-logreplay-jobs.js';
import { NothingNew, StreamHeaders } from '../../schemas/http-streams.js';
import type { RouteContext } from '../context.js';
import { logReplayView } from '../logreplay-views.js';
import { isSeen, logReplayEvents } from '../streams/log-replay-events.js';
import { OpenStreams } from '../streams/open-streams.js';
import { decisionRow } from './decisions.js';

const BASE = '/v1/logreplay';
const ONE = `${BASE}/:replay_id`;
const common = { tags: ['log replay'], headers: TenantHeaders };

export const logReplayJobRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { logReplayJobs } = context;
    const streams = new OpenStreams(context);
    app.addHook('preClose', async () => streams.closeAll());

    app.get(
      BASE,
      {
        config: { access: 'read' },
        schema: {
          ...common,
          summary: 'Log replays that run or ran as jobs, the newest first',
          querystring: LogReplaysQuery,
          response: { 200: LogReplayJobsAnswer },
        },
      },
      async (request) => {
        const page = await logReplayJobs.list(request.identity.tenantId, request.query);
        return { success: true as const, data: page.items.map(logReplayRow), page: { next: page.next } };
      },
    );

    app.get(
      ONE,
      {
        config: { access: 'read' },
        schema: {
          ...common,
          summary: 'One log replay: how far it is, and what it found once it is complete',
          params: LogReplayParams,
          response: { 200: LogReplayFoundAnswer },
        },
      },
      async (request) => {
        const { tenantId } = request.identity;
        const { replay_id } = request.params;
        const job = await logReplayJobs.get(tenantId, replay_id);
        const found = job.status === 'Complete' ? await logReplayJobs.result(tenantId, replay_id) : null;
        const result = found === null ? null : logReplayView(found);
        return { success: true as const, data: { ...logReplayRow(job), result } };
      },
    );

    app.get(
      `${ONE}/decisions`,
      {
        config: { access: 'read' },
        schema: {
          ...common,
          summary: 'Decisions that changed or failed, path by path in the order of the log',
          params: LogReplayParams,
          querystring: DecisionListQuery,
          response: { 200: DecisionListAnswer },
        },
      },
      async (request) => {
        const { tenantId } = request.identity;
        const page = await logReplayJobs.decisions(tenantId, request.params.replay_id, request.query);
        return { success: true as const, data: page.items.map(decisionRow), page: { next: page.next } };
      },
    );

    app.get(
      `${ONE}/stream`,
      {
        config: { access: 'read' },
        schema: {
          ...common,
          summary: 'Follow a log replay',
          params: LogReplayParams,
          headers: StreamHeaders,
          response: { 200: LogReplayStream, 204: NothingNew },
        },
      },
      async (request, reply) =>
        follow(context, streams, reply, {
          tenantId: request.identity.tenantId,
          replayId: request.params.replay_id,
          lastId: request.headers['last-event-id'],
        }),
    );

    app.post(
      `${ONE}/cancel`,
      {
        config: { access: 'write', audit: 'logreplay.cancelled' },
        schema: {
          ...common,
          summary: 'End a log replay; what it has found so far stays',
          params: LogReplayParams,
          response: { 200: LogReplayJobAnswer },
        },
      },
      async (request) => {
        const { tenantId, actor } = request.identity;
        const job = await logReplayJobs.cancel(tenantId, request.params.replay_id, actor);
        return { success: true as const, data: logReplayRow(job) };
      },
    );

    app.delete(
      ONE,
      {
        config: { access: 'write', audit: 'logreplay.deleted' },
        schema: {
          ...common,
          summary: 'Remove a log replay with its rows',
          params: LogReplayParams,
          response: { 200: LogReplayJobAnswer },
        },
      },
      async (request) => {
        const { tenantId, actor } = request.identity;
        const job = await logReplayJobs.delete(tenantId, request.params.replay_id, actor);
        return { success: true as const, data: logReplayRow(job) };
      },
    );
  };

async function follow(
  { logReplayJobs, config }: RouteContext,
  streams: OpenStreams,
  reply: FastifyReply,
  { tenantId, replayId, lastId }: { tenantId: string; replayId: string; lastId: string | undefined },
): Promise<FastifyReply> {
  const { streamHeartbeatMs: heartbeatMs } = config.http;
  const leave = streams.enter(tenantId);
  const watch = await logReplayJobs.watch(tenantId, replayId).catch((error: unknown) => {
    leave();
    throw error;
  });
  const onClosed = (): void => {
    watch.close();
    leave();
  };
  if (isSeen(watch.current().view, lastId)) {
    onClosed();
    return reply.code(204).send();
  }
  return streams.send(reply, {
    name: replayId,
    events: (signal) => logReplayEvents({ watch, row: logReplayRow, heartbeatMs, signal }, lastId),
    onClosed,
  });
}

export function logReplayRow(job: LogReplayJob) {
  const { offsetsDone, offsetsTotal } = job;
  return {
    replay_id: job.replayId,
    status: job.status,
    percent:
      job.status === 'Complete' ? 100 : offsetsTotal === 0n ? 0 : Number((100n * offsetsDone) / offsetsTotal),
    offsets_done: offsetsDone.toString(),
    offsets_total: offsetsTotal.toString(),
    entries_observed: job.observed,
    entries_scheduled: job.scheduled,
    results_changed: job.changed,
    entries_failed: job.failed,
    held_by: job.heldBy,
    error: job.error,
    created_by: job.createdBy,
    created_at: new Date(job.createdMs).toISOString(),
    ended_at: job.endedMs === null ? null : new Date(job.endedMs).toISOString(),
  };
}
