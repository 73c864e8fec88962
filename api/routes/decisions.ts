/** What a job's rules decided about each event, and what that changes against the decisions before. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { DecisionView, TransitionGroup } from '../../processors/rules/decisions.js';
import { JobParams } from '../../schemas/http.js';
import {
  DecisionListAnswer,
  DecisionListQuery,
  TransitionsAnswer,
  TransitionsQuery,
} from '../../schemas/http-decisions.js';
import type { RouteContext } from '../context.js';
import { jsonOrNull } from '../json/raw-json.js';

export const decisionRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { decisions } = context;

    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/decisions',
      {
        config: { access: 'read' },
        schema: {
          summary: 'Decisions of a job, by entity',
          tags: ['decisions'],
          params: JobParams,
          querystring: DecisionListQuery,
          response: { 200: DecisionListAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        const page = await decisions.list(tenant_id, job_id, request.query);
        return { success: true as const, data: page.items.map(decisionRow), page: { next: page.next } };
      },
    );

    app.get(
      '/tenants/:tenant_id/replay-jobs/:job_id/transitions',
      {
        config: { access: 'read' },
        schema: {
          summary: 'What would change: decisions counted by event type, outcome before and outcome now',
          tags: ['decisions'],
          params: JobParams,
          querystring: TransitionsQuery,
          response: { 200: TransitionsAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        const report = await decisions.transitions(tenant_id, job_id, request.query);
        const { decided, totals, groups } = report;
        return {
          success: true as const,
          data: { decided, totals, groups: groups.items.map(groupRow) },
          page: { next: groups.next },
        };
      },
    );
  };

function groupRow(group: TransitionGroup) {
  return {
    transition: group.transition,
    event_type: group.eventType,
    was: group.was,
    now: group.now,
    count: group.count,
    samples: group.samples.map(decisionRow),
  };
}

export function decisionRow(decision: DecisionView) {
  return {
    job_id: decision.jobId,
    event_id: decision.eventId,
    event_type: decision.eventType,
    timestamp: decision.timestamp,
    entity_type: decision.entityType,
    entity_id: decision.entityId,
    fold_seq: decision.foldSeq,
    topic_id: decision.topicId,
    partition: decision.partition,
    offset: decision.offset,
    decision: jsonOrNull(decision.decisionJson),
    error: decision.error,
    before: jsonOrNull(decision.beforeJson),
    before_error: decision.beforeError,
    was: decision.was,
    now: decision.now,
    transition: decision.transition,
  };
}
