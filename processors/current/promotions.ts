/**
 * What a tenant's promotions have come to, folded from the rows of their log in insertion order. Pure.
 *
 * Of a promotion the first `current` or `failed` counts, so that two workers who finish it, or one that wakes up late,
 * change nothing. `current` counts only if its set was not removed before: who returns to a set while it is removed finds
 * out by reading back. `removed` has no effect on the set that is current at its place in the log.
 * The view `current_sets` says the same in SQL.
 */
import type { Verdict } from '../../schemas/job.js';

export type PromotionKind = 'asked' | 'current' | 'failed' | 'removed' | 'swept';
export type PromotionAct = 'promote' | 'revert';

export interface PromotionRow {
  readonly tenantId: string;
  readonly promotionId: string;
  readonly kind: PromotionKind;
  readonly act: PromotionAct;
  readonly jobId: string;
  readonly setId: string;
  readonly generation: number;
  readonly claims: readonly string[];
  /** revert: the promotion that is returned to; empty: none. */
  readonly returnsTo: string;
  readonly actor: string;
  readonly reason: string;
  readonly asOfNs: string;
  readonly exactness: Verdict['exactness'];
  readonly reasons: Verdict['reasons'];
  readonly entities: number;
  readonly errorCode: string;
  readonly error: string;
  /** RFC 3339; by the store's clock, for people. */
  readonly writtenAt: string;
}

/** A set of states: plain data, so that it crosses threads. */
export interface StateSet {
  readonly setId: string;
  readonly generation: number;
  /** Claims of the rows that count. */
  readonly claims: readonly string[];
}

export interface Promotion extends StateSet {
  readonly tenantId: string;
  readonly promotionId: string;
  readonly act: PromotionAct;
  readonly jobId: string;
  readonly returnsTo: string;
  readonly actor: string;
  readonly reason: string;
  readonly asOfNs: string;
  readonly exactness: Verdict['exactness'];
  readonly reasons: Verdict['reasons'];
  readonly entities: number;
  readonly askedAt: string;
  readonly outcome: 'pending' | 'current' | 'failed';
  /** When it became current, or failed. */
  readonly endedAt: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface Promotions {
  /** In the order in which they were asked for. */
  readonly all: readonly Promotion[];
  /** Those that became current, in that order: the last one is. */
  readonly pointers: readonly Promotion[];
  /** Sets that no `current` row can name any more. */
  readonly unnamable: ReadonlySet<string>;
  /** Sets whose rows are to go. */
  readonly removed: ReadonlySet<string>;
  /** Sets whose rows are gone. */
  readonly swept: ReadonlySet<string>;
}

/** Rows of one tenant, in insertion order. */
export function foldPromotions(rows: Iterable<PromotionRow>): Promotions {
  const byId = new Map<string, Promotion>();
  const pointers: string[] = [];
  const unnamable = new Set<string>();
  const removed = new Set<string>();
  const swept = new Set<string>();
  for (const row of rows) {
    const { promotionId, setId } = row;
    if (row.kind === 'removed') {
      unnamable.add(setId);
      if (byId.get(pointers.at(-1) ?? '')?.setId !== setId) removed.add(setId);
    } else if (row.kind === 'swept') swept.add(setId);
    else {
      const before = byId.get(promotionId);
      if (before !== undefined && before.outcome !== 'pending') continue;
      const counts = row.kind !== 'current' || !unnamable.has(setId);
      byId.set(promotionId, promotionAfter(row, before, counts));
      if (row.kind === 'current' && counts) pointers.push(promotionId);
    }
  }
  return {
    all: [...byId.values()],
    pointers: pointers.map((id) => byId.get(id)!),
    unnamable,
    removed,
    swept,
  };
}

function promotionAfter(row: PromotionRow, before: Promotion | undefined, counts: boolean): Promotion {
  const { kind, errorCode, error, writtenAt, ...rest } = row;
  const failed = kind === 'failed' || !counts;
  const said = kind === 'failed' ? { code: errorCode, message: error } : GONE;
  return {
    ...rest,
    askedAt: before?.askedAt ?? writtenAt,
    outcome: failed ? 'failed' : kind === 'current' ? 'current' : 'pending',
    endedAt: kind === 'asked' ? null : writtenAt,
    error: failed ? said : null,
  };
}

const GONE = { code: 'promotion_gone', message: 'the set was removed at the same moment' };

export function currentOf({ pointers }: Promotions): Promotion | null {
  return pointers.at(-1) ?? null;
}

/** The promotion whose run a promotion made current: itself, or the one that it returned to. */
export function originOf({ all }: Promotions, promotion: Promotion): Promotion {
  return all.find(({ promotionId }) => promotionId === promotion.returnsTo) ?? promotion;
}

/**
 * What a revert returns to where it names nothing: what was current before the run that is current was first promoted.
 * Null: nothing was.
 */
export function previousOf(promotions: Promotions): Promotion | null {
  const current = currentOf(promotions);
  if (current === null) return null;
  const origin = originOf(promotions, current);
  const at = promotions.pointers.findIndex(({ promotionId }) => promotionId === origin.promotionId);
  const before = promotions.pointers[at - 1];
  return before === undefined ? null : originOf(promotions, before);
}

/** Sets whose rows stay: of the last `keep` that were current. */
export function keptSets({ pointers }: Promotions, keep: number): ReadonlySet<string> {
  const kept = new Set<string>();
  for (const { setId } of [...pointers].reverse()) {
    if (kept.size === keep) break;
    kept.add(setId);
  }
  return kept;
}
