/** Between rules, which see an event and the states around it, and the policy engine. Pure. */
import type { Decision, RuleInput } from '../rules/rule-set.js';
import type { DecisionInput, Evaluated } from './contract.js';

/** What rules see, and the time that they take for now: when the event happened. */
export function decisionInput(
  path: string,
  { event, stateBefore, stateAfter, occurredAtNs }: RuleInput,
): DecisionInput {
  const input = `{"event":${event},"state_after":${stateAfter},"state_before":${stateBefore}}`;
  return { path, input, nowNs: occurredAtNs };
}

/** Errors are the same words wherever the decision is made. */
export function decisionOf(evaluated: Evaluated): Decision {
  switch (evaluated.kind) {
    case 'value':
      return { result: evaluated.json };
    case 'undefined':
      return { result: undefined };
    case 'error':
      return { result: undefined, error: `${evaluated.code}: ${evaluated.message}` };
    default:
      return { result: undefined, error: evaluated.message };
  }
}
