/**
 * Rules over samples. A rule may hang, and previews run in the process that answers requests: so the samples are folded
 * twice, first to see what the rules would be asked, which the policy engine then answers in threads of its own.
 */
import type { Encoding } from '../../schemas/encoding.js';
import type { AuditEvent } from '../../schemas/event.js';
import type { Policies } from '../policy/contract.js';
import { decisionInput, decisionOf } from '../policy/rego-decision.js';
import { compileRules } from '../policy/rules-policy.js';
import { allowAll } from '../rules/built-in.js';
import type { Decision, RuleInput, RuleSet } from '../rules/rule-set.js';
import { type PreviewedEvent, previewEvents } from './preview.js';

/** Rules that decide about many inputs at once, each for itself. */
export interface BatchRules {
  decide(inputs: readonly RuleInput[]): Promise<readonly Decision[]>;
}

export const builtInBatch: BatchRules = {
  decide: async (inputs) => inputs.map((input) => allowAll.decide(input)),
};

/** Rejects as PolicyCompiler does. */
export async function regoBatch(policies: Policies, definitionJson: string): Promise<BatchRules> {
  const { run, entrypoint } = await compileRules(policies, definitionJson);
  return {
    decide: async (inputs) => {
      const asked = inputs.map((input) => decisionInput(entrypoint, input));
      return (await policies.evaluate(run, asked)).map(decisionOf);
    },
  };
}

/** As previewEvents, with what the rules, and those of the baseline, say. */
export async function previewDecisions(
  encoding: Encoding,
  events: readonly AuditEvent[],
  { rules, baseline }: { readonly rules: BatchRules; readonly baseline: BatchRules | null },
): Promise<PreviewedEvent[]> {
  const asked: RuleInput[] = [];
  const asks: RuleSet = {
    decide: (input) => {
      asked.push(input);
      return { result: undefined };
    },
  };
  previewEvents(encoding, events, { rules: asks, baseline: null });
  const answered = answers(await rules.decide(asked));
  const before = baseline === null ? null : answers(await baseline.decide(asked));
  return previewEvents(encoding, events, { rules: answered, baseline: before });
}

/** Gives the decisions in the order in which they were asked for. */
function answers(decisions: readonly Decision[]): RuleSet {
  let next = 0;
  return { decide: () => decisions[next++]! };
}
