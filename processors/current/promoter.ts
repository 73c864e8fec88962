/**
 * Does what promotions leave to do, in any worker process: copies the last states of a run into a set of its own, unit by
 * unit under claims, and points to the set once it is whole. What is not pointed to is seen by nobody, so a crash at any
 * line costs work and nothing else. Sets that nothing can return to any more are removed here too.
 */

import { RewindError } from '../../schemas/errors.js';
import type { JobResult } from '../../schemas/job.js';
import { stateClaims } from '../replay/base.js';
import type { Pipeline } from '../replay/pipeline.js';
import type { OnRetry } from '../replay/retry-events.js';
import { hashRanges } from '../replay/segments.js';
import { runUnit } from '../replay/unit-runner.js';
import { claimsOf } from '../replay/units.js';
import type { StoredJob } from '../store/job-log.js';
import type { PromotionLog } from '../store/promotion-log.js';
import { copyStates, dropSet, FIRST_GENERATION } from '../store/state-sets.js';
import { FAILPOINTS, reach } from '../testing/failpoints.js';
import { whyNotPromotable } from './promotable.js';
import { currentOf, keptSets, type Promotion, type Promotions } from './promotions.js';

const COPY_PREFIX = 'copy/';
/** What people ask for in this process is begun at once; what others left over can wait so long. */
const LOOK_MS = 1_000;

export type PromoterContext = Pick<
  Pipeline,
  'config' | 'store' | 'unitLog' | 'jobLog' | 'beats' | 'worker' | 'holderSilent' | 'wake'
> & { readonly promotions: PromotionLog };

export class Promoter {
  readonly #context: PromoterContext;
  readonly #onRetry: OnRetry;
  /** Tries that failed, by promotion. */
  readonly #tries = new Map<string, number>();

  constructor(context: PromoterContext, onRetry: OnRetry) {
    this.#context = context;
    this.#onRetry = onRetry;
  }

  /** Until the signal aborts; work under way is given up. */
  async run(signal: AbortSignal): Promise<void> {
    const { wake, config } = this.#context;
    while (!signal.aborted) {
      const { count } = wake;
      try {
        await this.round(signal);
      } catch (error) {
        if (!signal.aborted) this.#onRetry('', 'promotions', error);
      }
      await wake.wait(count, Math.max(LOOK_MS, config.replay.pollMs), signal);
    }
  }

