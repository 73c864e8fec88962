/** What the pool and its threads say to each other. */
import type { DecisionInput, Evaluated, PolicyToRun } from './contract.js';
import type { RunnerLimits } from './policy-runner.js';

/** Policies that a thread keeps ready. Both sides forget the oldest by the same rule. */
export const KEPT_RUNS = 8;

export interface EvaluatorData {
  readonly shared: SharedArrayBuffer;
  readonly limits: RunnerLimits;
}

export interface Batch {
  readonly id: number;
  readonly key: string;
  /** Where the thread does not have it. */
  readonly run?: PolicyToRun;
  readonly decisions: readonly DecisionInput[];
  /** From now; undefined: no end. */
  readonly maxMs?: number | undefined;
  /** By OPA's own evaluator. */
  readonly isReference: boolean;
}

export type EvaluatorReply =
  | { readonly id: number; readonly outcomes: readonly Evaluated[] }
  | { readonly id: number; readonly done: true }
  | { readonly id: number; readonly failed: { readonly code: string; readonly message: string } };
