/**
 * The builtins that a policy's WebAssembly leaves to its host. Those that look at the world are answered from what the
 * decision's log says they answered, the clock is the logged time, and the rest are OPA's own functions (opa-instance.ts).
 * Operands and answers are Rego values as text.
 */
import { canonicalJson } from '../sources/canonical-json.js';
import { topLevelFields } from '../sources/json-scan.js';
import type { OpaInstance } from './opa-instance.js';
import { plainSprintf } from './plain-sprintf.js';

/** Ends the evaluation: nobody knows what the builtin answered. */
export class Unlogged extends Error {
  readonly builtin: string;

  constructor(builtin: string) {
    super(`${builtin} is not deterministic, and the log has no answer of it for these operands`);
    this.builtin = builtin;
  }
}

/** OPA would have stopped the query here. */
export class BuiltinHalted extends Error {}

export const NOW = 'time.now_ns';

/** First byte of an answer of OPA's function, as deploy/opa-compiler has it. */
const UNDEFINED = 0x30;
const VALUE = 0x31;

export class HostBuiltins {
  readonly #opa: OpaInstance | null;
  readonly #nondeterministic: ReadonlySet<string>;
  #nowNs = 0n;
  #ndCache: string | undefined;
  #answers: ReadonlyMap<string, ReadonlyMap<string, string>> | null = null;

  /** `opa`: null where the policy calls none of its functions. */
  constructor(opa: OpaInstance | null, nondeterministic: readonly string[]) {
    this.#opa = opa;
    this.#nondeterministic = new Set(nondeterministic);
  }

  /** Before each decision. */
  set(nowNs: bigint, ndCache: string | undefined): void {
    this.#nowNs = nowNs;
    this.#ndCache = ndCache;
    this.#answers = null;
  }

  /** Whether answers depend on the log, so that operands are wanted as JSON. */
  isLogged(name: string): boolean {
    return name === NOW || this.#nondeterministic.has(name);
  }

  /** `operands`: JSON. Throws Unlogged, and json_* where the cache is no JSON. */
  logged(name: string, operands: readonly string[]): string {
    const answer = this.#logged()
      .get(name)
      ?.get(canonicalJson(`[${operands.join(',')}]`));
    if (answer !== undefined) return answer;
    if (name === NOW) return this.#nowNs.toString();
    throw new Unlogged(name);
  }

  /** `operands`: Rego values. Undefined: the builtin is, for these. Throws BuiltinHalted, OpaEnded. */
  call(name: string, operands: readonly string[]): string | undefined {
    const plain = name === 'sprintf' ? plainSprintf(operands) : null;
    if (plain !== null) return plain;
    if (this.#opa === null) throw new BuiltinHalted(`no builtin ${name}`);
    const request = Buffer.from([name, this.#nowNs.toString(), ...operands].join('\0'));
    const answer = this.#opa.call('builtin', request);
    if (answer[0] === UNDEFINED) return undefined;
    const text = answer.toString('utf8', 1);
    if (answer[0] === VALUE) return text;
    throw new BuiltinHalted(text);
  }

  #logged(): ReadonlyMap<string, ReadonlyMap<string, string>> {
    this.#answers ??= answersOf(this.#ndCache);
    return this.#answers;
  }
}

/** Operands are names of members there: JSON in a string. */
function answersOf(ndCache: string | undefined): Map<string, Map<string, string>> {
  const answers = new Map<string, Map<string, string>>();
  if (ndCache === undefined) return answers;
  for (const { name, value } of topLevelFields(canonicalJson(ndCache))) {
    const calls = [...topLevelFields(value)];
    answers.set(name, new Map(calls.map((call) => [canonicalJson(call.name), call.value])));
  }
  return answers;
}
