import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome, Transition } from '../../schemas/decision.js';
import { allowAll, builtInRules } from './built-in.js';
import type { Decision } from './rule-set.js';
import { type Before, outcomeBefore, outcomeOf, transitionOf } from './transition.js';

const outcomes: readonly [Decision, Outcome][] = [
  [{ result: 'true' }, 'allow'],
  [{ result: 'false' }, 'deny'],
  [{ result: '{"allow":true,"reason":"owner"}' }, 'allow'],
  [{ result: '{"allow":false}' }, 'deny'],
  [{ result: '{"allow":"true"}' }, 'other'],
  [{ result: '{"nested":{"allow":true}}' }, 'other'],
  [{ result: '"true"' }, 'other'],
  [{ result: 'null' }, 'other'],
  [{ result: '[]' }, 'other'],
  [{ result: undefined }, 'undefined'],
  [{ result: undefined, error: 'conflict' }, 'error'],
  [{ result: 'true', error: 'conflict' }, 'error'],
];

describe('what a decision comes to', () => {
  it.each(outcomes)('%j: %s', (decision, outcome) => {
    expect(outcomeOf(decision)).toBe(outcome);
    if (decision.error === undefined && decision.result !== undefined)
      expect(outcomeBefore({ recorded: decision.result })).toBe(outcome);
  });

  it('is none where nothing was recorded', () => {
    expect(outcomeBefore({ recorded: '' })).toBe('none');
  });
});

const of = (before: Before, now: Decision): Transition =>
  transitionOf(before, outcomeBefore(before), now, outcomeOf(now));

describe('a transition', () => {
  const cases: readonly [Before, Decision, Transition][] = [
    [{ recorded: 'true' }, { result: 'true' }, 'unchanged'],
    [{ recorded: 'true' }, { result: 'false' }, 'allow_to_deny'],
    [{ recorded: '{"allow":true}' }, { result: 'false' }, 'allow_to_deny'],
    [{ recorded: 'false' }, { result: '{"allow":true}' }, 'deny_to_allow'],
    [{ recorded: 'true' }, { result: '{"allow":true}' }, 'changed'],
    [{ recorded: '"a"' }, { result: '"b"' }, 'changed'],
    [{ recorded: 'false' }, { result: undefined }, 'to_undefined'],
    [{ recorded: 'false' }, { result: undefined, error: 'x' }, 'to_error'],
    [{ result: undefined }, { result: undefined }, 'unchanged'],
    [{ result: undefined, error: 'x' }, { result: undefined, error: 'y' }, 'unchanged'],
    [{ result: undefined }, { result: undefined, error: 'y' }, 'to_error'],
    [{ result: undefined, error: 'x' }, { result: undefined }, 'to_undefined'],
    [{ result: undefined }, { result: 'true' }, 'changed'],
    [{ recorded: '' }, { result: 'true' }, 'unrecorded'],
    [{ recorded: '' }, { result: undefined, error: 'y' }, 'unrecorded'],
  ];
  it.each(cases)('%j to %j: %s', (before, now, transition) => {
    expect(of(before, now)).toBe(transition);
  });

  it('of a decision to itself is unchanged, and back and forth agree', () => {
    const decision = fc.constantFrom(...outcomes.map(([one]) => one));
    fc.assert(
      fc.property(decision, decision, (a, b) => {
        expect(of(a, a)).toBe('unchanged');
        expect(of(a, b) === 'unchanged').toBe(of(b, a) === 'unchanged');
        expect(of(a, b) === 'allow_to_deny').toBe(of(b, a) === 'deny_to_allow');
      }),
    );
  });
});

describe('the built-in rules', () => {
  it('allow everything without looking', () => {
    const input = {
      get event(): string {
        throw new Error('looked');
      },
      stateBefore: '{}',
      stateAfter: '{}',
      occurredAtNs: 0n,
    };
    expect(allowAll.decide(input)).toEqual({ result: 'true' });
  });

  it('are all that opens without a policy', async () => {
    const one = { version: 1, hash: 'h', definitionJson: '{}' };
    expect(await builtInRules.open(one)).toBe(allowAll);
    await expect(builtInRules.open({ ...one, version: 2 })).rejects.toMatchObject({
      code: 'internal',
    });
  });
});
