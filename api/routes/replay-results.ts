/** What a run produced: its timeline, single snapshots, dead letters, and everything as NDJSON. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';

import { JobParams, SnapshotParams } from '../../schemas/http.js';
import { NdjsonAnswer } from '../../schemas/http-answer.js';
import { SnapshotAnswer, TimelineAnswer } from '../../schemas/http-results.js';
import { RunTimelineQuery } from '../../schemas/http-timeline.js';
import type { RouteContext } from '../context.js';
import { timelinePage } from '../timeline-page.js';
import { snapshotRow, timelineRow } from '../views.js';

export const replayResultRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { replay } = context;

    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/timeline',
      {
        config: { access: 'read' },
        schema: {
          summary: 'Events of a finished run in order of time, by index, from a time on, or narrowed',
          tags: ['results'],
          params: JobParams,
          querystring: RunTimelineQuery,
          response: { 200: TimelineAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        const { entries, next } = await timelinePage(context, tenant_id, job_id, request.query);
        return { success: true as const, data: entries.map(timelineRow), page: { next } };
      },
    );

    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/snapshots/:index',
      {
        config: { access: 'read' },
        schema: {
          summary: 'One snapshot: state before and after, diff, coordinates',
          tags: ['results'],
          params: SnapshotParams,
          response: { 200: SnapshotAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id, index } = request.params;
        return { success: true as const, data: snapshotRow(await replay.snapshot(tenant_id, job_id, index)) };
      },
    );

    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/snapshots',
      {
        config: { access: 'read', audit: 'export.made' },
        schema: {
          summary: 'All snapshots of a run as NDJSON, in timeline order',
          tags: ['results'],
          params: JobParams,
          response: { 200: NdjsonAnswer },
        },
      },
      async (request, reply) => {
        const { tenant_id, job_id } = request.params;
        request.auditTarget = job_id;
        const rows = await replay.exportSnapshots(tenant_id, job_id);
        return reply.type('application/x-ndjson').send(rows);
      },
    );
  };
