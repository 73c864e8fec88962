/**
 * POST /v1/logreplay: which past decisions would change if these policies or this data were changed. The tenant is the
 * caller's. The answer is log-replay's own document, without the envelope of other routes; with `async` it is a job.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import type { PolicyProblem } from '../../processors/policy/contract.js';
import { RewindError } from '../../schemas/errors.js';
import {
  LogReplayAnswer,
  LogReplayBody,
  LogReplayHeaders,
  LogReplayQuery,
} from '../../schemas/http-logreplay.js';
import { LogReplayJobAnswer } from '../../schemas/http-logreplay-jobs.js';
import type { RouteContext } from '../context.js';
import { keepWrittenBodies, writtenMember } from '../json/written-body.js';
import { logReplayView } from '../logreplay-views.js';
import { logReplayRow } from './logreplay-jobs.js';

export const logReplayRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    keepWrittenBodies(app);

    app.post(
      '/v1/logreplay',
      {
        config: { access: 'write', audit: 'logreplay.run' },
        schema: {
          summary: 'Replay logged decisions on changed policies or data, within a time or as a job',
          tags: ['log replay'],
          headers: LogReplayHeaders,
          querystring: LogReplayQuery,
          body: LogReplayBody,
          response: { 200: LogReplayAnswer, 202: LogReplayJobAnswer },
        },
      },
      async (request, reply) => {
        const { body } = request;
        const { data_patches: _data, decision_patches: _decision, ...rest } = body;
        const { tenantId, actor } = request.identity;
        const asked = {
          ...rest,
          dataPatches: writtenMember(body, 'data_patches')?.toString(),
          decisionPatches: writtenMember(body, 'decision_patches')?.toString(),
        };
        const told = (error: unknown): never => inPolicies(error, body.policies ?? {});
        if (request.query.async !== 'true') {
          const answer = await context.logReplays.run(tenantId, asked, goneSignal(reply)).catch(told);
          return { result: logReplayView(answer) };
        }
        const key = request.headers['idempotency-key'];
        const job = await context.logReplayJobs.create(tenantId, asked, actor, key).catch(told);
        request.auditTarget = job.replayId;
        reply.code(202).header('location', `/v1/logreplay/${job.replayId}`);
        return { success: true as const, data: logReplayRow(job) };
      },
    );
  };

/** Aborts when the caller hangs up before the answer. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new RewindError('server_unavailable', 'the caller has gone'));
  });
  return gone.signal;
}

/** What OPA's compiler says, told by the place in the body: the policy by pointer, the line and column in the message. */
function inPolicies(error: unknown, policies: Readonly<Record<string, string>>): never {
  if (!(error instanceof RewindError) || !Array.isArray(error.facts.problems)) throw error;
  const errors = (error.facts.problems as PolicyProblem[]).map(({ file, row, col, message }) => ({
    code: error.code,
    message: row === 0 ? message : `${file}:${row}:${col}: ${message}`,
    pointer: Object.hasOwn(policies, file)
      ? `/policies/${file.replaceAll('~', '~0').replaceAll('/', '~1')}`
      : '/policies',
  }));
  throw new RewindError(error.code, error.message, {
    pointer: errors[0]?.pointer ?? '/policies',
    facts: { errors },
    cause: error,
  });
}
