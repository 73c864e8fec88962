/**
 * Rules that are Rego, in the threads of the fold: one instance a unit and thread, decisions in the order of the events.
 * The thread's parent watches the pulse (thread-pool.ts): a rule that hangs costs the thread and fails the unit.
 */
import { builtInRules } from '../rules/built-in.js';
import type { Decision, RuleEngine, RuleInput, RuleSet } from '../rules/rule-set.js';
import type { DecisionInput, Evaluated } from './contract.js';
import { sha256 } from './opa-module.js';
import { PolicyRunner, type RunnerLimits, ThreadOpa } from './policy-runner.js';
import { PREPARING, Pulse } from './pulse.js';
import { ReferencePolicy } from './reference.js';
import { decisionInput, decisionOf } from './rego-decision.js';
import type { RulesPolicy } from './rules-policy.js';

const opa = new ThreadOpa();
/** Watched by nobody, until the thread says by whom. */
let pulse = new Pulse();
let limits: RunnerLimits | null = null;

/** Called once by a thread, before it opens rules. */
export function foldThread(shared: SharedArrayBuffer, runnerLimits: RunnerLimits): void {
  pulse = new Pulse(shared);
  limits = runnerLimits;
}

/** Opens what the host has compiled (rules-policy.ts), and the built-in version. */
export const regoRules: RuleEngine = {
  open: async (version) => {
    const { policy } = version;
    return policy === undefined || limits === null
      ? builtInRules.open(version)
      : new RegoRules(policy, limits);
  },
};

class RegoRules implements RuleSet {
  readonly #policy: RulesPolicy;
  readonly #runner: PolicyRunner;
  /** Null where WebAssembly decides as OPA does. */
  readonly #reference: ReferencePolicy | null;
  #decided = 0;

  constructor(policy: RulesPolicy, runnerLimits: RunnerLimits) {
    this.#policy = policy;
    this.#runner = new PolicyRunner(policy.run, runnerLimits, opa);
    const { policy: compiled } = policy.run;
    const key = `${compiled.hash}/${sha256(policy.run.data)}`;
    this.#reference =
      compiled.caveats.length === 0
        ? null
        : new ReferencePolicy(policy.run, key, opa, runnerLimits.resultMaxBytes);
    this.#preparing(() => {
      this.#runner.prepare();
      this.#reference?.prepare();
    });
  }

  /** Throws policy_memory where the data of the rules does not fit. */
  decide(input: RuleInput): Decision {
    if (!this.#runner.isReady) this.#preparing(() => this.#runner.prepare());
    pulse.begin(this.#decided++);
    try {
      return decisionOf(this.#evaluated(decisionInput(this.#policy.entrypoint, input)));
    } finally {
      pulse.end();
    }
  }

  /** Where WebAssembly may differ from OPA, OPA itself says what is more than yes or no. */
  #evaluated(input: DecisionInput): Evaluated {
    const evaluated = this.#runner.decide(input);
    if (this.#reference === null || evaluated.kind !== 'value') return evaluated;
    return /^(true|false)$/.test(evaluated.json) ? evaluated : this.#reference.decide(input);
  }

  /** Making an instance may take longer than deciding. */
  #preparing(prepare: () => void): void {
    pulse.begin(PREPARING);
    try {
      prepare();
    } finally {
      pulse.end();
    }
  }
}
