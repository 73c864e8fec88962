/**
 * A policy with its data in one thread, for as long as it is asked: makes its instance when it is first needed, and a
 * new one after a trap and after so many decisions, since the memory of an instance only ever grows. OPA's functions
 * are one instance a thread, shared by all policies of it.
 */
import type { CompiledPolicy, DecisionInput, Evaluated, PolicyToRun } from './contract.js';
import { OpaInstance } from './opa-instance.js';
import { type InstanceLimits, PolicyInstance } from './policy-instance.js';

export interface RunnerLimits extends InstanceLimits {
  readonly instanceDecisions: number;
}

/** OPA's functions in a thread, made when a policy first calls one. */
export class ThreadOpa {
  #instance: OpaInstance | null = null;

  get(policy: CompiledPolicy): OpaInstance {
    this.#instance ??= new OpaInstance(policy.opa);
    return this.#instance;
  }

  /** After it has ended within a call. */
  drop(): void {
    this.#instance = null;
  }
}

export class PolicyRunner {
  readonly #run: PolicyToRun;
  readonly #limits: RunnerLimits;
  readonly #opa: ThreadOpa;
  #instance: PolicyInstance | null = null;

  constructor(run: PolicyToRun, limits: RunnerLimits, opa: ThreadOpa) {
    this.#run = run;
    this.#limits = limits;
    this.#opa = opa;
  }

  get isReady(): boolean {
    return this.#instance !== null;
  }

  /** Makes the instance where there is none, which may take longer than a decision. Throws as PolicyInstance does. */
  prepare(): PolicyInstance {
    const { policy, data } = this.#run;
    this.#instance ??= new PolicyInstance(policy, data, this.#limits, () => this.#opa.get(policy));
    return this.#instance;
  }

  decide(decision: DecisionInput): Evaluated {
    const instance = this.prepare();
    const outcome = instance.decide(decision);
    if (instance.isBroken) this.#opa.drop();
    if (instance.isBroken || instance.decided >= this.#limits.instanceDecisions) this.#instance = null;
    return outcome;
  }
}
