/** Archives of finished runs for auditors, and the key that they are signed with. */
import { createHash } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { JobParams } from '../../schemas/http.js';
import { EvidenceAnswer, EvidenceKeyAnswer } from '../../schemas/http-evidence.js';
import type { RouteContext } from '../context.js';

export const evidenceRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { evidence } = context;

    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/evidence',
      {
        config: { access: 'manage', audit: 'evidence.made' },
        schema: {
          summary:
            'A signed archive of a finished run: spec, plan, versions, verdict, units, root of all final states',
          tags: ['evidence'],
          params: JobParams,
          response: { 200: EvidenceAnswer },
        },
      },
      async (request, reply) => {
        const { tenant_id, job_id } = request.params;
        const archive = await evidence.archive(tenant_id, job_id, request.identity.actor);
        return reply
          .type('application/x-tar')
          .header('content-length', archive.bytes)
          .header('content-disposition', `attachment; filename="${archive.fileName}"`)
          .send(archive.stream);
      },
    );

    app.get(
      '/evidence/key',
      {
        config: { access: 'read' },
        schema: {
          summary: 'The public key that archives for auditors are signed with',
          tags: ['evidence'],
          response: { 200: EvidenceKeyAnswer },
        },
      },
      async () => {
        const key = await evidence.publicKey();
        const data = {
          algorithm: 'ed25519' as const,
          public_key: key.toString('base64'),
          sha256: createHash('sha256').update(key).digest('hex'),
        };
        return { success: true as const, data };
      },
    );
  };
