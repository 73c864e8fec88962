/** The current state of a tenant: which run it is, its entities, and the export of all of them. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { EntityFilters } from '../../processors/current/contract.js';
import { EntityParams, JobHeaders, TenantParams } from '../../schemas/http.js';
import {
  ContinueBody,
  CurrentAnswer,
  CurrentEntityAnswer,
  CurrentExportQuery,
  CurrentListAnswer,
  CurrentListQuery,
} from '../../schemas/http-current.js';
import { ExportAnswer } from '../../schemas/http-exports.js';
import { JobAnswer } from '../../schemas/http-jobs.js';
import type { RouteContext } from '../context.js';
import { currentEntityRow, currentRow } from '../current-views.js';
import { acceptedFormat, sendExport } from '../export-format.js';
import { jobDetail, pathOfJob } from '../views.js';

const CURRENT = '/tenants/:tenant_id/current-state';
const tags = ['current state'];

export const currentStateRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { current, following } = context;

    app.get(
      CURRENT,
      {
        config: { access: 'read' },
        schema: {
          summary: 'Which run is the current state, as of when, and how old that is',
          tags,
          params: TenantParams,
          response: { 200: CurrentAnswer },
        },
      },
      async (request) => {
        const { tenant_id } = request.params;
        const [shown, status] = await Promise.all([
          current.state.show(tenant_id),
          following.status(tenant_id),
        ]);
        return { success: true as const, data: currentRow(shown, status) };
      },
    );

    app.get(
      `${CURRENT}/entities`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'Entities of the current state that exist, by type and id',
          tags,
          params: TenantParams,
          querystring: CurrentListQuery,
          response: { 200: CurrentListAnswer },
        },
      },
      async (request) => {
        const { limit, cursor, ...filters } = request.query;
        const page = cursor === undefined ? { limit } : { limit, cursor };
        const { items, next } = await current.state.entities(
          request.params.tenant_id,
          filtersOf(filters),
          page,
        );
        return { success: true as const, data: items.map(currentEntityRow), page: { next } };
      },
    );

    app.get(
      `${CURRENT}/entities/:type/:id`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'The current state of one entity',
          tags,
          params: EntityParams,
          response: { 200: CurrentEntityAnswer },
        },
      },
      async (request) => {
        const { tenant_id, type, id } = request.params;
        return {
          success: true as const,
          data: currentEntityRow(await current.state.entity(tenant_id, { type, id })),
        };
      },
    );

    app.get(
      `${CURRENT}/export`,
      {
        config: { access: 'read', audit: 'export.made' },
        schema: {
          summary: 'The current state as a file',
          tags,
          params: TenantParams,
          querystring: CurrentExportQuery,
          response: { 200: ExportAnswer },
        },
      },
      async (request, reply) => {
        const { tenant_id } = request.params;
        const { format = acceptedFormat(request.headers.accept), ...filters } = request.query;
        request.auditTarget = 'current_state';
        const rows = await current.state.export(tenant_id, format, filtersOf(filters));
        return sendExport(reply, rows, 'current-state', format);
      },
    );

    app.post(
      `${CURRENT}/continue`,
      {
        config: { access: 'write', audit: 'replay_job.created' },
        schema: {
          summary: 'A run that goes on from the end of the current one; it is promoted like any other',
          tags,
          params: TenantParams,
          headers: JobHeaders,
          body: Type.Optional(ContinueBody),
          response: { 202: JobAnswer },
        },
      },
      async (request, reply) => {
        const { tenant_id } = request.params;
        const key = request.headers['idempotency-key'];
        const job = await current.state.continue(tenant_id, request.identity.actor, {
          ...request.body,
          ...(key === undefined ? {} : { idempotencyKey: key }),
        });
        reply.code(202).header('location', pathOfJob(tenant_id, job.jobId));
        return { success: true as const, data: jobDetail(job) };
      },
    );
  };

function filtersOf(query: { entity_type?: string; prefix?: string }): EntityFilters {
  return {
    ...(query.entity_type === undefined ? {} : { entityType: query.entity_type }),
    ...(query.prefix === undefined ? {} : { prefix: query.prefix }),
  };
}
