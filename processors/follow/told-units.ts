/**
 * What output topics know of a followed set's steps, in the unit log: one unit for each step that was told, sealed once all
 * its records are acknowledged. Pure.
 */
import type { UnitState } from '../replay/units.js';
import type { LiveSet } from '../store/set-states.js';
import { generationOf, liveSetOf, type PromotedSet, stepUnit } from './live-units.js';

export const TOLD_PREFIX = 'topics/';

export function toldUnit(step: SealedStep): string {
  return `${TOLD_PREFIX}${placeOf(stepUnit(step.generation, step.step))}`;
}

/** `<generation>/<step>` of a unit of either kind. */
export function placeOf(unit: string): string {
  return unit.slice(unit.indexOf('/') + 1);
}

export interface SealedStep {
  readonly unit: string;
  readonly generation: number;
  readonly step: bigint;
  readonly claim: string;
  readonly counters: UnitState['counters'];
}

/** Oldest first. */
export function sealedSteps(units: ReadonlyMap<string, UnitState>): SealedStep[] {
  return [...units]
    .filter(([, state]) => state.sealed)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([unit, { segments, counters }]) => {
      const [generation = '', step = ''] = placeOf(unit).split('/');
      return {
        unit,
        generation: Number(generation),
        step: BigInt(step),
        claim: segments[0]?.claim ?? '',
        counters,
      };
    });
}

/** Some of its events changed something, or may have. */
export function changesSomething({ counters }: SealedStep): boolean {
  return (counters.events ?? 0) > 0;
}

export interface NextStep {
  readonly step: SealedStep;
  /** Steps between the last that was told and this one are not in the log any more. */
  readonly gap: boolean;
}

/** The step that is to be told next; null: all were. Both lists oldest first. */
export function nextUntold(made: readonly SealedStep[], told: readonly SealedStep[]): NextStep | null {
  const last = told.at(-1)?.step ?? 0n;
  const behind = made.filter(({ step }) => step > last);
  const at = behind.findIndex(changesSomething);
  const step = behind[at];
  // Steps are numbered one by one, also over generations.
  return step === undefined ? null : { step, gap: step.step !== last + 1n + BigInt(at) };
}

/** The set as it was before one of its steps. */
export function setBefore(
  promoted: PromotedSet,
  units: ReadonlyMap<string, UnitState>,
  { generation, unit }: SealedStep,
): LiveSet {
  const prefix = generationOf(unit);
  const own = [...units].filter(([name, state]) => state.sealed && name.startsWith(prefix) && name < unit);
  return liveSetOf(
    promoted,
    generation,
    own.map(([, state]) => state),
  );
}
