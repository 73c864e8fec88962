/**
 * What a worker does next with a unit, as pure decisions over what it read from the unit log. The real worker and the
 * simulation (`units.simulation.test.ts`) follow these same functions; `units.ts` decides what counts.
 *
 * One round: read the unit's log → `nextStep` → act → read again.
 * - claim: append a claim row with a fresh random id, whatever the answer of the append.
 * - write: insert the output rows of a range that starts at `from`, all under the claim; only when every insert has
 *   been acknowledged, append the manifest of that range.
 * - any insert or manifest that was not acknowledged taints the claim: the same rows may already be stored, or arrive
 *   later, so nothing is ever written under that id again. A fresh claim starts where the log validly ends.
 */
import type { UnitState } from './units.js';

/** What a worker knows about the claim it works under. */
export interface OwnClaim {
  readonly claim: string;
  /** End (exclusive) of the last manifest appended under the claim; null: nothing written under it yet. */
  readonly position: bigint | null;
  /** Something written under the claim was not acknowledged. */
  readonly tainted: boolean;
}

export type UnitStep =
  /** Sealed, or output reaches the end: nothing is left to do. */
  | { readonly kind: 'done' }
  /** Somebody else holds the unit and shows life: look again later. */
  | { readonly kind: 'wait' }
  /** Append a claim row with a fresh id, then read again. */
  | { readonly kind: 'claim' }
  /** Write output from this position (null cannot happen: a held unit has one), append a manifest, read again. */
  | { readonly kind: 'write'; readonly from: bigint }
  /** The claim did not win or was taken over: forget it. What was written under it stays invisible. */
  | { readonly kind: 'abandon' };

/** A unit without more work. `end` is exclusive; null: sealed by its final manifest only, or a live unit. */
export function isFinished(state: UnitState, end: bigint | null): boolean {
  return state.sealed || (end !== null && state.position !== null && state.position >= end);
}

/**
 * @param state the unit's log as just read
 * @param end end (exclusive) of a collect unit; null for units that end by a final manifest, and for live units
 * @param own the claim that this worker appended for the unit; null: none
 * @param holderSilent what LeaseWatch says about the holder
 */
export function nextStep(
  state: UnitState,
  end: bigint | null,
  own: OwnClaim | null,
  holderSilent: boolean,
): UnitStep {
  if (isFinished(state, end)) return { kind: 'done' };
  if (own === null) return { kind: state.holder === null || holderSilent ? 'claim' : 'wait' };
  if (state.holder !== own.claim) return { kind: 'abandon' };
  // Position elsewhere than where our output ends: a manifest of ours did not count, its rows are stored all the same.
  const moved = own.position !== null && own.position !== state.position;
  if (own.tainted || moved || state.position === null) return { kind: 'claim' };
  return { kind: 'write', from: state.position };
}

/** A third of the lease: two beats may be lost before an observer takes the unit over. */
export function beatIntervalMs(leaseMs: number): number {
  return Math.max(1, Math.floor(leaseMs / 3));
}

/**
 * Watches units for signs of life: a unit whose log did not grow for a lease may be taken over. It compares what was
 * read with this observer's own monotonic clock only; no clock of the store or of the holder takes part. Taking over
 * too early costs work, never correctness.
 */
export class LeaseWatch {
  readonly #leaseMs: number;
  readonly #seen = new Map<string, { activity: number; sinceMs: number }>();

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  /** True when `activity` has stood still for a lease. `nowMs` is monotonic. */
  isSilent(unit: string, activity: number, nowMs: number): boolean {
    const seen = this.#seen.get(unit);
    if (seen === undefined || seen.activity !== activity) {
      this.#seen.set(unit, { activity, sinceMs: nowMs });
      return false;
    }
    return nowMs - seen.sinceMs >= this.#leaseMs;
  }

  /** Drops what is known of a unit that this process no longer looks at. */
  forget(unit: string): void {
    this.#seen.delete(unit);
  }
}
