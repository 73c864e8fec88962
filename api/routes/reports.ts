/** What a dry run found: its report, and the entities that its baseline sees differently. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { JobParams } from '../../schemas/http.js';
import { DifferencesAnswer, DifferencesQuery, ReportAnswer } from '../../schemas/http-compare.js';
import { differenceRow, reportRow } from '../compare-views.js';
import type { RouteContext } from '../context.js';

export const reportRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/report',
      {
        config: { access: 'read' },
        schema: {
          summary: 'Report of a dry run: what a rebuild would do, and what its baseline sees differently',
          tags: ['reports'],
          params: JobParams,
          response: { 200: ReportAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        return {
          success: true as const,
          data: reportRow(await context.compare.reports.report(tenant_id, job_id)),
        };
      },
    );

    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/report/differences',
      {
        config: { access: 'read' },
        schema: {
          summary: 'Entities that the baseline of a dry run sees differently',
          tags: ['reports'],
          params: JobParams,
          querystring: DifferencesQuery,
          response: { 200: DifferencesAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        const found = await context.compare.reports.differences(tenant_id, job_id, request.query);
        return {
          success: true as const,
          data: found.items.map(differenceRow),
          page: { next: found.next },
        };
      },
    );
  };
