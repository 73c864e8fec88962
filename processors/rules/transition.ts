/** What a decision comes to, and what became of the one before. Pure. */
import type { Outcome, Transition } from '../../schemas/decision.js';
import { resolvePointer } from '../sources/json-scan.js';
import type { Decision } from './rule-set.js';

/** The decision that is compared with: recorded with the event (canonical JSON; empty: none), or made by other rules. */
export type Before = { readonly recorded: string } | Decision;

/** Name of a transition's counter in a manifest, beside those of the fold. */
export function transitionCounter(transition: Transition): string {
  return `decided.${transition}`;
}

export function outcomeOf(decision: Decision): Outcome {
  if (decision.error !== undefined) return 'error';
  return decision.result === undefined ? 'undefined' : outcomeOfValue(decision.result);
}

export function outcomeBefore(before: Before): Outcome {
  if (!('recorded' in before)) return outcomeOf(before);
  return before.recorded === '' ? 'none' : outcomeOfValue(before.recorded);
}

function outcomeOfValue(json: string): Outcome {
  const verdict = json.charCodeAt(0) === 0x7b ? resolvePointer(json, '/allow') : json;
  if (verdict === 'true') return 'allow';
  return verdict === 'false' ? 'deny' : 'other';
}

/** `was` and `is` are the outcomes of `before` and `now`. */
export function transitionOf(before: Before, was: Outcome, now: Decision, is: Outcome): Transition {
  if (was === 'none') return 'unrecorded';
  if (was === is && (is === 'error' || is === 'undefined' || recordedOrMade(before) === now.result))
    return 'unchanged';
  if (is === 'error') return 'to_error';
  if (is === 'undefined') return 'to_undefined';
  if (was === 'allow' && is === 'deny') return 'allow_to_deny';
  if (was === 'deny' && is === 'allow') return 'deny_to_allow';
  return 'changed';
}

function recordedOrMade(before: Before): string | undefined {
  return 'recorded' in before ? before.recorded : before.result;
}
