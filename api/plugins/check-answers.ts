/**
 * Holds the API to its own description: with `http.checkAnswers` every answer is read again and compared with the
 * schema that the route declares for its status. Tests run with it; in production it would only cost time.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TSchema } from 'typebox';
import { RewindError } from '../../schemas/errors.js';
import { Problem } from '../../schemas/http-answer.js';
import { findIssues } from '../../schemas/validate.js';

export function installAnswerChecks(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const type = String(reply.getHeader('content-type') ?? '');
    if (typeof payload !== 'string' || !/json/.test(type) || request.is404 || isHidden(request))
      return payload;
    const schema = type.startsWith('application/problem+json')
      ? Problem
      : schemaOf(request, reply.statusCode, type);
    const where = `${request.method} ${request.routeOptions.url} ${reply.statusCode}`;
    if (schema === undefined) throw wrong(where, 'the route declares no such answer');
    const [issue] = findIssues(schema, JSON.parse(payload));
    if (issue !== undefined) throw wrong(where, `${issue.pointer}: ${issue.message}`);
    return payload;
  });
}

function isHidden(request: FastifyRequest): boolean {
  return (request.routeOptions.schema as { hide?: boolean } | undefined)?.hide === true;
}

function schemaOf(request: FastifyRequest, status: number, type: string): TSchema | undefined {
  const { response = {} } = (request.routeOptions.schema ?? {}) as { response?: Record<string, object> };
  const declared = response[status];
  if (declared === undefined || !('content' in declared)) return declared as TSchema | undefined;
  const content = declared.content as Record<string, { schema: TSchema }>;
  return content[type.split(';')[0] ?? '']?.schema;
}

function wrong(where: string, what: string): RewindError {
  return new RewindError('internal', `The answer of ${where} is not as described: ${what}`);
}
