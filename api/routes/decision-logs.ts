/**
 * POST /logs and /logs/{partition}: OPA's own upload of decision logs, a gzip JSON array. Accepted means durable.
 *
 * OPA sends a chunk again until it is answered with a success, so a decision that cannot be taken must not hold up the
 * others: 200 when all are accepted, 207 when some are, 400 when none is.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { excerpt, RewindError } from '../../schemas/errors.js';
import {
  DecisionLogsAnswer,
  DecisionsBody,
  PartitionParams,
  TenantHeaders,
} from '../../schemas/http-decision-logs.js';
import type { RouteContext } from '../context.js';
import { GroupCommit } from '../group-commit.js';
import { type Rejection, takeEvents } from '../intake.js';
import { inflated } from '../json/inflated.js';
import { isArrayText, splitArray } from '../json/split.js';
import { sendProblem } from '../plugins/problem.js';

const ERRORS_MAX = 1000;

export const decisionLogRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { config, decisionLogs } = context;
    const commits = new GroupCommit(decisionLogs);
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );

    const take = async (request: FastifyRequest, reply: FastifyReply, partitionName: string) => {
      const json = await unpacked(request, config.decisionLogs.inflatedMaxBytes);
      const results = await takeEvents(isArrayText(json) ? splitArray(json) : [json], {
        tenantId: request.identity.tenantId,
        parseEvent: (text, tenantId) => decisionLogs.parse(text, tenantId, partitionName),
        commits,
        recordMaxBytes: config.limits.recordMaxBytes,
      });
      const rejections = results.filter((result) => result.status === 'rejected');
      return answer(reply, results.length - rejections.length, rejections, request.id);
    };
    const schema = {
      tags: ['decision logs'],
      headers: TenantHeaders,
      response: { 200: DecisionLogsAnswer, 207: DecisionLogsAnswer },
    };

    app.post(
      '/logs',
      {
        config: { access: 'ingest', describedBody: DecisionsBody },
        schema: { summary: "OPA's upload of decision logs; accepted means durable", ...schema },
      },
      (request, reply) => take(request, reply, ''),
    );

    app.post(
      '/logs/:partition',
      {
        config: { access: 'ingest', describedBody: DecisionsBody },
        schema: {
          summary: 'The same under a name, which the decisions keep as partition_name',
          params: PartitionParams,
          ...schema,
        },
      },
      (request, reply) => take(request, reply, request.params.partition),
    );
  };

function answer(reply: FastifyReply, accepted: number, rejections: readonly Rejection[], traceId: string) {
  const errors = rejections
    .slice(0, ERRORS_MAX)
    .map(({ index, code, message, pointer }) => ({ index, code, message, pointer }));
  const [first] = rejections;
  if (first !== undefined && accepted === 0) {
    const message = `No decision was accepted; the first: ${first.message}`;
    const problem = new RewindError(first.code, message, { pointer: first.pointer, facts: { errors } });
    sendProblem(reply, problem, traceId);
    return reply;
  }
  reply.code(rejections.length > 0 ? 207 : 200);
  return { success: true as const, data: { accepted, rejected: rejections.length, errors } };
}

/** The body's own limit is the server's; here the limit is on what it unpacks to. */
async function unpacked(request: FastifyRequest, maxBytes: number): Promise<Buffer> {
  const { body } = request;
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw new RewindError('field_missing', 'The request has no body.', { pointer: '' });
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return body;
  if (encoding !== 'gzip')
    throw new RewindError(
      'media_type_unsupported',
      `Content-Encoding ${excerpt(encoding)} is not taken here.`,
    );
  return inflated(body, maxBytes);
}
