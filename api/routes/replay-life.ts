/** Steering of replay jobs: pause, resume, cancel, run again, delete. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { JobHeaders, JobParams } from '../../schemas/http.js';
import { JobAnswer } from '../../schemas/http-jobs.js';
import { CancelBody, RerunBody } from '../../schemas/http-life.js';
import { type JobSpec, JobThrottle } from '../../schemas/job.js';
import type { RouteContext } from '../context.js';
import { jobDetail, pathOfJob } from '../views.js';

const JOB = '/tenants/:tenant_id/replay-jobs/:job_id';
const tags = ['replay jobs'];

export const replayLifeRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { life } = context;

    app.post(
      `${JOB}/pause`,
      {
        config: { access: 'write', audit: 'replay_job.paused' },
        schema: { summary: 'Pause a job', tags, params: JobParams, response: { 200: JobAnswer } },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        return answer(await life.pause(tenant_id, job_id, request.identity.actor));
      },
    );

    app.post(
      `${JOB}/resume`,
      {
        config: { access: 'write', audit: 'replay_job.resumed' },
        schema: {
          summary: 'Go on with a paused or failed job',
          tags,
          params: JobParams,
          response: { 200: JobAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        return answer(await life.resume(tenant_id, job_id, request.identity.actor));
      },
    );

    app.post(
      `${JOB}/cancel`,
      {
        config: { access: 'write', audit: 'replay_job.cancelled' },
        schema: {
          summary: 'Cancel a job, and keep or drop its rows',
          tags,
          params: JobParams,
          headers: JobHeaders,
          body: Type.Optional(CancelBody),
          response: { 200: JobAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        return answer(await life.cancel(tenant_id, job_id, request.identity.actor, request.body?.rows));
      },
    );

    app.post(
      `${JOB}/rerun`,
      {
        config: { access: 'write', audit: 'replay_job.created' },
        schema: {
          summary: 'Run a job again, over the same frozen bounds, or with changed fields',
          tags,
          params: JobParams,
          headers: JobHeaders,
          body: Type.Optional(RerunBody),
          response: { 202: JobAnswer },
        },
      },
      async (request, reply) => {
        const { tenant_id, job_id } = request.params;
        const { keep_bounds: keepBounds = false, ...changes } = request.body ?? {};
        const key = request.headers['idempotency-key'];
        const job = await life.rerun(tenant_id, job_id, request.identity.actor, {
          changes: changes as Partial<JobSpec>,
          keepBounds,
          ...(key === undefined ? {} : { idempotencyKey: key }),
        });
        reply.code(202).header('location', pathOfJob(tenant_id, job.jobId));
        return answer(job);
      },
    );

    app.post(
      `${JOB}/rebuild`,
      {
        config: { access: 'write', audit: 'replay_job.created' },
        schema: {
          summary: 'Make the StateRebuild that a DryRun was a rehearsal of, over the same frozen bounds',
          tags,
          params: JobParams,
          headers: JobHeaders,
          response: { 202: JobAnswer },
        },
      },
      async (request, reply) => {
        const { tenant_id, job_id } = request.params;
        const key = request.headers['idempotency-key'];
        const job = await life.rebuild(tenant_id, job_id, request.identity.actor, key);
        reply.code(202).header('location', pathOfJob(tenant_id, job.jobId));
        return answer(job);
      },
    );

    app.patch(
      `${JOB}/throttle`,
      {
        config: { access: 'write', audit: 'replay_job.throttled' },
        schema: {
          summary: 'Give a job another pace; null lifts a limit, what is left out stays',
          tags,
          params: JobParams,
          body: JobThrottle,
          response: { 200: JobAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        return answer(await life.throttle(tenant_id, job_id, request.identity.actor, request.body));
      },
    );

    app.delete(
      JOB,
      {
        config: { access: 'manage', audit: 'replay_job.deleted' },
        schema: {
          summary: 'Remove the rows of an ended job; its entry stays as a tombstone',
          tags,
          params: JobParams,
          response: { 200: JobAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        return answer(await life.remove(tenant_id, job_id, request.identity.actor));
      },
    );
  };

function answer(job: Parameters<typeof jobDetail>[0]) {
  return { success: true as const, data: jobDetail(job) };
}
