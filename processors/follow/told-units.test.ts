import { expect, test } from 'vitest';
import { emptyUnit, type UnitState } from '../replay/units.js';
import { stepUnit } from './live-units.js';
import { nextUntold, sealedSteps, setBefore, toldUnit } from './told-units.js';

const sealed = (claim: string, counters: Record<string, number>): UnitState => ({
  ...emptyUnit(),
  sealed: true,
  segments: [{ claim, from: 0n, to: 1n }],
  counters,
});

/** Steps 1 and 2, the set written together as step 3, a step without events, and two more. */
const MADE = new Map([
  [stepUnit(1, 1n), sealed('11', { events: 5 })],
  [stepUnit(1, 2n), sealed('12', { events: 1 })],
  [stepUnit(2, 3n), sealed('13', { began: 9 })],
  [stepUnit(2, 4n), sealed('14', {})],
  [stepUnit(2, 5n), sealed('15', { events: 2 })],
  [stepUnit(2, 6n), emptyUnit()],
]);
const made = sealedSteps(MADE);
const toldUpTo = (last: bigint) =>
  sealedSteps(
    new Map(
      made.filter(({ step }) => step <= last).map((one) => [toldUnit(one), sealed(`t${one.claim}`, {})]),
    ),
  );

test('steps are told in order; those that changed nothing are left out', () => {
  expect(nextUntold(made, [])).toMatchObject({ step: { step: 1n, claim: '11' }, gap: false });
  expect(nextUntold(made, toldUpTo(1n))).toMatchObject({ step: { step: 2n }, gap: false });
  expect(nextUntold(made, toldUpTo(2n))).toMatchObject({ step: { step: 5n }, gap: false });
  expect(nextUntold(made, toldUpTo(5n))).toBeNull();
});

test('what was removed before it was told is a gap', () => {
  const left = made.filter(({ generation }) => generation === 2);
  expect(nextUntold(left, toldUpTo(1n))).toMatchObject({ step: { step: 5n }, gap: true });
  // One is still known of the generation that was removed.
  expect(
    nextUntold([sealedSteps(new Map([[stepUnit(1, 1n), sealed('1', {})]]))[0]!, ...left], []),
  ).toMatchObject({
    gap: true,
  });
  expect(nextUntold(left, toldUpTo(2n))).toMatchObject({ step: { step: 5n }, gap: false });
  expect(nextUntold(left, [])).toMatchObject({ step: { step: 5n }, gap: true });
});

test('before a step the set is what it was promoted with, or began its generation with, and the steps up to it', () => {
  const set = { tenantId: 't', setId: 's', jobId: 'j', generation: 1, claims: ['1', '2'] };
  expect(setBefore(set, MADE, made[1]!)).toEqual({ setId: 's', generation: 1, claims: ['1', '2', '11'] });
  expect(setBefore(set, MADE, made[4]!)).toEqual({ setId: 's', generation: 2, claims: ['13', '14'] });
});
