/** Following the current state of a tenant: on or off, and how far it has come. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FollowStatus } from '../../processors/follow/contract.js';
import { RewindError } from '../../schemas/errors.js';
import { TenantParams } from '../../schemas/http.js';
import {
  CurrentStreamAnswer,
  CurrentStreamHeaders,
  CurrentStreamQuery,
  FollowAnswer,
  FollowBody,
} from '../../schemas/http-follow.js';
import type { RouteContext } from '../context.js';

import { currentEvents, parseCurrentPlace } from '../streams/current-events.js';
import { OpenStreams } from '../streams/open-streams.js';
import { snakeKeys } from '../views.js';

const PATH = '/tenants/:tenant_id/current-state/follow';
const STREAM = '/tenants/:tenant_id/current-state/stream';
const DESCRIPTION = `One event for each entity that a step of the follower changed, with its state as it is now, then one
for the step. An event that came late changes an entity's state like any other: the newest state is the right one.`;
const tags = ['current state'];

export const currentFollowRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { following, currentChanges, config } = context;
    const streams = new OpenStreams(context);
    app.addHook('preClose', async () => streams.closeAll());

    app.get(
      STREAM,
      {
        config: { access: 'read' },
        schema: {
          summary: 'Listen to the changes of a current state that is followed',
          description: DESCRIPTION,
          tags,
          params: TenantParams,
          querystring: CurrentStreamQuery,
          headers: CurrentStreamHeaders,
          response: { 200: CurrentStreamAnswer },
        },
      },
      async (request, reply) => {
        const { tenant_id: tenantId } = request.params;
        const { entities, entity_type: entityType } = request.query;
        const from = parseCurrentPlace(request.headers['last-event-id']);
        if ((await currentChanges.news(tenantId)) === null)
          throw new RewindError('no_current_state', 'no run of this tenant has been promoted');
        const onClosed = streams.enter(tenantId);
        const { streamPollMs: pollMs, streamHeartbeatMs: heartbeatMs } = config.http;
        const options = {
          changes: currentChanges,
          tenantId,
          all: entities === 'all',
          entityType,
          pollMs,
          heartbeatMs,
          wait,
        };
        return streams.send(reply, {
          name: tenantId,
          events: (signal) => currentEvents({ ...options, signal }, from),
          onClosed,
        });
      },
    );

    app.get(
      PATH,
      {
        config: { access: 'read' },
        schema: {
          summary: 'Whether the current state is followed, and how far it has come',
          tags,
          params: TenantParams,
          response: { 200: FollowAnswer },
        },
      },
      async (request) => answer(await following.status(request.params.tenant_id)),
    );

    app.post(
      PATH,
      {
        config: { access: 'write', audit: 'current_state.follow_switched' },
        schema: {
          summary: 'Fold what arrives onto the current state from now on, or stop doing so',
          tags,
          params: TenantParams,
          body: FollowBody,
          response: { 200: FollowAnswer },
        },
      },
      async (request) => {
        const { actor } = request.identity;
        request.auditDetail = { on: request.body.on };
        return answer(await following.turn(request.params.tenant_id, request.body.on, actor));
      },
    );
  };

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

function answer(status: FollowStatus) {
  return { success: true as const, data: snakeKeys(status) };
}
