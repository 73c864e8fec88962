import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addTotals,
  NO_STEPS,
  STEP_SECONDS,
  type StepTotals,
  totalCounters,
  totalsOf,
  withStep,
} from './totals.js';

test('sums over steps come back from their manifests, and count each duration as a histogram does', () => {
  // Quarters of a second add up exactly.
  const step = fc.record({
    events: fc.nat(),
    refolded: fc.nat(),
    seconds: fc.nat({ max: 200 }).map((n) => n / 4),
  });
  fc.assert(
    fc.property(fc.array(step), fc.array(step), (first, second) => {
      const of = (steps: typeof first) =>
        steps.reduce<StepTotals>(
          (totals, one) => totalsOf(JSON.parse(JSON.stringify(totalCounters(withStep(totals, one))))),
          NO_STEPS,
        );
      const all = [...first, ...second];
      const sum = (name: 'events' | 'refolded' | 'seconds') =>
        all.reduce((total, one) => total + one[name], 0);
      const expected = {
        steps: all.length,
        events: sum('events'),
        refolded: sum('refolded'),
        seconds: sum('seconds'),
        within: STEP_SECONDS.map((bound) => all.filter(({ seconds }) => seconds <= bound).length),
      };
      expect(of(all)).toEqual(expected);
      expect(addTotals(of(first), of(second))).toEqual(expected);
    }),
  );
});
