/**
 * Serving below a path of a proxy (`http.basePath`). Requests are taken with the path and without it, since some
 * proxies cut it off; whatever the server says about its own addresses has it.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** For the `rewriteUrl` of the server: the address as the routes know it. */
export function withoutBasePath(basePath: string): (request: IncomingMessage) => string {
  return ({ url = '/' }) => {
    if (basePath === '' || !url.startsWith(basePath)) return url;
    const rest = url.slice(basePath.length);
    if (rest === '' || rest.startsWith('?')) return `/${rest}`;
    return rest.startsWith('/') ? rest : url;
  };
}

export function installBasePath(app: FastifyInstance, basePath: string): void {
  if (basePath === '') return;
  app.addHook('onSend', async (_request, reply, payload) => {
    const location = reply.getHeader('location');
    if (typeof location === 'string' && location.startsWith('/') && !location.startsWith(`${basePath}/`)) {
      reply.header('location', basePath + location);
    }
    return payload;
  });
}
