/** Probes: is the process alive, can it serve, which release is it. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { RouteContext } from '../context.js';

/** `/readyz` answers 503 while draining or while a part that requests need does not answer; each part is named. */
export const healthRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/livez', { config: { access: 'public' } }, async () => ({ status: 'ok' }));

    app.get('/readyz', { config: { access: 'public' } }, async (_request, reply) => {
      const checks = await context.ready();
      const draining = context.draining();
      const ready = !draining && Object.values(checks).every(Boolean);
      reply.code(ready ? 200 : 503);
      return { status: draining ? 'draining' : ready ? 'ready' : 'not ready', checks };
    });

    app.get('/version', { config: { access: 'public' } }, async () => ({
      name: 'rewind',
      version: context.version,
      node: process.version,
    }));
  };