  /** All that there is to do now. */
  async round(signal: AbortSignal): Promise<void> {
    const tenants = await this.#context.promotions.readAll();
    for (const { all } of tenants.values())
      for (const promotion of all.filter(({ outcome }) => outcome === 'pending')) {
        if (signal.aborted) return;
        await this.#advance(promotion, signal);
      }
    const kept = [...tenants.values()].flatMap((one) => [...this.#keptNow(one)]);
    const dropped = await this.#context.promotions.droppedJobs(kept.map(({ jobId }) => jobId));
    for (const [tenantId, promotions] of tenants) await this.#sweep(tenantId, promotions, dropped);
  }

  async #advance(promotion: Promotion, signal: AbortSignal): Promise<void> {
    const { promotionId } = promotion;
    try {
      await this.#copy(promotion, signal);
    } catch (error) {
      if (signal.aborted) return;
      const tries = (this.#tries.get(promotionId) ?? 0) + 1;
      this.#tries.set(promotionId, tries);
      const known = error instanceof RewindError ? error : null;
      const again = (known?.retryable ?? true) && tries < this.#context.config.replay.retries;
      if (again) this.#onRetry(promotion.jobId, promotionId, error);
      else await this.#fail(promotion, known?.code ?? 'internal', String((error as Error).message));
    }
  }

  /** Resolves when it is current, or when another worker has a part of it. */
  async #copy(promotion: Promotion, signal: AbortSignal): Promise<void> {
    const { unitLog, beats, worker, holderSilent, store, config } = this.#context;
    const { tenantId, setId, jobId } = promotion;
    const job = await this.#requireRun(promotion);
    const run = { jobId, claims: await stateClaims(this.#context, jobId) };
    const options = { signal, maxSeconds: config.store.statementMaxSeconds };
    const ranges = hashRanges(copyUnits(job, config.current.copyRows));
    const prefix = `${COPY_PREFIX}${ranges.length}/`;
    for (const [i, { lo, hi }] of ranges.entries()) {
      signal.throwIfAborted();
      const unit = `${prefix}${String(i).padStart(4, '0')}`;
      const state = await unitLog.read(setId, unit);
      const outcome = await runUnit({
        unitLog,
        beats,
        worker,
        scope: setId,
        unit,
        holderSilent: holderSilent(setId, unit, state),
        work: (claim) => copyStates(store, { tenantId, setId, claim, lo, hi, run }, options),
      });
      if (outcome === 'lost') return;
    }
    // The rows of the run were there until here: they only go after it is dropped.
    await this.#requireRun(promotion);
    if (FAILPOINTS) await reach('promotion.copied');
    await this.#point(promotion, prefix);
  }

  async #point(promotion: Promotion, prefix: string): Promise<void> {
    const { unitLog, promotions, wake } = this.#context;
    const units = [...(await unitLog.readScope(promotion.setId, prefix)).values()];
    await promotions.append({
      ...promotion,
      kind: 'current',
      generation: FIRST_GENERATION,
      claims: claimsOf(units),
      entities: units.reduce((sum, { counters }) => sum + (counters.entities ?? 0), 0),
    });
    wake.wake();
  }

  async #requireRun({ tenantId, jobId }: Promotion): Promise<StoredJob> {
    const job = await this.#context.jobLog.read(tenantId, jobId);
    const reason = whyNotPromotable(job, jobId);
    if (reason !== null) throw reason;
    return job!;
  }

  async #fail(promotion: Promotion, code: string, message: string): Promise<void> {
    await this.#context.promotions.append({ ...promotion, kind: 'failed', failure: { code, message } });
    this.#context.wake.wake();
  }

  async #sweep(tenantId: string, promotions: Promotions, dropped: ReadonlySet<string>): Promise<void> {
    const { store, worker, promotions: log } = this.#context;
    const { removed, swept } = promotions;
    const gone = (kind: 'removed' | 'swept', { promotionId, jobId, setId }: Promotion) =>
      log.append({ ...EMPTY, tenantId, promotionId, jobId, setId, kind, actor: worker });
    for (const set of this.#superfluous(promotions, dropped)) await gone('removed', set);
    const sets = new Map(promotions.all.map((promotion) => [promotion.setId, promotion]));
    for (const setId of removed) {
      if (swept.has(setId)) continue;
      await dropSet(store, tenantId, setId);
      await gone('swept', sets.get(setId)!);
    }
  }

  /** The promotions whose sets can be returned to. */
  #keptNow(promotions: Promotions): readonly Promotion[] {
    const kept = keptSets(promotions, this.#context.config.current.keepSets);
    const current = currentOf(promotions)?.setId;
    return promotions.pointers.filter(({ setId }) => kept.has(setId) && setId !== current);
  }

  /** Sets to remove, each by a promotion that names it. */
  #superfluous(promotions: Promotions, dropped: ReadonlySet<string>): readonly Promotion[] {
    const stays = new Set([...promotions.removed, currentOf(promotions)?.setId]);
    for (const { setId, jobId } of this.#keptNow(promotions)) if (!dropped.has(jobId)) stays.add(setId);
    for (const { setId, outcome } of promotions.all) if (outcome === 'pending') stays.add(setId);
    const sets = new Map(promotions.all.map((promotion) => [promotion.setId, promotion]));
    return [...sets.values()].filter(({ setId }) => !stays.has(setId));
  }
}

const EMPTY = {
  act: 'promote',
  generation: 0,
  claims: [],
  returnsTo: '',
  reason: '',
  asOfNs: '0',
  exactness: 'exact',
  reasons: [],
  entities: 0,
} as const;

/** Rows that are looked at, in units of about `copyRows`. */
function copyUnits({ state }: StoredJob, copyRows: number): number {
  const { counters } = state.result as JobResult;
  const { base } = (state.folding ?? {}) as { base?: { states: number } };
  return Math.max(1, Math.ceil((counters.snapshots + (base?.states ?? 0)) / copyRows));
}
