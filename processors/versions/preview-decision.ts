/** What rules say about a sample, beside what was said before. Pure. */
import type { Outcome, Transition } from '../../schemas/decision.js';
import type { Decision, RuleInput, RuleSet } from '../rules/rule-set.js';
import { type Before, outcomeBefore, outcomeOf, transitionOf } from '../rules/transition.js';

export interface DecidedSample {
  /** Null: undefined, or an error. */
  readonly decisionJson: string | null;
  readonly error: string | null;
  readonly beforeJson: string | null;
  readonly was: Outcome;
  readonly now: Outcome;
  readonly transition: Transition;
}

/** `recorded`: canonical JSON of the decision recorded with the event; empty: none. */
export function decideSample(
  rules: { readonly rules: RuleSet; readonly baseline: RuleSet | null },
  recorded: string,
  input: RuleInput,
): DecidedSample {
  const decision = rules.rules.decide(input);
  const before: Before = rules.baseline?.decide(input) ?? { recorded };
  const now = outcomeOf(decision);
  const was = outcomeBefore(before);
  return {
    decisionJson: valueOfDecision(decision),
    error: decision.error ?? null,
    beforeJson: 'recorded' in before ? before.recorded || null : valueOfDecision(before),
    was,
    now,
    transition: transitionOf(before, was, decision, now),
  };
}

function valueOfDecision({ result, error }: Decision): string | null {
  return error === undefined ? (result ?? null) : null;
}
