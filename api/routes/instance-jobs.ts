/** The jobs of all tenants for the instance's operator, who may stop them and sees nothing of what they hold. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { InstanceJob } from '../../processors/store/instance-jobs.js';
import { RewindError } from '../../schemas/errors.js';
import {
  InstanceJobAnswer,
  InstanceJobParams,
  InstanceJobsAnswer,
  InstanceJobsQuery,
} from '../../schemas/http-access.js';
import type { RouteContext } from '../context.js';
import { snakeKeys } from '../views.js';

const tags = ['instance'];
const CURSOR = /^\d{1,19} \S+$/;

export const instanceJobRoutes =
  ({ instanceJobs, life }: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const found = async (request: FastifyRequest, jobId: string): Promise<InstanceJob> => {
      const job = await instanceJobs.find(jobId);
      if (job === null) throw new RewindError('job_not_found', 'no tenant has such a job');
      request.auditTenant = job.tenantId;
      return job;
    };

    app.get(
      '/instance/jobs',
      {
        config: { access: 'operate' },
        schema: {
          tags,
          summary: 'Jobs of all tenants, the newest first',
          querystring: InstanceJobsQuery,
          response: { 200: InstanceJobsAnswer },
        },
      },
      async (request) => {
        const { cursor } = request.query;
        if (cursor !== undefined && !CURSOR.test(cursor))
          throw new RewindError('cursor_invalid', 'The cursor is not one of this list.', {
            pointer: '/cursor',
          });
        const page = await instanceJobs.list(request.query);
        return { success: true as const, data: page.items.map(jobRow), page: { next: page.next } };
      },
    );

    for (const [step, audit] of [
      ['cancel', 'replay_job.cancelled'],
      ['pause', 'replay_job.paused'],
    ] as const) {
      app.post(
        `/instance/jobs/:job_id/${step}`,
        {
          config: { access: 'operate', audit },
          schema: {
            tags,
            summary: `${step === 'cancel' ? 'Cancel' : 'Pause'} a job of any tenant`,
            params: InstanceJobParams,
            response: { 200: InstanceJobAnswer },
          },
        },
        async (request) => {
          const { jobId, tenantId } = await found(request, request.params.job_id);
          await life[step](tenantId, jobId, request.identity.actor);
          return { success: true as const, data: jobRow(await found(request, jobId)) };
        },
      );
    }
  };

function jobRow(job: InstanceJob) {
  return snakeKeys(job) as never;
}
