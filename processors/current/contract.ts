/** What api/ may ask about a tenant's current state. `open.ts` builds it; all methods reject with RewindError. */
import type { Readable } from 'node:stream';
import type { Verdict } from '../../schemas/job.js';
import type { JobView, Page } from '../replay/service.js';
import type { ExportFormat } from '../results/contract.js';
import type { PromotionAct } from './promotions.js';

/** Times are RFC 3339, UTC. */
export interface PromotionView {
  readonly promotionId: string;
  readonly act: PromotionAct;
  readonly jobId: string;
  /** copying: until the set is whole; current; superseded: it was current; failed: it never was. */
  readonly status: 'copying' | 'current' | 'superseded' | 'failed';
  readonly actor: string;
  readonly reason: string;
  readonly askedAt: string;
  readonly promotedAt: string | null;
  readonly asOf: string;
  readonly verdict: Verdict;
  /** Entities that exist; null: not known yet. */
  readonly entities: number | null;
  readonly returnsTo: string | null;
  /** Its states are still there: returning to them is immediate. */
  readonly kept: boolean;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface CurrentView {
  readonly promotionId: string;
  readonly act: PromotionAct;
  readonly jobId: string;
  readonly setId: string;
  readonly asOf: string;
  /** From the as-of time until now. */
  readonly ageSeconds: number;
  readonly promotedBy: string;
  readonly promotedAt: string;
  readonly reason: string;
  readonly verdict: Verdict;
  /** That existed when it was promoted. */
  readonly entities: number;
}

export interface CurrentEntity {
  readonly entityType: string;
  readonly entityId: string;
  /** JSON text as stored. */
  readonly stateJson: string;
  readonly eventId: string;
  readonly occurredAt: string;
  readonly foldSeq: string;
}

export interface EntityFilters {
  readonly entityType?: string;
  /** Of the entity's id. */
  readonly prefix?: string;
}

export interface PromoteOptions {
  /** Needed where the run is not exact. */
  readonly reason?: string;
  /** Also where the run ends before the state that is current. */
  readonly force?: boolean;
}

export interface ContinueOptions {
  /** End of the new run's range, as in a job's spec; left out: now. */
  readonly to?: string;
  readonly idempotencyKey?: string;
}

export interface CurrentState {
  /** Rejects with no_current_state. */
  show(tenantId: string): Promise<CurrentView>;
  /** By type and id. */
  entities(
    tenantId: string,
    filters: EntityFilters,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<CurrentEntity>>;
  /** Rejects with entity_not_found. */
  entity(tenantId: string, entity: { readonly type: string; readonly id: string }): Promise<CurrentEntity>;
  export(tenantId: string, format: ExportFormat, filters: EntityFilters): Promise<Readable>;
  /**
   * Makes a finished StateRebuild current. Resolves when it is, or when that takes longer than current.waitMs: workers go
   * on. A run that is current already stays so. Rejects with job_not_found, job_not_finished, job_type_unsupported,
   * rows_dropped, reason_required, promotion_older.
   */
  promote(tenantId: string, jobId: string, actor: string, options: PromoteOptions): Promise<PromotionView>;
  /**
   * Returns to what was current before, or to a promotion by its id. Rejects with no_current_state, nothing_to_revert,
   * promotion_not_found, promotion_gone.
   */
  revert(
    tenantId: string,
    actor: string,
    options: { readonly promotionId?: string; readonly reason?: string },
  ): Promise<PromotionView>;
  promotion(tenantId: string, promotionId: string): Promise<PromotionView>;
  /** Newest first. */
  promotions(
    tenantId: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<PromotionView>>;
  /** A run that goes on from the current one's end. Rejects as creating a job does. */
  continue(tenantId: string, actor: string, options: ContinueOptions): Promise<JobView>;
}

export type EntityChange = 'added' | 'removed' | 'changed';

/** What promoting a run would change for those who read the current state. */
export interface Review {
  /** Null: nothing is current, and every entity is added. */
  readonly currentJobId: string | null;
  readonly jobId: string;
  readonly asOf: { readonly current: string | null; readonly run: string };
  readonly verdict: Verdict;
  readonly totals: ReviewCounts;
  readonly entityTypes: readonly (ReviewCounts & { readonly entityType: string })[];
  /** Fields of entities that exist in both; most frequent first. */
  readonly fields: readonly ReviewField[];
  /** There are more fields than are listed. */
  readonly fieldsTruncated: boolean;
}

export interface ReviewCounts {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly unchanged: number;
}

export interface ReviewField {
  readonly entityType: string;
  readonly field: string;
  readonly operation: 'added' | 'removed' | 'modified';
  readonly entities: number;
}

export interface ReviewedEntity {
  readonly entityType: string;
  readonly entityId: string;
  readonly change: EntityChange;
  /** JSON text: field, before (in the current state), after (in the run), operation of each field that differs. */
  readonly changesJson: string;
}

export interface ReviewFilters {
  readonly entityType?: string;
  readonly change?: EntityChange;
  /** Entities in which this field differs; their changes show it alone. */
  readonly field?: string;
}

export interface PromotionReviews {
  /** Rejects as promoting does, without asking for a reason. */
  review(tenantId: string, jobId: string): Promise<Review>;
  /** Entities that promoting would change, in no order that means anything. */
  entities(
    tenantId: string,
    jobId: string,
    filters: ReviewFilters,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<ReviewedEntity>>;
}

export interface CurrentServices {
  readonly state: CurrentState;
  readonly reviews: PromotionReviews;
}
