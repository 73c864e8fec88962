/** Replay jobs of a tenant: plan, create, list, look at, cancel. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { JobHeaders, JobListQuery, JobParams, TenantParams } from '../../schemas/http.js';
import { JobSpec } from '../../schemas/job.js';
import type { RouteContext } from '../context.js';
import { jobDetail, jobRow, snakeKeys } from '../views.js';

export const replayJobRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { replay } = context;

    // Two colons: one is the router's sign for a parameter.
    app.post(
      '/tenants/:tenant_id/replay-jobs::plan',
      { config: { access: 'write' }, schema: { params: TenantParams, body: JobSpec } },
      async (request) => {
        const plan = await replay.plan(request.params.tenant_id, request.body);
        return { success: true, data: snakeKeys(plan) };
      },
    );

    app.post(
      '/tenants/:tenant_id/replay-jobs',
      {
        config: { access: 'write', audit: 'replay_job.created' },
        schema: { params: TenantParams, body: JobSpec, headers: JobHeaders },
      },
      async (request, reply) => {
        const tenantId = request.params.tenant_id;
        const job = await replay.create(
          tenantId,
          request.body,
          request.identity.actor,
          request.headers['idempotency-key'],
        );
        const path = `/tenants/${encodeURIComponent(tenantId)}/replay-jobs/${encodeURIComponent(job.jobId)}`;
        reply.code(202).header('location', path);
        return { success: true, data: jobDetail(job) };
      },
    );

    app.get(
      '/tenants/:tenant_id/replay-jobs',
      { config: { access: 'read' }, schema: { params: TenantParams, querystring: JobListQuery } },
      async (request) => {
        const page = await replay.list(request.params.tenant_id, request.query);
        return { success: true, data: page.items.map(jobRow), page: { next: page.next } };
      },
    );

    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id',
      { config: { access: 'read' }, schema: { params: JobParams } },
      async (request) => {
        const job = await replay.get(request.params.tenant_id, request.params.job_id);
        return { success: true, data: jobDetail(job) };
      },
    );

    app.post(
      '/tenants/:tenant_id/replay-jobs/:job_id/cancel',
      {
        config: { access: 'write', audit: 'replay_job.cancelled' },
        schema: { params: JobParams, headers: JobHeaders },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        const job = await replay.cancel(tenant_id, job_id, request.identity.actor);
        return { success: true, data: jobDetail(job) };
      },
    );
  };
