/**
 * The audit replay engine's own routes under /api/v1/audit: create a run, see its status and timeline, one snapshot,
 * all runs. No path names a tenant: it is that of who asks.
 * With ENABLE_AUDIT_REPLAY off every route here answers 404 feature_disabled.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { JobView } from '../../processors/replay/service.js';
import { RewindError } from '../../schemas/errors.js';
import {
  AuditReplayBody,
  AuditRunParams,
  AuditSnapshotParams,
  JobHeaders,
  PageQuery,
  TimelineQuery,
} from '../../schemas/http.js';
import {
  AuditCreatedAnswer,
  AuditRunAnswer,
  AuditRunListAnswer,
  AuditSnapshotAnswer,
} from '../../schemas/http-audit-replay.js';
import type { JobSpec } from '../../schemas/job.js';
import type { RouteContext } from '../context.js';
import { auditRun, auditSnapshot, runStatus } from '../views.js';

const PREFIX = '/api/v1/audit';

export const auditReplayRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { replay, config } = context;

    if (!config.http.enableAuditReplay) {
      // Whoever asks, and for whatever: the same answer.
      app.all(`${PREFIX}/*`, { config: { access: 'public' }, schema: { hide: true } }, () => {
        throw new RewindError('feature_disabled', 'Audit replay is switched off on this server.');
      });
      return;
    }

    app.post(
      `${PREFIX}/replay`,
      {
        config: { access: 'write', audit: 'replay_job.created' },
        schema: {
          summary: 'Create a replay run',
          tags: ['audit replay'],
          headers: JobHeaders,
          body: AuditReplayBody,
          response: { 202: AuditCreatedAnswer },
        },
      },
      async (request, reply) => {
        const { tenantId, actor } = request.identity;
        const key = request.headers['idempotency-key'];
        const job = await replay.create(tenantId, specOf(request.body), actor, key);
        reply.code(202).header('location', `${PREFIX}/replay/${encodeURIComponent(job.jobId)}`);
        return { success: true as const, data: { jobId: job.jobId, status: runStatus(job.status) } };
      },
    );

    app.get(
      `${PREFIX}/replay/:id`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'A run with its timeline',
          tags: ['audit replay'],
          params: AuditRunParams,
          querystring: TimelineQuery,
          response: { 200: AuditRunAnswer },
        },
      },
      async (request) => {
        const { tenantId } = request.identity;
        const { from, limit } = request.query;
        const job = await replay.get(tenantId, request.params.id);
        const timeline = hasTimeline(job) ? await replay.timeline(tenantId, job.jobId, { from, limit }) : [];
        const next = timeline.length < limit ? null : from + timeline.length;
        return {
          success: true as const,
          data: { run: auditRun(job), timeline: [...timeline] },
          page: { next },
        };
      },
    );

    app.get(
      `${PREFIX}/replay/:id/snapshots/:index`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'One snapshot of a run',
          tags: ['audit replay'],
          params: AuditSnapshotParams,
          response: { 200: AuditSnapshotAnswer },
        },
      },
      async (request) => {
        const { id, index } = request.params;
        const snapshot = await replay.snapshot(request.identity.tenantId, id, index);
        return { success: true as const, data: auditSnapshot(snapshot) };
      },
    );

    app.get(
      `${PREFIX}/replays`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'All runs, the newest first',
          tags: ['audit replay'],
          querystring: PageQuery,
          response: { 200: AuditRunListAnswer },
        },
      },
      async (request) => {
        const { limit, cursor } = request.query;
        const options = cursor === undefined ? { limit } : { limit, cursor };
        const page = await replay.list(request.identity.tenantId, options);
        return { success: true as const, data: page.items.map(auditRun), page: { next: page.next } };
      },
    );
  };

/** A timeline exists once a run is finished; a run that is under way shows an empty one. */
function hasTimeline(job: JobView): boolean {
  return job.status === 'Complete' && job.spec.jobType === 'StateRebuild';
}

/** An audit replay is a StateRebuild by the built-in encoding and rules. */
function specOf({ filters }: AuditReplayBody): JobSpec {
  const list = (words: string | string[]) => (typeof words === 'string' ? [words] : words);
  return {
    job_type: 'StateRebuild',
    encoding_version: 1,
    rule_version: 1,
    time_range_start: filters.startDate,
    time_range_end: filters.endDate,
    filters: {
      ...(filters.eventType === undefined ? {} : { event_type: list(filters.eventType) }),
      ...(filters.severity === undefined ? {} : { severity: list(filters.severity) }),
    },
  };
}
