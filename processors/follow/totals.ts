/**
 * What the steps of a followed set came to together. Each manifest has the sums up to its step, so that every process knows
 * the same figures, whoever made the steps, and they outlive what is removed from the log. Pure.
 */

/** Upper bounds of the histogram of durations, in seconds. */
export const STEP_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

export interface StepTotals {
  readonly steps: number;
  readonly events: number;
  readonly refolded: number;
  readonly seconds: number;
  /** Steps that took no longer than each of STEP_SECONDS. */
  readonly within: readonly number[];
}

export interface StepFigures {
  /** New events. */
  readonly events: number;
  readonly refolded: number;
  readonly seconds: number;
}

export const NO_STEPS: StepTotals = {
  steps: 0,
  events: 0,
  refolded: 0,
  seconds: 0,
  within: STEP_SECONDS.map(() => 0),
};

export function withStep(totals: StepTotals, { events, refolded, seconds }: StepFigures): StepTotals {
  return {
    steps: totals.steps + 1,
    events: totals.events + events,
    refolded: totals.refolded + refolded,
    seconds: totals.seconds + seconds,
    within: totals.within.map((count, i) => count + (seconds <= STEP_SECONDS[i]! ? 1 : 0)),
  };
}

export function addTotals(a: StepTotals, b: StepTotals): StepTotals {
  return {
    steps: a.steps + b.steps,
    events: a.events + b.events,
    refolded: a.refolded + b.refolded,
    seconds: a.seconds + b.seconds,
    within: a.within.map((count, i) => count + b.within[i]!),
  };
}

/** As counters of a step's manifest: with the step, if it folded something. */
export function totalsWith(totals: StepTotals, step: StepFigures): Record<string, number> {
  return totalCounters(step.events === 0 ? totals : withStep(totals, step));
}

/** As counters of a step's manifest. */
export function totalCounters(totals: StepTotals): Record<string, number> {
  const { steps, events, refolded, seconds, within } = totals;
  const counters: Record<string, number> = {
    'sum/steps': steps,
    'sum/events': events,
    'sum/refolded': refolded,
    'sum/seconds': seconds,
  };
  within.forEach((count, i) => {
    counters[`sum/within/${STEP_SECONDS[i]}`] = count;
  });
  return counters;
}

export function totalsOf(counters: Readonly<Record<string, number>>): StepTotals {
  const sum = (name: string) => counters[`sum/${name}`] ?? 0;
  return {
    steps: sum('steps'),
    events: sum('events'),
    refolded: sum('refolded'),
    seconds: sum('seconds'),
    within: STEP_SECONDS.map((bound) => sum(`within/${bound}`)),
  };
}
