/** Promotion of runs to current state: review, promote, revert, and what was promoted when by whom. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { PromotionView } from '../../processors/current/contract.js';
import { JobParams, TenantParams } from '../../schemas/http.js';
import {
  PromoteBody,
  PromotionAnswer,
  PromotionListAnswer,
  PromotionListQuery,
  PromotionParams,
  RevertBody,
  ReviewAnswer,
  ReviewedAnswer,
  ReviewedQuery,
} from '../../schemas/http-current.js';
import type { RouteContext } from '../context.js';
import { pathOfPromotion, promotionRow, reviewedRow, reviewRow } from '../current-views.js';

const CURRENT = '/tenants/:tenant_id/current-state';
const JOB = '/tenants/:tenant_id/replay-jobs/:job_id';
const tags = ['current state'];

export const promotionRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { current } = context;

    app.post(
      `${JOB}/promote`,
      {
        config: { access: 'write', audit: 'current_state.promoted' },
        schema: {
          summary: "Make a run's states the current state; 202: they are still being copied",
          tags,
          params: JobParams,
          body: Type.Optional(PromoteBody),
          response: { 200: PromotionAnswer, 202: PromotionAnswer },
        },
      },
      async (request, reply) => {
        const { tenant_id, job_id } = request.params;
        const { actor } = request.identity;
        const promotion = await current.state.promote(tenant_id, job_id, actor, request.body ?? {});
        return answered(tenant_id, promotion, request, reply);
      },
    );

    app.post(
      `${CURRENT}/revert`,
      {
        config: { access: 'write', audit: 'current_state.reverted' },
        schema: {
          summary: 'Return to what was current before, or to a promotion by its id',
          tags,
          params: TenantParams,
          body: Type.Optional(RevertBody),
          response: { 200: PromotionAnswer, 202: PromotionAnswer },
        },
      },
      async (request, reply) => {
        const { tenant_id } = request.params;
        const { promotion_id: promotionId, ...rest } = request.body ?? {};
        const promotion = await current.state.revert(tenant_id, request.identity.actor, {
          ...rest,
          ...(promotionId === undefined ? {} : { promotionId }),
        });
        return answered(tenant_id, promotion, request, reply);
      },
    );

    app.get(
      `${CURRENT}/promotions`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'Promotions and reverts, newest first',
          tags,
          params: TenantParams,
          querystring: PromotionListQuery,
          response: { 200: PromotionListAnswer },
        },
      },
      async (request) => {
        const { items, next } = await current.state.promotions(request.params.tenant_id, request.query);
        return { success: true as const, data: items.map(promotionRow), page: { next } };
      },
    );

    app.get(
      `${CURRENT}/promotions/:promotion_id`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'One promotion, and how far it is',
          tags,
          params: PromotionParams,
          response: { 200: PromotionAnswer },
        },
      },
      async (request) => {
        const { tenant_id, promotion_id } = request.params;
        const data = promotionRow(await current.state.promotion(tenant_id, promotion_id));
        return { success: true as const, data };
      },
    );

    app.get(
      `${JOB}/promotion-review`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'What promoting a run would change: entities by type, and fields',
          tags,
          params: JobParams,
          response: { 200: ReviewAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        return { success: true as const, data: reviewRow(await current.reviews.review(tenant_id, job_id)) };
      },
    );

    app.get(
      `${JOB}/promotion-review/entities`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'Entities that promoting a run would change, with the fields before and after',
          tags,
          params: JobParams,
          querystring: ReviewedQuery,
          response: { 200: ReviewedAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        const { limit, cursor, entity_type: entityType, ...rest } = request.query;
        const filters = entityType === undefined ? rest : { ...rest, entityType };
        const page = cursor === undefined ? { limit } : { limit, cursor };
        const { items, next } = await current.reviews.entities(tenant_id, job_id, filters, page);
        return { success: true as const, data: items.map(reviewedRow), page: { next } };
      },
    );
  };

/** The act stands in the trail by the run that it made current. */
function answered(tenantId: string, promotion: PromotionView, request: FastifyRequest, reply: FastifyReply) {
  request.auditTarget = promotion.jobId;
  request.auditDetail = { promotion_id: promotion.promotionId };
  reply.code(promotion.status === 'copying' ? 202 : 200);
  reply.header('location', pathOfPromotion(tenantId, promotion.promotionId));
  return { success: true as const, data: promotionRow(promotion) };
}
