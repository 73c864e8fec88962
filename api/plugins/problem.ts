/**
 * Every error leaves as application/problem+json (RFC 9457) with `success: false`, the stable code, what to do, the
 * list of problems with JSON pointers, and the trace id. Stack traces and causes stay in the log.
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Telemetry } from '../../processors/telemetry.js';
import { type ErrorCode, excerpt, RewindError } from '../../schemas/errors.js';
import { httpStatus } from '../status.js';

export interface ProblemItem {
  readonly code: string;
  readonly message: string;
  readonly pointer?: string;
  /** Place in a list or stream of events, 0-based. */
  readonly index?: number;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly success: false;
  readonly code: ErrorCode;
  readonly fix: string;
  readonly errors: readonly ProblemItem[];
  readonly traceId: string;
  readonly [extension: string]: unknown;
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
const RETRY_AFTER_SECONDS = '1';

/** Facts that callers may see beside the message; everything else in `facts` is for the log. */
const PUBLIC_FACTS = [
  'resumeFromLine',
  'linesStored',
  'members',
  'clientIds',
  'firstHeld',
  'lastHeld',
  'data',
];

/** Builds the body of an error. A job that is absent and one of another tenant read the same. */
export function problemOf(error: RewindError, traceId: string): Problem {
  const detail =
    error.code === 'job_not_found' ? 'There is no such replay job for this tenant.' : error.message;
  const listed = error.facts.errors;
  const own: ProblemItem = {
    code: error.code,
    message: detail,
    ...(error.pointer === undefined ? {} : { pointer: error.pointer }),
  };
  const facts = Object.fromEntries(
    PUBLIC_FACTS.filter((name) => error.facts[name] !== undefined).map((name) => [name, error.facts[name]]),
  );
  return {
    type: `urn:rewind:error:${error.code}`,
    title: error.code.replaceAll('_', ' '),
    status: httpStatus(error.code),
    detail,
    success: false,
    code: error.code,
    fix: error.fix,
    errors: Array.isArray(listed) ? (listed as ProblemItem[]) : [own],
    traceId,
    ...facts,
  };
}

/** Installs the error and not-found answers on an app and all its routes. */
export function installProblems(app: FastifyInstance, telemetry: Telemetry): void {
  app.setErrorHandler((error: FastifyError | Error, request, reply) => {
    const known = asRewindError(error, request);
    sendProblem(reply, known, request.id);
    if (httpStatus(known.code) >= 500) {
      telemetry.event('request.failed', {
        method: request.method,
        route: request.routeOptions.url ?? '',
        status: httpStatus(known.code),
        code: known.code,
        traceId: request.id,
        err: error,
      });
    }
  });
  app.setNotFoundHandler((request, reply) => {
    const path = excerpt(request.url.split('?')[0] ?? '');
    sendProblem(
      reply,
      new RewindError('route_not_found', `No route for ${request.method} ${path}`),
      request.id,
    );
  });
}

export function sendProblem(reply: FastifyReply, error: RewindError, traceId: string): void {
  const problem = problemOf(error, traceId);
  const wait = error.facts.retryAfterSeconds ?? (problem.status === 503 ? RETRY_AFTER_SECONDS : undefined);
  if (wait !== undefined) reply.header('retry-after', String(wait));
  // A request body that was not read to its end would be taken for the next request.
  if (problem.status === 413 || problem.status === 415) reply.header('connection', 'close');
  reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
}

/** Errors of the framework in our words; what nobody raised on purpose is `internal`, without its text. */
function asRewindError(error: FastifyError | Error, request: FastifyRequest): RewindError {
  if (error instanceof RewindError) return error;
  const { code } = error as FastifyError;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new RewindError('body_too_large', 'The request body is larger than http.bodyMaxBytes.');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE': {
      const given = request.headers['content-type'];
      const named = given === undefined ? 'A body without Content-Type' : `Content-Type ${excerpt(given)}`;
      return new RewindError('media_type_unsupported', `${named} is not taken here.`);
    }
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new RewindError('json_invalid', 'The body ended before its Content-Length.');
    case 'FST_ERR_BAD_URL':
      return new RewindError('route_not_found', 'The path is not valid percent-encoding.');
    default:
      return new RewindError('internal', 'An unexpected error occurred.', { cause: error });
  }
}
