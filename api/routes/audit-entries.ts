/** The audit trail: a tenant's entries, the check of the whole trail, its head; and the overview, which counts them. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { AuditEntry, AuditFilter, AuditPlace } from '../../processors/audit/contract.js';
import type { TenantOverview } from '../../processors/replay/overview.js';
import { formatRfc3339Ns } from '../../processors/sources/time.js';
import { RewindError } from '../../schemas/errors.js';
import { TenantParams } from '../../schemas/http.js';
import {
  AuditEntriesAnswer,
  AuditEntriesQuery,
  AuditHeadAnswer,
  AuditVerifyAnswer,
  AuditVerifyBody,
  OverviewAnswer,
} from '../../schemas/http-audit.js';
import type { RouteContext } from '../context.js';
import { RawJson } from '../json/raw-json.js';
import { momentOf } from '../moment.js';
import { snakeKeys } from '../views.js';

/** Tenant of entries about the instance itself: sign-in failures, instance-wide switches. */
const INSTANCE = '';

export const auditEntryRoutes =
  ({ audit, overviews }: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const listed = async (tenantId: string, query: AuditEntriesQuery) => {
      const entries = await audit.list(tenantId, { limit: query.limit, ...filterOf(query) });
      const last = entries.length < query.limit ? undefined : entries.at(-1);
      const next = last === undefined ? null : cursorOf(last);
      return { success: true as const, data: entries.map(entryRow) as never, page: { next } };
    };

    app.get(
      '/tenants/:tenant_id/audit-entries',
      {
        config: { access: 'read' },
        schema: {
          tags: ['audit'],
          summary: 'Administrative acts of a tenant, the newest first',
          params: TenantParams,
          querystring: AuditEntriesQuery,
          response: { 200: AuditEntriesAnswer },
        },
      },
      async (request) => listed(request.params.tenant_id, request.query),
    );

    app.get(
      '/instance/audit-entries',
      {
        config: { access: 'operate' },
        schema: {
          tags: ['audit'],
          summary: 'Acts on the instance and failed sign-ins, the newest first',
          querystring: AuditEntriesQuery,
          response: { 200: AuditEntriesAnswer },
        },
      },
      async (request) => listed(INSTANCE, request.query),
    );

    app.post(
      '/instance/audit-entries::verify',
      {
        config: { access: 'operate' },
        schema: {
          tags: ['audit'],
          summary: 'Check the whole audit trail: chains, anchors, heads kept outside, acts without an entry',
          body: AuditVerifyBody,
          response: { 200: AuditVerifyAnswer },
        },
      },
      async (request) => {
        const report = await audit.verify(request.body.heads ?? []);
        return { success: true as const, data: snakeKeys(report) as never };
      },
    );

    app.post(
      '/instance/audit-anchors',
      {
        config: { access: 'operate' },
        schema: {
          tags: ['audit'],
          summary: 'Anchor the audit trail now; the head, to be kept outside the store',
          response: { 200: AuditHeadAnswer },
        },
      },
      async () => {
        const anchor = await audit.anchor();
        if (anchor === null) return { success: true as const, data: null };
        const { writer, seq, hash, entries, recordedNs, keyId, signature } = anchor;
        const facts = { entries, recorded_at: formatRfc3339Ns(recordedNs), key_id: keyId, signature };
        return { success: true as const, data: { writer, seq, hash, ...facts } };
      },
    );

    app.get(
      '/tenants/:tenant_id/overview',
      {
        config: { access: 'read' },
        schema: {
          tags: ['tenants'],
          summary: 'How a tenant stands: jobs, audit entries, last run, failures, throughput',
          params: TenantParams,
          response: { 200: OverviewAnswer },
        },
      },
      async (request) => {
        const tenantId = request.params.tenant_id;
        const [overview, entries] = await Promise.all([overviews.of(tenantId), audit.count(tenantId)]);
        return { success: true as const, data: overviewRow(tenantId, overview, entries) };
      },
    );
  };

function entryRow(entry: AuditEntry) {
  return {
    audit_entry_id: entry.auditEntryId,
    actor: entry.actor,
    action: entry.action,
    recorded_at: formatRfc3339Ns(entry.recordedNs),
    target: entry.target,
    outcome: entry.outcome,
    detail: new RawJson(entry.detailJson),
    writer: entry.writer,
    seq: entry.seq,
    hash: entry.hash,
  };
}

function overviewRow(tenantId: string, overview: TenantOverview, entries: number) {
  const { jobsByStatus, throughput, lastRun } = overview;
  const { runs, events, seconds } = throughput;
  return {
    tenant_id: tenantId,
    jobs: {
      total: Object.values(jobsByStatus).reduce((sum, jobs) => sum + jobs, 0),
      by_status: { ...jobsByStatus },
    },
    audit_entries: entries,
    last_run: snakeKeys(lastRun) as never,
    failures: {
      jobs: jobsByStatus.Failed,
      events: overview.eventsFailed,
      latest: snakeKeys(overview.latestFailures) as never,
    },
    throughput: { runs, events, seconds, events_per_second: seconds > 0 ? events / seconds : null },
  };
}

function filterOf(query: AuditEntriesQuery): AuditFilter & { after?: AuditPlace } {
  return {
    ...(query.actor === undefined ? {} : { actor: query.actor }),
    ...(query.action === undefined ? {} : { action: query.action }),
    ...(query.from === undefined ? {} : { fromNs: momentOf(query.from, '/from') }),
    ...(query.to === undefined ? {} : { toNs: momentOf(query.to, '/to') }),
    ...(query.cursor === undefined ? {} : { after: placeOf(query.cursor) }),
  };
}

function cursorOf({ recordedNs, auditEntryId }: AuditPlace): string {
  return Buffer.from(`${recordedNs}.${auditEntryId}`).toString('base64url');
}

function placeOf(cursor: string): AuditPlace {
  const match = /^(\d{1,19})\.([0-9a-f-]{36})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match === null) {
    throw new RewindError('cursor_invalid', 'The cursor is not one of this list.', { pointer: '/cursor' });
  }
  return { recordedNs: BigInt(match[1] ?? ''), auditEntryId: match[2] ?? '' };
}
