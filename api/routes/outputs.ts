/** The topics that a run was written to beside the store. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { JobParams } from '../../schemas/http.js';
import { OutputsAnswer } from '../../schemas/http-outputs.js';
import type { RouteContext } from '../context.js';
import { snakeKeys } from '../views.js';

export const outputRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/outputs',
      {
        config: { access: 'read' },
        schema: {
          summary: 'Output topics of a run: where it begins and ends in each partition, rows and digests',
          tags: ['replay results'],
          params: JobParams,
          response: { 200: OutputsAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        const outputs = await context.outputs.ofRun(tenant_id, job_id);
        return { success: true as const, data: outputs.map((output) => snakeKeys(output)) };
      },
    );
  };
