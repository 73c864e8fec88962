/**
 * What the policy engine is to those who use it: Rego in, decisions out. Everything that crosses is text: inputs, data
 * and results are JSON that is never parsed on the way, so no digit is lost.
 *
 * The way: `PolicyCompiler.compile` (a killable process, cached by content) → `PolicyEvaluators.evaluate` (killable
 * threads, batch by batch). The fold decides in its own threads by the same instances (rego-rules.ts). Nothing here
 * knows of decision logs, tenants or stores; a policy's hash names its content, so equal hashes may share everything.
 */
import type { ErrorCode } from '../../schemas/errors.js';

/** What non-deterministic builtins (http.send, rand.intn, uuid.rfc4122 …) may do. `time.now_ns` is always pinned. */
export type Nondeterminism =
  /** The compiler refuses them: builtin_not_allowed. For rules that run on events. */
  | 'refused'
  /** They answer from the decision's own nd_builtin_cache and from nothing else. For replays of decision logs. */
  | 'logged';

export interface PolicySource {
  /** Rego texts by path; the path is what compile errors name, and nothing is read from it. */
  readonly modules: Readonly<Record<string, string>>;
  /** `httpapi/authz/allow`, or a package. Absent: all packages and rules, which suits logs with many paths. */
  readonly entrypoints?: readonly string[];
  /** Default 1. */
  readonly regoVersion?: 0 | 1;
  /** Default `refused`. */
  readonly nondeterminism?: Nondeterminism;
}

/** May be posted to threads as it is: a WebAssembly.Module is shared, not copied. */
export interface CompiledPolicy {
  /** SHA-256 (hex) over source, options and the compiler itself. */
  readonly hash: string;
  readonly module: WebAssembly.Module;
  /** What was compiled, as OPA's compiler takes it; for OPA's own evaluator. */
  readonly requestJson: string;
  /** OPA itself, whose functions serve the builtins that the policy's WebAssembly does not bring. */
  readonly opa: WebAssembly.Module;
  /** Sorted. */
  readonly entrypoints: readonly string[];
  /** Those of them that are packages, where all packages and rules are entry points; else none. */
  readonly packages: readonly string[];
  /** Non-deterministic builtins that a decision may call; without an answer in its cache it is not replayable. */
  readonly nondeterministic: readonly string[];
  /** Places where OPA's WebAssembly may decide otherwise than OPA (docs/policies.md); `reference` tells. */
  readonly caveats: readonly PolicyProblem[];
}

/** One line of what OPA's compiler says; in `facts.problems` of policy_invalid and builtin_not_allowed. */
export interface PolicyProblem {
  /** OPA's code (rego_parse_error, rego_type_error, …), or builtin_not_allowed. */
  readonly code: string;
  readonly message: string;
  /** Path of the module; empty: the set as a whole. */
  readonly file: string;
  /** From 1; 0 where there is no place. */
  readonly row: number;
  readonly col: number;
}

export interface PolicyCompiler {
  /**
   * Compiles, or takes what was compiled before. Rejects with policy_invalid, builtin_not_allowed (both with
   * `facts.problems: PolicyProblem[]`, the first in the message as `file:row:col: …`), entrypoint_unknown (with
   * `facts.entrypoints`), policy_too_large, policy_compile_timeout, policy_compile_memory or policy_compiler_busy
   * (retryable). The process that compiles is killed at its limits; calls that wait are served by the next one.
   */
  compile(source: PolicySource): Promise<CompiledPolicy>;
  close(): Promise<void>;
}

/** A policy with the data that it sees below `data`. */
export interface PolicyToRun {
  readonly policy: CompiledPolicy;
  /** A JSON object; packages lie over it. Parsed once a thread, for as long as the same text comes again. */
  readonly data: string;
}

/** One decision to make. */
export interface DecisionInput {
  /**
   * `httpapi/authz/allow`; slashes in front are ignored. A path below a rule narrows its value; a path that leads
   * nowhere is undefined, as in OPA. `requireEntrypoint` is for callers who want to refuse it instead.
   */
  readonly path: string;
  /** JSON text of any kind; undefined: there is no input, which Rego tells from null. */
  readonly input: string | undefined;
  /** Nanoseconds since 1970 that `time.now_ns` gives, unless the cache has an answer. */
  readonly nowNs: bigint;
  /** JSON text of the log's nd_builtin_cache: `{"http.send": {"[…]": …}}`. */
  readonly ndCache?: string | undefined;
}

/** Why a decision cannot be made again: a non-deterministic builtin without its logged answer. */
export interface NotReplayable {
  readonly kind: 'not_replayable';
  readonly builtin: string;
  readonly message: string;
}

export type DecisionError = Extract<
  ErrorCode,
  'policy_error' | 'policy_timeout' | 'policy_memory' | 'policy_result_too_large' | 'policy_input_invalid'
>;

export type Evaluated =
  /** Canonical JSON. */
  | { readonly kind: 'value'; readonly json: string }
  | { readonly kind: 'undefined' }
  | NotReplayable
  /** policy_error: Rego itself failed (conflicting values of a rule, a builtin that raises). */
  | { readonly kind: 'error'; readonly code: DecisionError; readonly message: string };

export interface EvaluateOptions {
  /** Aborting kills the thread if it must; rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Monotonic (performance.now()) time after which no further decision is begun; what was not begun is missing at the
   * end of the answer. One decision may overrun it by `policies.decisionMaxMs`.
   */
  readonly deadlineMs?: number | undefined;
}

export interface PolicyEvaluators {
  /** How many batches run at once; more wait for a thread, in order. */
  readonly threads: number;
  /**
   * Decisions in the order given, one outcome each (fewer only behind a deadline). A decision that hangs or grows beyond
   * its limits is an `error` of its own, and the batch goes on behind it in a fresh thread. Rejects only where no
   * decision can be made at all: json_* when the data is no JSON, policy_memory when the data does not fit.
   */
  evaluate(
    run: PolicyToRun,
    decisions: readonly DecisionInput[],
    options?: EvaluateOptions,
  ): Promise<Evaluated[]>;
  /**
   * The same by OPA's own evaluator, about a hundred times slower: what OPA itself would have decided. For the few
   * decisions that `evaluate` says would change, since OPA's WebAssembly differs from OPA in places (docs/policies.md).
   */
  reference(
    run: PolicyToRun,
    decisions: readonly DecisionInput[],
    options?: EvaluateOptions,
  ): Promise<Evaluated[]>;
  close(): Promise<void>;
}

/** The engine as a whole; `Rewind.policies` in topology.ts. */
export interface Policies
  extends PolicyCompiler,
    Pick<PolicyEvaluators, 'evaluate' | 'reference' | 'threads'> {}
