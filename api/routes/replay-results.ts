/** What a run produced: its timeline, single snapshots, dead letters, and everything as NDJSON. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { JobParams, PageQuery, SnapshotParams, TimelineQuery } from '../../schemas/http.js';
import type { RouteContext } from '../context.js';
import { deadLetterRow, snapshotRow, timelineRow } from '../views.js';

export const replayResultRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { replay } = context;

    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/timeline',
      { config: { access: 'read' }, schema: { params: JobParams, querystring: TimelineQuery } },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        const { from, limit } = request.query;
        const entries = await replay.timeline(tenant_id, job_id, { from, limit });
        // A full page may have more behind it; the index is gap-free, so the next page starts right there.
        const next = entries.length < limit ? null : from + entries.length;
        return { success: true, data: entries.map(timelineRow), page: { next } };
      },
    );

    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/snapshots/:index',
      { config: { access: 'read' }, schema: { params: SnapshotParams } },
      async (request) => {
        const { tenant_id, job_id, index } = request.params;
        return { success: true, data: snapshotRow(await replay.snapshot(tenant_id, job_id, index)) };
      },
    );

    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/snapshots',
      { config: { access: 'read' }, schema: { params: JobParams } },
      async (request, reply) => {
        const { tenant_id, job_id } = request.params;
        const rows = await replay.exportSnapshots(tenant_id, job_id);
        return reply.type('application/x-ndjson').send(rows);
      },
    );

    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/dead-letters',
      { config: { access: 'read' }, schema: { params: JobParams, querystring: PageQuery } },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        const page = await replay.deadLetters(tenant_id, job_id, request.query);
        return { success: true, data: page.items.map(deadLetterRow), page: { next: page.next } };
      },
    );
  };
