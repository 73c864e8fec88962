/** Next changes of a field, and lists of a run as files: NDJSON, CSV or Parquet, narrowed by filters, streamed at the reader's pace. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { EntityParams } from '../../schemas/http.js';
import { ExportAnswer, ExportParams, ExportQuery, NextChangeQuery } from '../../schemas/http-exports.js';
import { SnapshotAnswer } from '../../schemas/http-results.js';
import type { RouteContext } from '../context.js';
import { acceptedFormat, sendExport } from '../export-format.js';
import { momentOf } from '../moment.js';
import { snapshotRow } from '../views.js';

export const exportRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/export/:list',
      {
        config: { access: 'read', audit: 'export.made' },
        schema: {
          summary: 'A list of a run as a file, by its filters',
          tags: ['results'],
          params: ExportParams,
          querystring: ExportQuery,
          response: { 200: ExportAnswer },
        },
      },
      async (request, reply) => {
        const { tenant_id, job_id, list } = request.params;
        const { format = acceptedFormat(request.headers.accept), from, to, ...filters } = request.query;
        const rows = await context.results.exports.stream(tenant_id, job_id, list, format, {
          ...(filters.entity_type === undefined ? {} : { entityType: filters.entity_type }),
          ...(filters.entity_id === undefined ? {} : { entityId: filters.entity_id }),
          ...(filters.event_type === undefined ? {} : { eventType: filters.event_type }),
          ...(filters.field === undefined ? {} : { field: filters.field }),
          ...(from === undefined ? {} : { fromNs: momentOf(from, '/from').toString() }),
          ...(to === undefined ? {} : { toNs: momentOf(to, '/to').toString() }),
        });
        return sendExport(reply, rows, `${job_id}-${list}`, format);
      },
    );

    app.get(
      '/tenants/:tenant_id/entities/:type/:id/next-change',
      {
        config: { access: 'read' },
        schema: {
          summary: 'The snapshot in which a field of an entity changes next, or changed last',
          tags: ['entities'],
          params: EntityParams,
          querystring: NextChangeQuery,
          response: { 200: SnapshotAnswer },
        },
      },
      async (request) => {
        const { tenant_id, type, id } = request.params;
        const { field, after, direction = 'next', job_id } = request.query;
        const isSeq = after !== undefined && /^\d{1,18}$/.test(after);
        const snapshot = await context.results.nextChange(
          tenant_id,
          { type, id },
          {
            field,
            direction,
            ...(job_id === undefined ? {} : { jobId: job_id }),
            ...(after === undefined
              ? {}
              : isSeq
                ? { afterSeq: after }
                : { afterNs: momentOf(after, '/after').toString() }),
          },
        );
        return { success: true as const, data: snapshotRow(snapshot) };
      },
    );
  };
