/** Current states, promotions and their reviews in the words of the routes. States stay the text that the store holds. */
import type {
  CurrentEntity,
  CurrentView,
  PromotionView,
  Review,
  ReviewedEntity,
} from '../processors/current/contract.js';
import type { FollowStatus } from '../processors/follow/contract.js';
import { RawJson } from './json/raw-json.js';
import { snakeKeys } from './views.js';

export const currentRow = (current: CurrentView, status: FollowStatus) => {
  const { on, step, stepAt, lagRecords, lagSeconds } = status;
  return { ...snakeKeys(current), following: snakeKeys({ on, step, stepAt, lagRecords, lagSeconds }) };
};
export const promotionRow = (promotion: PromotionView) => snakeKeys(promotion);
export const reviewRow = (review: Review) => snakeKeys(review);

export function currentEntityRow({ stateJson, ...entity }: CurrentEntity) {
  return {
    entity_type: entity.entityType,
    entity_id: entity.entityId,
    state: new RawJson(stateJson),
    event_id: entity.eventId,
    occurred_at: entity.occurredAt,
    fold_seq: entity.foldSeq,
  };
}

export function reviewedRow(entity: ReviewedEntity) {
  return {
    entity_type: entity.entityType,
    entity_id: entity.entityId,
    change: entity.change,
    changes: new RawJson(entity.changesJson),
  };
}

/** Where a promotion is found. */
export function pathOfPromotion(tenantId: string, promotionId: string): string {
  return `/tenants/${encodeURIComponent(tenantId)}/current-state/promotions/${encodeURIComponent(promotionId)}`;
}
