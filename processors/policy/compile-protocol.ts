/** What the compiler and its thread say to each other. */
import type { PolicyProblem } from './contract.js';

export interface CompilerData {
  readonly opa: WebAssembly.Module;
}

export interface CompileRequest {
  readonly id: number;
  readonly json: string;
}

/** The head of what OPA's compiler answers, as deploy/opa-compiler writes it. */
export interface CompileHead {
  readonly problems?: readonly PolicyProblem[];
  readonly unknown_entrypoints?: readonly string[];
  readonly entrypoints: readonly string[];
  readonly packages: readonly string[];
  readonly builtins: readonly string[];
  readonly caveats: readonly PolicyProblem[];
}

export type CompileReply =
  /** The thread has made its OPA and waits. */
  | { readonly ready: true; readonly initMs: number }
  | {
      readonly id: number;
      readonly head: CompileHead;
      /** Null where there are problems. */
      readonly module: WebAssembly.Module | null;
      readonly memoryBytes: number;
    }
  /** OPA has ended; so does the thread. */
  | { readonly id: number; readonly ended: string };
