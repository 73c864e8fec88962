/** Lists of a tenant as files: its jobs, and who did what. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { TenantParams } from '../../schemas/http.js';
import { AuditExportQuery, ExportAnswer, JobsExportQuery } from '../../schemas/http-exports.js';
import type { RouteContext } from '../context.js';
import { acceptedFormat, sendExport } from '../export-format.js';
import { jobFiltersOf } from '../job-filters.js';
import { momentOf } from '../moment.js';

export const tenantExportRoutes =
  ({ results }: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/tenants/:tenant_id/export/jobs',
      {
        config: { access: 'read', audit: 'export.made' },
        schema: {
          summary: 'Jobs of the tenant as a file, by the filters of their list; the oldest first',
          tags: ['exports'],
          params: TenantParams,
          querystring: JobsExportQuery,
          response: { 200: ExportAnswer },
        },
      },
      async (request, reply) => {
        const { format = acceptedFormat(request.headers.accept), ...filters } = request.query;
        request.auditTarget = 'jobs';
        const rows = await results.exports.jobs(request.params.tenant_id, format, jobFiltersOf(filters));
        return sendExport(reply, rows, 'jobs', format);
      },
    );

    app.get(
      '/tenants/:tenant_id/export/audit-entries',
      {
        config: { access: 'read', audit: 'export.made' },
        schema: {
          summary: 'Administrative acts of a tenant as a file; the oldest first',
          tags: ['exports'],
          params: TenantParams,
          querystring: AuditExportQuery,
          response: { 200: ExportAnswer },
        },
      },
      async (request, reply) => {
        const { format = acceptedFormat(request.headers.accept), from, to, ...filters } = request.query;
        request.auditTarget = 'audit_entries';
        const rows = await results.exports.auditEntries(request.params.tenant_id, format, {
          ...filters,
          ...(from === undefined ? {} : { fromNs: momentOf(from, '/from').toString() }),
          ...(to === undefined ? {} : { toNs: momentOf(to, '/to').toString() }),
        });
        return sendExport(reply, rows, 'audit-entries', format);
      },
    );
  };
