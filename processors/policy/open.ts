/** Compiler and evaluating threads as one; threads start when they are first needed. */
import { OpaCompiler } from './compiler.js';
import type {
  CompiledPolicy,
  DecisionInput,
  Evaluated,
  EvaluateOptions,
  Policies,
  PolicySource,
  PolicyToRun,
} from './contract.js';
import { EvaluatorPool, type PolicyLimits } from './evaluators.js';

export function openPolicies(limits: PolicyLimits): Policies {
  return new PolicyEngine(limits);
}

class PolicyEngine implements Policies {
  readonly threads: number;
  readonly #compiler: OpaCompiler;
  readonly #pool: EvaluatorPool;

  constructor(limits: PolicyLimits) {
    this.#compiler = new OpaCompiler(limits);
    this.#pool = new EvaluatorPool(limits);
    this.threads = this.#pool.threads;
  }

  compile(source: PolicySource): Promise<CompiledPolicy> {
    return this.#compiler.compile(source);
  }

  evaluate(
    run: PolicyToRun,
    decisions: readonly DecisionInput[],
    options?: EvaluateOptions,
  ): Promise<Evaluated[]> {
    return this.#pool.evaluate(run, decisions, options);
  }

  reference(
    run: PolicyToRun,
    decisions: readonly DecisionInput[],
    options?: EvaluateOptions,
  ): Promise<Evaluated[]> {
    return this.#pool.reference(run, decisions, options);
  }

  async close(): Promise<void> {
    await Promise.all([this.#compiler.close(), this.#pool.close()]);
  }
}
