/**
 * A log replay within a time: batches from the archive, the newest first, read ahead, analysed side by side until all are or
 * the time is over. What is answered is of whole batches; the rest is for another call that skips these.
 */
import { RewindError } from '../../schemas/errors.js';
import type { Policies } from '../policy/contract.js';
import type { DecisionLog, DecisionView } from '../store/decision-log.js';
import { Analysis, type AnalysisLimits, type AnalysisRules, type BatchResult } from './analysis.js';
import type { Bases } from './bases.js';
import { type BatchRange, batchId, openPieces } from './batch.js';
import type { BatchCache } from './batch-cache.js';
import type { LoggedRow } from './decision.js';
import type { Tally } from './tally.js';

export interface ReplayStats {
  batchesScheduled: number;
  batchesDownloaded: number;
  batchesDownloadErrors: number;
  batchesSkipped: number;
  batchesFromCache: number;
  batchesObserved: number;
  batchesAnalyzed: number;
  entriesObserved: number;
  entriesScheduled: number;
}

export interface ReplayOutcome {
  readonly stats: ReplayStats;
  readonly tally: Tally;
  readonly analyzed: readonly string[];
  /** All that was scheduled was analysed. */
  readonly complete: boolean;
  readonly elapsedNs: bigint;
}

export interface ReplayParts {
  readonly tenantId: string;
  readonly policies: Policies;
  readonly bases: Bases;
  readonly log: DecisionLog;
  readonly cache: BatchCache;
  readonly rules: AnalysisRules;
  readonly limits: AnalysisLimits & { readonly batchOffsets: number; readonly batchesMax: number };
  readonly skip: readonly BatchRange[];
  readonly durationNs: bigint;
}

/** Kept back of the time, so that the answer is there within it. */
const RESERVE_SHARE = 0.05;
const RESERVE_MAX_MS = 50;

