/**
 * Requests that another site made a browser send. Whatever signs a browser in by itself (a cookie, a proxy in front, or
 * nothing at all in development) needs this: a key or token in a header does not.
 */
import type { FastifyRequest } from 'fastify';
import { RewindError } from '../../schemas/errors.js';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * @param origin of this server as browsers see it; null: that of the request's Host
 * @param mustProve a cookie rode along: the browser must say where the request comes from
 * @throws RewindError cross_site
 */
export function requireSameOrigin(request: FastifyRequest, origin: string | null, mustProve: boolean): void {
  if (SAFE.has(request.method)) return;
  const site = request.headers['sec-fetch-site'];
  const from = request.headers.origin;
  const own = origin === null ? hostOf(request) : new URL(origin).host;
  const siteIsOwn = site === undefined || site === 'same-origin' || site === 'none';
  const originIsOwn = from === undefined || (URL.canParse(from) && new URL(from).host === own);
  const proven = site !== undefined || from !== undefined;
  if (siteIsOwn && originIsOwn && (proven || !mustProve)) return;
  throw new RewindError('cross_site', 'another site sent this request');
}

function hostOf(request: FastifyRequest): string {
  return request.headers.host ?? '';
}
