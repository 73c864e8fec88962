/** Probes: is the process alive, can it serve, which release is it. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { LiveAnswer, ReadyAnswer, VersionAnswer } from '../../schemas/http-answer.js';
import type { RouteContext } from '../context.js';

/** `/readyz` answers 503 while draining or while a part that requests need does not answer; each part is named. */
export const healthRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/livez',
      {
        config: { access: 'public' },
        schema: { summary: 'Is the process alive', tags: ['health'], response: { 200: LiveAnswer } },
      },
      async () => ({ status: 'ok' as const }),
    );

    app.get(
      '/readyz',
      {
        config: { access: 'public' },
        schema: {
          summary: 'Can it serve: each part that requests need, by name',
          tags: ['health'],
          response: { 200: ReadyAnswer, 503: ReadyAnswer },
        },
      },
      async (_request, reply) => {
        const parts = Object.entries(await context.instance.parts());
        const checks = Object.fromEntries(parts.map(([name, { up }]) => [name, up]));
        const draining = context.draining();
        const ready = !draining && Object.values(checks).every(Boolean);
        reply.code(ready ? 200 : 503);
        const status = draining ? 'draining' : ready ? 'ready' : 'not ready';
        return { status: status as 'draining' | 'ready' | 'not ready', checks };
      },
    );

    app.get(
      '/version',
      {
        config: { access: 'public' },
        schema: { summary: 'Which release this is', tags: ['health'], response: { 200: VersionAnswer } },
      },
      async () => ({ name: 'rewind', version: context.version, node: process.version }),
    );
  };
