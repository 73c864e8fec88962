/** Builds what people may ask about current states from the parts of the pipeline that it stands on. */
import { liveSet } from '../follow/live-set.js';
import type { Pipeline } from '../replay/pipeline.js';
import type { ReplayService } from '../replay/service.js';
import type { Results } from '../results/contract.js';
import { CurrentReads } from '../store/current-reads.js';
import type { PromotionLog } from '../store/promotion-log.js';
import type { Store } from '../store/store.js';
import type { CurrentServices } from './contract.js';
import { PromotedState } from './current-state.js';
import type { Promotion, StateSet } from './promotions.js';
import { StoredReviews } from './reviews.js';

export interface CurrentParts extends Pick<Pipeline, 'config' | 'jobLog' | 'unitLog' | 'wake'> {
  readonly promotions: PromotionLog;
  /** May only read. */
  readonly reader: Store;
  readonly jobs: Pick<ReplayService, 'create'>;
  readonly results: Results;
}

export function openCurrentState(parts: CurrentParts): CurrentServices {
  const { reader, results } = parts;
  // A set that is followed has further rows, and in time another generation.
  const openSet = (promotion: Promotion): Promise<StateSet> => liveSet(parts.unitLog, promotion);
  const state = new PromotedState({
    ...parts,
    openSet,
    reads: new CurrentReads(reader),
    exportOf: (tenantId, format, { entityType, prefix }) =>
      results.exports.streamOfTenant(tenantId, 'current-state', format, {
        ...(entityType === undefined ? {} : { entityType }),
        ...(prefix === undefined ? {} : { entityPrefix: prefix }),
      }),
  });
  return { state, reviews: new StoredReviews({ ...parts, store: reader, openSet }) };
}
