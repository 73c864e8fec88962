/**
 * Pages of all lists. What a list calls its cursor never leaves the server: on the way out `page.next` is sealed and
 * named in a Link header, on the way in it is opened before the route sees it. Lists know nothing of it.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RewindError } from '../../schemas/errors.js';
import { openCursor, sealCursor } from '../cursor-seal.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What a cursor of this request is bound to; empty before the query is known. */
    cursorScope: string;
  }
}

type Query = Record<string, unknown>;
interface Paged {
  readonly page: { readonly next: string | number | null };
}

/** Call after access is installed: a cursor is bound to the tenant that access found. */
export function installPaging(app: FastifyInstance, secret: Buffer): void {
  app.decorateRequest('cursorScope', '');
  app.addHook('preValidation', async (request) => {
    const query = (request.query ?? {}) as Query;
    request.cursorScope = scopeOf(request, query);
    if (query.cursor === undefined || !takesCursor(request)) return;
    const inner = openCursor(secret, request.cursorScope, String(query.cursor));
    if (inner === null) {
      throw new RewindError('cursor_invalid', 'The cursor is not one of this list.', { pointer: '/cursor' });
    }
    query.cursor = inner;
  });
  app.addHook('preSerialization', async (request, reply, payload) => {
    if (!isPaged(payload) || payload.page.next === null) return payload;
    const { next } = payload.page;
    // A number is a place that clients may count on, as the index of a timeline; only text is a cursor.
    const shown = typeof next === 'number' ? next : sealCursor(secret, request.cursorScope, next);
    reply.header('link', `<${nextUrl(request, shown)}>; rel="next"`);
    return { ...payload, page: { ...payload.page, next: shown } };
  });
}

/** Route, path and filters: all but the place and the size of the page. */
function scopeOf(request: FastifyRequest, query: Query): string {
  const { cursor: _cursor, limit: _limit, ...filters } = query;
  const sorted = Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1));
  const tenant = request.identity?.tenantId ?? '';
  return JSON.stringify([request.routeOptions.url, request.params, tenant, sorted]);
}

function takesCursor(request: FastifyRequest): boolean {
  const schema = request.routeOptions.schema?.querystring as { properties?: object } | undefined;
  return Object.hasOwn(schema?.properties ?? {}, 'cursor');
}

function isPaged(payload: unknown): payload is Paged {
  const page = (payload as Partial<Paged> | null)?.page;
  return typeof page === 'object' && page !== null && 'next' in page;
}

/** The same request for the next page. */
function nextUrl(request: FastifyRequest, next: string | number): string {
  const [path = '', search = ''] = (request.originalUrl ?? request.url).split('?');
  const query = new URLSearchParams(search);
  query.set(typeof next === 'number' ? 'from' : 'cursor', String(next));
  return `${path}?${query}`;
}
