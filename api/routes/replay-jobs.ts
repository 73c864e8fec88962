/** Replay jobs of a tenant: plan, create, list, look at. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { JobHeaders, JobListQuery, JobParams, TenantParams } from '../../schemas/http.js';
import { JobAnswer, JobListAnswer, PlanAnswer } from '../../schemas/http-jobs.js';
import { JobSpec } from '../../schemas/job.js';
import type { RouteContext } from '../context.js';
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
        const page = await replay.list(request.params.tenant_id, request.query);
        return { success: true as const, data: page.items.map(jobRow), page: { next: page.next } };
      },
    );

    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id',
      {
        config: { access: 'read' },
        schema: {
          summary: 'One job: range, plan, progress, counters, funnel, verdict',
          tags: ['replay jobs'],
          params: JobParams,
          response: { 200: JobAnswer },
        },
      },
      async (request) => {
        const job = await replay.get(request.params.tenant_id, request.params.job_id);
        return { success: true as const, data: jobDetail(job) };
      },
    );
  };
