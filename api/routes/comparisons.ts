/** Comparisons of two finished runs: asked for, looked at by group, by entity and event by event. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { RewindError } from '../../schemas/errors.js';
import { TenantParams } from '../../schemas/http.js';
import { DifferencesQuery } from '../../schemas/http-compare.js';
import {
  ComparedEntitiesAnswer,
  ComparedEntityParams,
  ComparisonAnswer,
  ComparisonExportQuery,
  ComparisonPageQuery,
  ComparisonParams,
  ComparisonsAnswer,
  DifferingEventsAnswer,
  NewComparison,
  SignaturesAnswer,
  SignaturesQuery,
} from '../../schemas/http-comparisons.js';
import { ExportAnswer } from '../../schemas/http-exports.js';
import { comparisonRow, differenceRow, differingEventRow, signatureRow } from '../compare-views.js';
import type { RouteContext } from '../context.js';
import { acceptedFormat, sendExport } from '../export-format.js';

const BASE = '/tenants/:tenant_id/comparisons';
const tags = ['comparisons'];

export const comparisonRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      BASE,
      {
        config: { access: 'annotate', audit: 'comparison.created' },
        schema: {
          summary: 'Compare two finished runs; a pair is compared once, and found again by the same request',
          tags,
          params: TenantParams,
          body: NewComparison,
          response: { 202: ComparisonAnswer },
        },
      },
      async (request, reply) => {
        const { tenantId, actor } = request.identity;
        const { run_a: a, run_b: b } = request.body;
        const made = await context.compare.comparisons.compare(tenantId, { a, b }, actor);
        request.auditTarget = made.comparisonId;
        reply
          .code(202)
          .header('location', `/tenants/${encodeURIComponent(tenantId)}/comparisons/${made.comparisonId}`);
        return { success: true as const, data: comparisonRow(made) };
      },
    );

    app.get(
      BASE,
      {
        config: { access: 'read' },
        schema: {
          summary: 'Comparisons of the tenant, the newest first',
          tags,
          params: TenantParams,
          querystring: ComparisonPageQuery,
          response: { 200: ComparisonsAnswer },
        },
      },
      async (request) => {
        const found = await context.compare.comparisons.list(request.params.tenant_id, request.query);
        return { success: true as const, data: found.items.map(comparisonRow), page: { next: found.next } };
      },
    );

    app.get(
      `${BASE}/:comparison_id`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'One comparison: how far it is, what it found, and whether the two runs are of one input',
          tags,
          params: ComparisonParams,
          response: { 200: ComparisonAnswer },
        },
      },
      async (request) => {
        const { tenant_id, comparison_id } = request.params;
        return {
          success: true as const,
          data: comparisonRow(await context.compare.comparisons.get(tenant_id, comparison_id)),
        };
      },
    );

    app.get(
      `${BASE}/:comparison_id/signatures`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'Entities that differ in the same way, counted, with samples; the largest groups first',
          tags,
          params: ComparisonParams,
          querystring: SignaturesQuery,
          response: { 200: SignaturesAnswer },
        },
      },
      async (request) => {
        const { tenant_id, comparison_id } = request.params;
        const found = await context.compare.comparisons.signatures(tenant_id, comparison_id, request.query);
        return { success: true as const, data: found.items.map(signatureRow), page: { next: found.next } };
      },
    );

    app.get(
      `${BASE}/:comparison_id/entities`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'Entities that differ, each field by field, with the first event that made a difference',
          tags,
          params: ComparisonParams,
          querystring: DifferencesQuery,
          response: { 200: ComparedEntitiesAnswer },
        },
      },
      async (request) => {
        const { tenant_id, comparison_id } = request.params;
        const found = await context.compare.comparisons.entities(tenant_id, comparison_id, request.query);
        return { success: true as const, data: found.items.map(differenceRow), page: { next: found.next } };
      },
    );

    app.get(
      `${BASE}/:comparison_id/export`,
      {
        config: { access: 'read', audit: 'export.made' },
        schema: {
          summary: 'All entities that differ, as a file',
          tags,
          params: ComparisonParams,
          querystring: ComparisonExportQuery,
          response: { 200: ExportAnswer },
        },
      },
      async (request, reply) => {
        const { tenant_id, comparison_id } = request.params;
        const { format = acceptedFormat(request.headers.accept), entity_type, entity_id } = request.query;
        const { status, percent } = await context.compare.comparisons.get(tenant_id, comparison_id);
        if (status !== 'Complete')
          throw new RewindError('comparison_running', `${comparison_id} is done to ${percent} %`);
        const rows = await context.results.exports.comparison(comparison_id, format, {
          ...(entity_type === undefined ? {} : { entityType: entity_type }),
          ...(entity_id === undefined ? {} : { entityId: entity_id }),
        });
        return sendExport(reply, rows, comparison_id, format);
      },
    );

    app.get(
      `${BASE}/:comparison_id/entities/:type/:id/events`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'One entity event by event: after which its states differ, and in what',
          tags,
          params: ComparedEntityParams,
          querystring: ComparisonPageQuery,
          response: { 200: DifferingEventsAnswer },
        },
      },
      async (request) => {
        const { tenant_id, comparison_id, type, id } = request.params;
        const found = await context.compare.comparisons.events(
          tenant_id,
          comparison_id,
          { type, id },
          request.query,
        );
        return {
          success: true as const,
          data: found.items.map(differingEventRow),
          page: { next: found.next },
        };
      },
    );
  };
