/** Replay jobs of a tenant: plan, create, list, look at. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { isTerminal } from '../../processors/replay/job-state.js';
import type { UnitView } from '../../processors/replay/service.js';
import {
  JobHeaders,
  JobListQuery,
  JobParams,
  JobQuery,
  PageQuery,
  TenantParams,
} from '../../schemas/http.js';
import { JobAnswer, JobListAnswer, PlanAnswer, UnitListAnswer } from '../../schemas/http-jobs.js';
import { JobSpec } from '../../schemas/job.js';
import type { RouteContext } from '../context.js';
import { jobFiltersOf } from '../job-filters.js';
import { otherPhase, phaseOf } from '../job-wait.js';
import { jobDetail, jobRow, pathOfJob, snakeKeys } from '../views.js';

export const replayJobRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { replay } = context;

    // Two colons: one is the router's sign for a parameter.
    app.post(
      '/tenants/:tenant_id/replay-jobs::plan',
      {
        config: { access: 'write' },
        schema: {
          summary: 'What a job would read and write, without effect',
          tags: ['replay jobs'],
          params: TenantParams,
          body: JobSpec,
          response: { 200: PlanAnswer },
        },
      },
      async (request) => {
        const plan = await replay.plan(request.params.tenant_id, request.body);
        return { success: true as const, data: snakeKeys(plan) };
      },
    );

    app.post(
      '/tenants/:tenant_id/replay-jobs',
      {
        config: { access: 'write', audit: 'replay_job.created' },
        schema: {
          summary: 'Create a job; Location names it',
          tags: ['replay jobs'],
          params: TenantParams,
          body: JobSpec,
          headers: JobHeaders,
          response: { 202: JobAnswer },
        },
      },
      async (request, reply) => {
        const tenantId = request.params.tenant_id;
        const job = await replay.create(
          tenantId,
          request.body,
          request.identity.actor,
          request.headers['idempotency-key'],
        );
        reply.code(202).header('location', pathOfJob(tenantId, job.jobId));
        return { success: true as const, data: jobDetail(job) };
      },
    );

    app.get(
      '/tenants/:tenant_id/replay-jobs',
      {
        config: { access: 'read' },
        schema: {
          summary: 'Jobs of the tenant, the newest first',
          tags: ['replay jobs'],
          params: TenantParams,
          querystring: JobListQuery,
          response: { 200: JobListAnswer },
        },
      },
      async (request) => {
        const { limit, cursor, ...filters } = request.query;
        const page = await replay.list(request.params.tenant_id, {
          ...jobFiltersOf(filters),
          ...(cursor === undefined ? {} : { cursor }),
          limit,
        });
        return { success: true as const, data: page.items.map(jobRow), page: { next: page.next } };
      },
    );

    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id',
      {
        config: { access: 'read' },
        schema: {
          summary:
            'One job: range, plan, progress, counters, funnel, verdict; or, with wait, once it has moved on',
          tags: ['replay jobs'],
          params: JobParams,
          querystring: JobQuery,
          response: { 200: JobAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        const { wait = 0, since } = request.query;
        const job = await replay.get(tenant_id, job_id);
        const known = since ?? phaseOf(job);
        if (wait === 0 || isTerminal(job.status) || phaseOf(job) !== known)
          return { success: true as const, data: jobDetail(job) };
        const watch = await context.results.live.watch(tenant_id, job_id);
        try {
          const { draining } = context;
          const next = await otherPhase(watch, known, {
            waitMs: wait * 1000,
            request: request.raw,
            draining,
          });
          return { success: true as const, data: jobDetail(next) };
        } finally {
          watch.close();
        }
      },
    );

    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/units',
      {
        config: { access: 'read' },
        schema: {
          summary:
            'Units of a job one by one: who holds or did them, how often they were begun, what they gave',
          tags: ['replay jobs'],
          params: JobParams,
          querystring: PageQuery,
          response: { 200: UnitListAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        const page = await replay.units(tenant_id, job_id, request.query);
        return { success: true as const, data: page.items.map(unitRow), page: { next: page.next } };
      },
    );
  };

function unitRow({ startedMs, lastMs, ...unit }: UnitView) {
  const at = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return { ...unit, started_at: at(startedMs), last_sign_at: at(lastMs) };
}