export class LogReplayRun {
  readonly #parts: ReplayParts;
  readonly #analysis: Analysis;
  readonly #tally: Tally;
  readonly #analyzed: string[] = [];
  readonly #stats: ReplayStats = {
    batchesScheduled: 0,
    batchesDownloaded: 0,
    batchesDownloadErrors: 0,
    batchesSkipped: 0,
    batchesFromCache: 0,
    batchesObserved: 0,
    batchesAnalyzed: 0,
    entriesObserved: 0,
    entriesScheduled: 0,
  };
  /** Nothing counts from here on, by performance.now(): timers may be late. */
  #endMs = Number.POSITIVE_INFINITY;
  #finished = false;

  constructor(parts: ReplayParts) {
    this.#parts = parts;
    this.#analysis = new Analysis(parts.policies, parts.bases, parts.rules, parts.limits);
    this.#tally = this.#analysis.newTally();
  }

  /** @param gone the caller has hung up. Rejects with what is wrong with the proposal itself. */
  async run(gone: AbortSignal): Promise<ReplayOutcome> {
    const started = process.hrtime.bigint();
    const { durationNs } = this.#parts;
    const durationMs = Number(durationNs) / 1e6;
    const budgetMs = durationMs - Math.min(RESERVE_MAX_MS, durationMs * RESERVE_SHARE);
    const deadlineMs = performance.now() + budgetMs;
    this.#endMs = performance.now() + durationMs;
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(TIME_OVER), budgetMs);
    const signal = AbortSignal.any([over.signal, gone]);
    const aborted = new Promise<'over'>((resolve) => signal.addEventListener('abort', () => resolve('over')));
    try {
      const work = budgetMs <= 0 ? 'over' : this.#work(deadlineMs, signal);
      // What is still under way at the end is given up; nothing of it has been counted.
      if (work !== 'over') work.catch(() => undefined);
      await Promise.race([work, aborted]);
      if (gone.aborted) throw gone.reason;
    } finally {
      this.#endMs = 0;
      clearTimeout(timer);
      over.abort(TIME_OVER);
    }
    const elapsed = process.hrtime.bigint() - started;
    return {
      stats: { ...this.#stats },
      tally: this.#tally,
      analyzed: [...this.#analyzed],
      complete: this.#finished,
      // What came later was not counted.
      elapsedNs: elapsed < durationNs ? elapsed : durationNs,
    };
  }

  async #work(deadlineMs: number, signal: AbortSignal): Promise<void> {
    const { bases, log, tenantId, rules, limits, policies } = this.#parts;
    const current = await bases.current();
    if (current.proposalError !== null) throw current.proposalError;
    const view = await log.view(tenantId, rules.scopes, {
      slotOffsets: limits.batchOffsets,
      slotsMax: limits.batchesMax,
      signal,
    });
    const batches = this.#schedule(view);
    const reads = new ReadAhead(batches, (batch) => this.#read(view, batch, signal));
    const loops = Array.from({ length: Math.max(1, policies.threads) }, async () => {
      for (let next = reads.next(); next !== null; next = reads.next()) {
        const { batch, rows } = next;
        const found = await rows;
        if (this.#isOver()) return;
        if (found === null) continue;
        this.#stats.batchesObserved++;
        const result = await this.#analysis.batch(found, { deadlineMs, signal });
        if (result === null || this.#isOver()) return;
        this.#count(batch, result);
      }
    });
    await Promise.all(loops);
    this.#finished = this.#stats.batchesAnalyzed === this.#stats.batchesScheduled;
  }

  #isOver(): boolean {
    return performance.now() >= this.#endMs;
  }

  #schedule(view: DecisionView): BatchRange[] {
    const batches: BatchRange[] = [];
    for (const slot of view.slots) {
      const pieces = slot.matches ? openPieces(slot, slot.covered, this.#parts.skip) : [];
      if (pieces.length === 0) this.#stats.batchesSkipped++;
      batches.push(...pieces.map(({ topicId, partition, from, to }) => ({ topicId, partition, from, to })));
    }
    this.#stats.batchesScheduled = batches.length;
    return batches;
  }

  /** Null: it could not be read. */
  async #read(
    view: DecisionView,
    batch: BatchRange,
    signal: AbortSignal,
  ): Promise<readonly LoggedRow[] | null> {
    const { cache, tenantId } = this.#parts;
    const id = batchId(batch);
    const kept = cache.get(tenantId, id);
    if (kept !== undefined) {
      this.#stats.batchesDownloaded++;
      this.#stats.batchesFromCache++;
      return kept;
    }
    try {
      const rows = await view.rows(batch, { signal });
      if (this.#isOver()) return null;
      this.#stats.batchesDownloaded++;
      cache.set(tenantId, id, rows);
      return rows;
    } catch (error) {
      if (!(error instanceof RewindError)) throw error;
      if (!this.#isOver()) this.#stats.batchesDownloadErrors++;
      return null;
    }
  }

  #count(batch: BatchRange, { observed, scheduled, tally }: BatchResult): void {
    this.#stats.batchesAnalyzed++;
    this.#stats.entriesObserved += observed;
    this.#stats.entriesScheduled += scheduled;
    this.#tally.addAll(tally);
    this.#analyzed.push(batchId(batch));
  }
}

const TIME_OVER = new RewindError('store_timeout', 'the time of the log replay is over');

/** Batches in order, each with its rows on their way; so many are read ahead of those who take them. */
class ReadAhead {
  readonly #batches: readonly BatchRange[];
  readonly #read: (batch: BatchRange) => Promise<readonly LoggedRow[] | null>;
  readonly #ready: { batch: BatchRange; rows: Promise<readonly LoggedRow[] | null> }[] = [];
  #at = 0;

  constructor(
    batches: readonly BatchRange[],
    read: (batch: BatchRange) => Promise<readonly LoggedRow[] | null>,
  ) {
    this.#batches = batches;
    this.#read = read;
  }

  next(): { batch: BatchRange; rows: Promise<readonly LoggedRow[] | null> } | null {
    while (this.#ready.length <= AHEAD && this.#at < this.#batches.length) {
      const batch = this.#batches[this.#at++]!;
      const rows = this.#read(batch);
      // Looked at when its turn comes; until then a failure is nobody's.
      rows.catch(() => undefined);
      this.#ready.push({ batch, rows });
    }
    return this.#ready.shift() ?? null;
  }
}

const AHEAD = 2;
