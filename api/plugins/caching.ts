/**
 * Conditional requests. Every JSON answer to a GET carries a strong ETag over its very bytes, and If-None-Match with it
 * is answered 304. What never changes (`config.immutable`) may be kept; everything else is asked for again each time.
 */
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer under this path is the same for ever: a version. */
    immutable?: boolean;
  }
}

const KEEP = 'private, max-age=86400, immutable';
const ASK_AGAIN = 'private, no-cache';
/** Answers depend on who asks: a shared browser must not show one person's to another. */
const VARY = 'authorization, cookie, x-tenant-id, x-role';

/** Call last: the tag is over the bytes as they leave. */
export function installCaching(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const { access, immutable } = request.routeOptions.config;
    const read = request.method === 'GET' || request.method === 'HEAD';
    if (!read || access === 'public' || reply.statusCode !== 200 || typeof payload !== 'string')
      return payload;
    const tag = `"${createHash('sha256').update(payload).digest('base64url').slice(0, 27)}"`;
    reply.header('etag', tag).header('vary', VARY);
    reply.header('cache-control', immutable === true ? KEEP : ASK_AGAIN);
    if (!matches(request.headers['if-none-match'], tag)) return payload;
    reply.code(304).removeHeader('content-type').removeHeader('content-length');
    return null;
  });
}

/** If-None-Match: `*`, or a list of tags; weak ones compare alike (RFC 9110, 13.1.2). */
function matches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((given) => {
    const one = given.trim().replace(/^W\//, '');
    return one === '*' || one === tag;
  });
}
