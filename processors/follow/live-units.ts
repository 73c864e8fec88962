/**
 * The steps of a followed set in the unit log: one unit for each, sealed by one manifest that says how far the set has come.
 * A set that is written together begins another generation; the step that does so is the first of it.
 */
import { claimsOf, type UnitState } from '../replay/units.js';
import type { LiveSet } from '../store/set-states.js';
import { type Offsets, offsetsOf } from './consumed.js';
import { NO_STEPS, type StepTotals, totalsOf } from './totals.js';

export const LIVE_PREFIX = 'live/';
/** Held by whoever follows the set. */
export const FOLLOWER_UNIT = 'follower';

export function stepUnit(generation: number, step: bigint): string {
  return `${LIVE_PREFIX}${String(generation).padStart(6, '0')}/${step.toString().padStart(14, '0')}`;
}

/** Forgets units before this one: what is watched for long must not grow with the steps that were made. */
export function forgetBefore(units: Map<string, UnitState>, first: string): void {
  for (const unit of units.keys()) if (unit < first) units.delete(unit);
}

/** A set as it was promoted. */
export interface PromotedSet {
  readonly tenantId: string;
  readonly setId: string;
  readonly jobId: string;
  readonly generation: number;
  readonly claims: readonly string[];
}

/** What the names of all steps of a step's generation begin with. */
export function generationOf(unit: string): string {
  return unit.slice(0, unit.lastIndexOf('/') + 1);
}

/** The set after some steps of a generation. */
export function liveSetOf(promoted: PromotedSet, generation: number, steps: readonly UnitState[]): LiveSet {
  const claims = claimsOf(steps);
  return {
    setId: promoted.setId,
    generation,
    claims: generation === promoted.generation ? [...promoted.claims, ...claims] : claims,
  };
}

/** How far a set has come. */
export interface Progress {
  readonly set: LiveSet;
  /** The next step. */
  readonly step: bigint;
  /** Null: no step has been made; the set is what its run was. */
  readonly consumed: Offsets | null;
  readonly steps: number;
  /** Rows of states that the steps of the generation wrote, and those that it began with; 0: the promotion's own. */
  readonly rows: number;
  readonly began: number;
  /** Over all steps of the set. */
  readonly totals: StepTotals;
}

/** `units`: those of the set whose names begin with LIVE_PREFIX. */
export function progressOf(promoted: PromotedSet, units: ReadonlyMap<string, UnitState>): Progress {
  const sealed = [...units].filter(([, state]) => state.sealed).sort(([a], [b]) => (a < b ? -1 : 1));
  const last = sealed.at(-1);
  if (last === undefined) {
    const { setId, generation, claims } = promoted;
    return {
      set: { setId, generation, claims },
      step: 1n,
      consumed: null,
      steps: 0,
      rows: 0,
      began: 0,
      totals: NO_STEPS,
    };
  }
  const [name, { counters }] = last;
  const prefix = generationOf(name);
  const generation = Number(prefix.slice(LIVE_PREFIX.length, -1));
  const own = sealed.filter(([unit]) => unit.startsWith(prefix)).map(([, state]) => state);
  return {
    set: liveSetOf(promoted, generation, own),
    step: BigInt(name.slice(prefix.length)) + 1n,
    consumed: offsetsOf(counters),
    steps: own.length,
    rows: own.reduce((sum, state) => sum + (state.counters.entities ?? 0), 0),
    began: own[0]?.counters.began ?? 0,
    totals: totalsOf(counters),
  };
}
