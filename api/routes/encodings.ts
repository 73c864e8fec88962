/** Encoding versions of a tenant: save one, list them. A version never changes; a job names the one it uses. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { canonicalJson } from '../../processors/sources/canonical-json.js';
import { RewindError } from '../../schemas/errors.js';
import { EncodingBody, JobHeaders, TenantParams } from '../../schemas/http.js';
import type { RouteContext } from '../context.js';

export const encodingRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { encodings } = context;
    // The order of tracked fields is the order of fields in states: the members must stay as they were written.
    app.removeContentTypeParser('application/json');
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
      try {
        // Refuses what the strict reader refuses everywhere: repeated keys, lone surrogates, too much depth.
        canonicalJson(body as Buffer);
        done(null, JSON.parse(body.toString()));
      } catch (error) {
        done(error as Error);
      }
    });

    app.post(
      '/tenants/:tenant_id/encodings',
      {
        config: { access: 'write', audit: 'encoding.saved' },
        schema: { params: TenantParams, body: EncodingBody, headers: JobHeaders },
      },
      async (request, reply) => {
        const saved = await encodings
          .save(request.params.tenant_id, request.body.definition, request.identity.actor)
          .catch((error: unknown) => {
            throw inBody(error);
          });
        reply.code(saved.created ? 201 : 200);
        return { success: true, data: { version: saved.version, hash: saved.hash } };
      },
    );

    app.get(
      '/tenants/:tenant_id/encodings',
      { config: { access: 'read' }, schema: { params: TenantParams } },
      async (request) => {
        const versions = await encodings.list(request.params.tenant_id);
        const data = versions.map((version) => ({
          version: version.version,
          name: version.encoding.name,
          hash: version.hash,
          created_by: version.createdBy,
          created_at: version.createdAt === '' ? null : version.createdAt,
          definition: version.encoding,
        }));
        return { success: true, data };
      },
    );
  };

/** Pointers of the encoding's problems as the caller sent them: below `/definition`. */
function inBody(error: unknown): unknown {
  if (!(error instanceof RewindError) || error.code !== 'encoding_invalid') return error;
  const problems = error.facts.problems;
  if (!Array.isArray(problems)) return error;
  const errors = (problems as { pointer: string; message: string }[]).map(({ pointer, message }) => ({
    code: error.code,
    message,
    pointer: `/definition${pointer}`,
  }));
  return new RewindError(error.code, error.message, {
    pointer: `/definition${error.pointer ?? ''}`,
    facts: { errors },
    cause: error,
  });
}
