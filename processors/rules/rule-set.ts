/**
 * What rules are to the fold: a function of one event and the states around it. An engine opens a rule version once per
 * unit of work; from then on decisions are asked for one by one, in the order of each entity's events.
 *
 * Contract of an implementation: the same input gives the same decision, whatever came before; `decide` does not wait;
 * it never throws for what a rule or an event does wrong (that is an `error` of the decision), and throws RewindError
 * only where the rule set itself can go on no more (the unit fails, and is tried again if the code is retryable).
 */

import type { PinnedRules } from '../../schemas/job.js';
import type { RulesPolicy } from '../policy/rules-policy.js';

/** The texts are JSON objects. They are made when they are read: rules that look at nothing cost nothing. */
export interface RuleInput {
  /**
   * The event in the field names of `POST audit-events`; entity_type and entity_id are those of the entity that is
   * folded, occurred_at has nanoseconds. Texts that the event does not carry are left out, and so is `decision`.
   */
  readonly event: string;
  /** The entity's state before and after the event, as snapshots show it: `{}` where it does not exist. */
  readonly stateBefore: string;
  readonly stateAfter: string;
  /** When the event happened: what rules take for now. */
  readonly occurredAtNs: bigint;
}

export interface Decision {
  /** Canonical JSON; undefined: the rules give no value for this input, or failed. */
  readonly result: string | undefined;
  /** Why they failed, in words; undefined: they did not. */
  readonly error?: string;
}

export interface RuleSet {
  decide(input: RuleInput): Decision;
}

/** A rule version in full, as it crosses threads. */
export interface RulesToOpen extends PinnedRules {
  /** Text of a RulesDefinition. */
  readonly definitionJson: string;
  /** The definition compiled; the built-in version needs no engine. */
  readonly policy?: RulesPolicy;
}

export interface RuleEngine {
  /** Rejects with policy_memory where the data of the rules does not fit. */
  open(rules: RulesToOpen): Promise<RuleSet>;
}
