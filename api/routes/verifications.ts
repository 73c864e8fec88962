/** Verifications: a finished run is folded again, in other units and the other way, and compared with what is stored. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { VerificationView } from '../../processors/compare/contract.js';
import { JobHeaders, JobParams, PageQuery } from '../../schemas/http.js';
import {
  VerificationAnswer,
  VerificationParams,
  VerificationsAnswer,
  VerifiedEntitiesAnswer,
} from '../../schemas/http-verifications.js';
import { fieldRow } from '../compare-views.js';
import type { RouteContext } from '../context.js';
import { pathOfJob, snakeKeys } from '../views.js';

const JOB = '/tenants/:tenant_id/replay-jobs/:job_id';
const tags = ['verifications'];

export const verificationRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      `${JOB}/verify`,
      {
        config: { access: 'write', audit: 'replay_job.created' },
        schema: {
          summary: 'Fold a finished run again, and compare digests by entity and for the run',
          tags,
          params: JobParams,
          headers: JobHeaders,
          response: { 202: VerificationAnswer },
        },
      },
      async (request, reply) => {
        const { tenant_id, job_id } = request.params;
        const { actor } = request.identity;
        const made = await context.compare.verifications.start(
          tenant_id,
          job_id,
          actor,
          request.headers['idempotency-key'],
        );
        const path = `${pathOfJob(tenant_id, job_id)}/verifications/${made.verificationId}`;
        reply.code(202).header('location', path);
        return { success: true as const, data: verificationRow(made) };
      },
    );

    app.get(
      `${JOB}/verifications`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'Verifications of a run, the newest first',
          tags,
          params: JobParams,
          response: { 200: VerificationsAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        const found = await context.compare.verifications.list(tenant_id, job_id);
        return { success: true as const, data: found.map(verificationRow) };
      },
    );

    app.get(
      `${JOB}/verifications/:verification_id`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'One verification: how far it is, and what it found',
          tags,
          params: VerificationParams,
          response: { 200: VerificationAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id, verification_id } = request.params;
        const found = await context.compare.verifications.get(tenant_id, job_id, verification_id);
        return { success: true as const, data: verificationRow(found) };
      },
    );

    app.get(
      `${JOB}/verifications/:verification_id/entities`,
      {
        config: { access: 'read' },
        schema: {
          summary:
            'Entities that folding again gave otherwise, each with the first place and fields that differ',
          tags,
          params: VerificationParams,
          querystring: PageQuery,
          response: { 200: VerifiedEntitiesAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id, verification_id } = request.params;
        const found = await context.compare.verifications.entities(
          tenant_id,
          job_id,
          verification_id,
          request.query,
        );
        const data = found.items.map(({ differences, columns, ...entity }) => ({
          ...snakeKeys(entity),
          columns: [...columns],
          differences: differences.map(fieldRow),
        }));
        return { success: true as const, data, page: { next: found.next } };
      },
    );
  };

function verificationRow(view: VerificationView) {
  return snakeKeys(view);
}
