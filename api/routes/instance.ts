/** The switch of the whole instance: no reading for anyone, until it is resumed. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { InstanceAnswer, SwitchBody } from '../../schemas/http-life.js';
import type { RouteContext } from '../context.js';

const tags = ['instance'];

export const instanceRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { instanceSwitch } = context;

    app.get(
      '/instance',
      {
        config: { access: 'operate' },
        schema: { summary: 'Whether the instance is paused', tags, response: { 200: InstanceAnswer } },
      },
      async () => ({ success: true as const, data: await instanceSwitch.state() }),
    );

    app.post(
      '/instance/pause',
      {
        config: { access: 'operate', audit: 'instance.paused' },
        schema: {
          summary: 'Stop all reading, of jobs and of the archiver, within 5 s',
          tags,
          body: Type.Optional(SwitchBody),
          response: { 200: InstanceAnswer },
        },
      },
      async (request) => {
        const { actor } = request.identity;
        return {
          success: true as const,
          data: await instanceSwitch.pause(actor, request.body?.reason ?? ''),
        };
      },
    );

    app.post(
      '/instance/resume',
      {
        config: { access: 'operate', audit: 'instance.resumed' },
        schema: {
          summary: 'Go on reading',
          tags,
          body: Type.Optional(SwitchBody),
          response: { 200: InstanceAnswer },
        },
      },
      async (request) => {
        const { actor } = request.identity;
        return {
          success: true as const,
          data: await instanceSwitch.resume(actor, request.body?.reason ?? ''),
        };
      },
    );
  };
