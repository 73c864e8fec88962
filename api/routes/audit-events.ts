/**
 * POST /tenants/{tenant_id}/audit-events: one event, an array, or NDJSON of any length. Accepted means durable.
 *
 * JSON: 202 when all are accepted, 207 when some are, 400 when none is; a result for each event.
 * NDJSON: read with bounded memory and backpressure; the answer comes at the end, with counts and the first 1,000
 * rejections. Results are not streamed back, since clients that send before they read would block on them.
 */
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { type ErrorCode, excerpt, RewindError } from '../../schemas/errors.js';
import { TenantParams } from '../../schemas/http.js';
import { EventsBody, IntakeAnswer } from '../../schemas/http-events.js';
import type { RouteContext } from '../context.js';
import {
  type EventResult,
  type IntakeOptions,
  type Rejection,
  type StreamSummary,
  takeEventLines,
  takeEvents,
} from '../intake.js';
import { lineBatches } from '../json/lines.js';
import { isArrayText, splitArray } from '../json/split.js';
import { sendProblem } from '../plugins/problem.js';

const NDJSON = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'];
/** A line holds the event and its JSON names and escapes: longer than the record that comes of it. */
const LINE_OVERHEAD = 4;

export const auditEventsRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    app.addContentTypeParser(NDJSON, (_request, payload, done) => done(null, payload));

    app.post(
      '/tenants/:tenant_id/audit-events',
      {
        config: { access: 'ingest', describedBody: EventsBody },
        schema: {
          summary: 'Send one event, an array, or NDJSON of any length; accepted means durable',
          tags: ['events'],
          params: TenantParams,
          response: { 202: IntakeAnswer, 207: IntakeAnswer },
        },
      },
      async (request, reply) => {
        const options: IntakeOptions = {
          tenantId: request.params.tenant_id,
          parseEvent: context.parseEvent,
          commits: context.commits,
          recordMaxBytes: context.config.limits.recordMaxBytes,
        };
        const { body } = request;
        if (Buffer.isBuffer(body)) return takeJson(body, options, reply, request.id);
        if (body === undefined || body === null) {
          throw new RewindError('field_missing', 'The request has no body.', { pointer: '' });
        }
        const bytes = decoded(body as Readable, request.headers['content-encoding']);
        return takeStream(bytes, options, reply, request.id);
      },
    );
  };

type Counts = StreamSummary | { accepted: number; rejected: number; results: EventResult[] };

async function takeJson(body: Buffer, options: IntakeOptions, reply: FastifyReply, traceId: string) {
  const results = await takeEvents(isArrayText(body) ? splitArray(body) : [body], options);
  const rejections = results.filter((result) => result.status === 'rejected');
  const counts = { accepted: results.length - rejections.length, rejected: rejections.length };
  return answer(reply, { ...counts, results }, rejections, traceId);
}

async function takeStream(bytes: Readable, options: IntakeOptions, reply: FastifyReply, traceId: string) {
  const lines = lineBatches(bytes, options.recordMaxBytes * LINE_OVERHEAD);
  const summary = await takeEventLines(lines, options);
  return answer(reply, summary, summary.errors, traceId);
}

/** 202, 207, or a problem that carries the same data when nothing was accepted. */
function answer(reply: FastifyReply, data: Counts, rejections: readonly Rejection[], traceId: string) {
  if (data.rejected > 0 && data.accepted === 0) {
    const errors = rejections.map(({ index, code, message, pointer }) => ({ index, code, message, pointer }));
    const first = rejections[0];
    const code: ErrorCode = first?.code ?? 'field_invalid';
    const message =
      data.rejected === 1
        ? (first?.message ?? '')
        : `All ${data.rejected} events were rejected; the first: ${first?.message}`;
    const problem = new RewindError(code, message, { facts: { errors, data } });
    sendProblem(reply, problem, traceId);
    return reply;
  }
  reply.code(data.rejected > 0 ? 207 : 202);
  return { success: true as const, data };
}

function decoded(body: Readable, encoding: string | undefined): Readable {
  if (encoding === undefined || encoding === 'identity') return body;
  if (encoding !== 'gzip') {
    throw new RewindError(
      'media_type_unsupported',
      `Content-Encoding ${excerpt(encoding)} is not taken here.`,
    );
  }
  const unpacked = createGunzip();
  body.once('error', (error) => unpacked.destroy(error));
  unpacked.once('error', () => body.unpipe(unpacked));
  return body.pipe(unpacked);
}
