/** The first event after which conditions on the state hold: of one entity, or of a whole run. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { EntityParams, JobParams } from '../../schemas/http.js';
import { SnapshotAnswer } from '../../schemas/http-results.js';
import { FirstInEntityQuery, FirstInRunQuery } from '../../schemas/http-search.js';
import type { RouteContext } from '../context.js';
import { timelineFilters } from '../timeline-page.js';
import { snapshotRow } from '../views.js';

export const searchRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/tenants/:tenant_id/entities/:type/:id/first',
      {
        config: { access: 'read' },
        schema: {
          summary: 'The first event of an entity after which conditions on its state hold',
          tags: ['entities'],
          params: EntityParams,
          querystring: FirstInEntityQuery,
          response: { 200: SnapshotAnswer },
        },
      },
      async (request) => {
        const { tenant_id, type, id } = request.params;
        const { where, job_id, after } = request.query;
        const found = await context.results.searches.firstOfEntity(
          tenant_id,
          { type, id },
          {
            where,
            ...(job_id === undefined ? {} : { jobId: job_id }),
            ...(after === undefined ? {} : { afterSeq: after }),
          },
        );
        return { success: true as const, data: snapshotRow(found) };
      },
    );

    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/timeline/first',
      {
        config: { access: 'read' },
        schema: {
          summary: 'The first event of a run after which conditions on the state of its entity hold',
          tags: ['results'],
          params: JobParams,
          querystring: FirstInRunQuery,
          response: { 200: SnapshotAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        const { where, ...narrowing } = request.query;
        const filters = timelineFilters(narrowing);
        const found = await context.results.searches.firstOfRun(tenant_id, job_id, where, filters);
        return { success: true as const, data: snapshotRow(found) };
      },
    );
  };
