/** The event behind a snapshot with the values that its encoding masks: for owners, with a reason, and entered. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { SnapshotParams } from '../../schemas/http.js';
import { OriginalEventAnswer, OriginalEventQuery } from '../../schemas/http-unmasked.js';
import type { RouteContext } from '../context.js';
import { RawJson } from '../json/raw-json.js';

export const originalEventRoutes =
  ({ results }: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/snapshots/:index/event',
      {
        config: { access: 'manage', audit: 'snapshot.unmasked' },
        schema: {
          summary: 'The event behind a snapshot as it came, with values that are masked elsewhere',
          tags: ['results'],
          params: SnapshotParams,
          querystring: OriginalEventQuery,
          response: { 200: OriginalEventAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id, index } = request.params;
        const event = await results.originalEvent(tenant_id, job_id, index);
        request.auditDetail = { reason: request.query.reason, event_id: event.eventId };
        return {
          success: true as const,
          data: {
            event_id: event.eventId,
            event_type: event.eventType,
            entity_type: event.entityType,
            entity_id: event.entityId,
            timestamp: event.timestamp,
            actor: event.actor,
            action: event.action,
            severity: event.severity,
            decision: event.decisionJson === null ? null : new RawJson(event.decisionJson),
            payload: new RawJson(event.payloadJson),
            topic: event.topic,
            partition: event.partition,
            offset: event.offset,
          },
        };
      },
    );
  };
