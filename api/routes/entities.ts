/** One entity through time: its history in a run, and its state at a moment. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { MAX_OCCURRED_AT_NS } from '../../schemas/event.js';
import { EntityAtQuery, EntityParams, HistoryQuery } from '../../schemas/http.js';
import { HistoryAnswer, SnapshotAnswer } from '../../schemas/http-results.js';
import type { RouteContext } from '../context.js';
import { momentOf } from '../moment.js';
import { snapshotRow } from '../views.js';

export const entityRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { replay } = context;

    app.get(
      '/tenants/:tenant_id/entities/:type/:id/history',
      {
        config: { access: 'read' },
        schema: {
          summary: 'All snapshots of an entity in a run, in the order in which it was folded',
          tags: ['entities'],
          params: EntityParams,
          querystring: HistoryQuery,
          response: { 200: HistoryAnswer },
        },
      },
      async (request) => {
        const { tenant_id, type, id } = request.params;
        const { job_id, limit, cursor } = request.query;
        const rows = await replay.entityHistory(
          tenant_id,
          { type, id },
          {
            limit,
            ...(job_id === undefined ? {} : { jobId: job_id }),
            ...(cursor === undefined ? {} : { afterSeq: cursor }),
          },
        );
        const next = rows.length < limit ? null : (rows.at(-1)?.foldSeq ?? null);
        return { success: true as const, data: rows.map(snapshotRow), page: { next } };
      },
    );

    app.get(
      '/tenants/:tenant_id/entities/:type/:id',
      {
        config: { access: 'read' },
        schema: {
          summary: 'State of an entity at a time',
          tags: ['entities'],
          params: EntityParams,
          querystring: EntityAtQuery,
          response: { 200: SnapshotAnswer },
        },
      },
      async (request) => {
        const { tenant_id, type, id } = request.params;
        const { job_id, at } = request.query;
        const timeNs = at === undefined ? MAX_OCCURRED_AT_NS - 1n : momentOf(at, '/at');
        const options = job_id === undefined ? { timeNs } : { timeNs, jobId: job_id };
        return {
          success: true as const,
          data: snapshotRow(await replay.entityAt(tenant_id, { type, id }, options)),
        };
      },
    );
  };
