/** Promotions as people see them. Pure. */
import { formatRfc3339Ns } from '../sources/time.js';
import type { CurrentView, PromotionView } from './contract.js';
import { currentOf, type Promotion, type Promotions } from './promotions.js';

export function currentView(current: Promotion, nowMs: number): CurrentView {
  const asOfMs = Number(BigInt(current.asOfNs) / 1_000_000n);
  return {
    promotionId: current.promotionId,
    act: current.act,
    jobId: current.jobId,
    setId: current.setId,
    asOf: formatRfc3339Ns(BigInt(current.asOfNs)),
    ageSeconds: Math.max(0, nowMs - asOfMs) / 1000,
    promotedBy: current.actor,
    promotedAt: current.endedAt!,
    reason: current.reason,
    verdict: { exactness: current.exactness, reasons: current.reasons },
    entities: current.entities,
  };
}

/** `kept`: the sets that stay. */
export function promotionView(
  promotions: Promotions,
  promotion: Promotion,
  kept: ReadonlySet<string>,
): PromotionView {
  const { outcome } = promotion;
  const isCurrent = currentOf(promotions)?.promotionId === promotion.promotionId;
  return {
    promotionId: promotion.promotionId,
    act: promotion.act,
    jobId: promotion.jobId,
    status:
      outcome === 'pending'
        ? 'copying'
        : outcome === 'failed'
          ? 'failed'
          : isCurrent
            ? 'current'
            : 'superseded',
    actor: promotion.actor,
    reason: promotion.reason,
    askedAt: promotion.askedAt,
    promotedAt: outcome === 'current' ? promotion.endedAt : null,
    asOf: formatRfc3339Ns(BigInt(promotion.asOfNs)),
    verdict: { exactness: promotion.exactness, reasons: promotion.reasons },
    entities: outcome === 'current' ? promotion.entities : null,
    returnsTo: promotion.returnsTo === '' ? null : promotion.returnsTo,
    kept: outcome === 'current' && kept.has(promotion.setId) && !promotions.unnamable.has(promotion.setId),
    error: promotion.error,
  };
}
