/**
 * One policy with its data in one thread, ready to decide. Text goes straight into the memory of the WebAssembly and
 * comes straight out of it: OPA's package keeps the ABI and the data, but would parse inputs and results on the way and
 * lose digits. Each evaluation begins on the same heap, behind the data.
 */
import * as opaWasm from '@open-policy-agent/opa-wasm';
import { RewindError } from '../../schemas/errors.js';
import { canonicalJson } from '../sources/canonical-json.js';
import { resolvePointer } from '../sources/json-scan.js';
import type { CompiledPolicy, DecisionInput, Evaluated } from './contract.js';
import { answering, normalPath } from './entrypoints.js';
import { BuiltinHalted, HostBuiltins, NOW, Unlogged } from './host-builtins.js';
import { PAGE_BYTES } from './memory-limit.js';
import { OpaEnded, type OpaInstance } from './opa-instance.js';
import { inputBytes } from './policy-input.js';
import { PolicyMemory } from './policy-memory.js';
import { jsonOfDump } from './rego-value.js';

export interface InstanceLimits {
  readonly memoryMaxBytes: number;
  readonly resultMaxBytes: number;
}

interface PolicyExports {
  readonly opa_wasm_abi_minor_version: WebAssembly.Global;
  builtins(): number;
  opa_json_dump(value: number): number;
  opa_value_dump(value: number): number;
  opa_value_parse(text: number, length: number): number;
  opa_malloc(size: number): number;
  opa_free(address: number): void;
  opa_eval(
    reserved: number,
    entrypoint: number,
    data: number,
    input: number,
    inputLength: number,
    heap: number,
    format: number,
  ): number;
}

const INITIAL_PAGES = 5;
/** The package exports it inside its default, which its types do not say. */
const { LoadedPolicy } = (opaWasm as unknown as { default: typeof opaWasm }).default;

/** What opa_eval answers in Rego's own form: a set of results, of which an entry point has one or none. */
const RESULT_HEAD = '{{"result": ';
const RESULT_TAIL = '}}';
const REGO_FORM = 1;

/** opa_abort: the policy, or the runtime within it, gave up. */
class Aborted extends Error {}

export class PolicyInstance {
  readonly #memory: PolicyMemory;
  readonly #exports: PolicyExports;
  readonly #loaded: opaWasm.LoadedPolicy;
  readonly #builtins: HostBuiltins;
  readonly #names: readonly string[];
  readonly #entrypoints: ReadonlySet<string>;
  readonly #packages: ReadonlySet<string>;
  readonly #limits: InstanceLimits;
  readonly #data: string;
  #broken = false;
  #decided = 0;

  /**
   * `opa` is asked for where the policy calls functions of it. Throws policy_memory where the data does not fit, json_*
   * where it is no JSON.
   */
  constructor(policy: CompiledPolicy, data: string, limits: InstanceLimits, opa: () => OpaInstance) {
    this.#data = canonicalJson(data);
    this.#limits = limits;
    this.#entrypoints = new Set(policy.entrypoints);
    this.#packages = new Set(policy.packages);
    const maximum = Math.max(INITIAL_PAGES, Math.floor(limits.memoryMaxBytes / PAGE_BYTES));
    this.#memory = new PolicyMemory(new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum }));
    const instance = new WebAssembly.Instance(policy.module, { env: this.#imports() });
    this.#exports = instance.exports as unknown as PolicyExports;
    this.#names = this.#builtinNames();
    const logged = new Set([NOW, ...policy.nondeterministic]);
    const callsOpa = this.#names.some((name) => !logged.has(name));
    this.#builtins = new HostBuiltins(callsOpa ? opa() : null, policy.nondeterministic);
    try {
      const minor = this.#exports.opa_wasm_abi_minor_version.value;
      this.#loaded = new LoadedPolicy(instance, this.#memory.memory, minor);
      this.#loaded.setData(new TextEncoder().encode(this.#data).buffer);
    } catch (error) {
      throw new RewindError('policy_memory', `the data of the policy does not fit: ${textOf(error)}`, {
        cause: error,
      });
    }
  }

  #builtinNames(): string[] {
    const text = this.#memory.read(this.#exports.opa_json_dump(this.#exports.builtins()));
    const names: string[] = [];
    for (const [name, id] of Object.entries(JSON.parse(text) as Record<string, number>)) names[id] = name;
    return names;
  }

  /** A new one is due: something trapped within. */
  get isBroken(): boolean {
    return this.#broken;
  }

  get decided(): number {
    return this.#decided;
  }

  decide(decision: DecisionInput): Evaluated {
    this.#decided++;
    try {
      const answer = answering(this.#entrypoints, this.#packages, decision.path);
      if (answer === null) return this.#ofData(decision.path);
      const input = decision.input === undefined ? undefined : inputBytes(decision.input);
      this.#builtins.set(decision.nowNs, decision.ndCache);
      const result = this.#evaluate(answer.entrypoint, input);
      return result === undefined ? UNDEFINED : narrowed(result, answer.below);
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** What no rule defines may still be data. */
  #ofData(path: string): Evaluated {
    const wanted = normalPath(path);
    return narrowed(this.#data, wanted === '' ? [] : wanted.split('/'));
  }

  /** Canonical JSON; undefined: the rule is. */
  #evaluate(entrypoint: string, input: Buffer | undefined): string | undefined {
    const { dataAddr, dataHeapPtr, entrypoints } = this.#loaded;
    const length = input === undefined ? 0 : this.#memory.writeBytes(input, dataHeapPtr);
    const id = entrypoints[entrypoint] as number;
    const at = this.#exports.opa_eval(
      0,
      id,
      dataAddr,
      input === undefined ? 0 : dataHeapPtr,
      length,
      dataHeapPtr + length,
      REGO_FORM,
    );
    const size = this.#memory.length(at, this.#limits.resultMaxBytes);
    if (size < 0)
      throw new RewindError(
        'policy_result_too_large',
        `the result is larger than ${this.#limits.resultMaxBytes} bytes`,
      );
    const text = this.#memory.read(at, size);
    if (!text.startsWith(RESULT_HEAD)) return undefined;
    return jsonOfDump(text.slice(RESULT_HEAD.length, -RESULT_TAIL.length));
  }

  #failed(error: unknown): Evaluated {
    if (error instanceof Unlogged) {
      // Thrown through the WebAssembly, whose heap the next evaluation resets.
      return { kind: 'not_replayable', builtin: error.builtin, message: error.message };
    }
    if (error instanceof RewindError) {
      const code = error.code === 'policy_result_too_large' ? error.code : 'policy_input_invalid';
      return { kind: 'error', code, message: error.message };
    }
    this.#broken = true;
    const message = textOf(error);
    if (error instanceof BuiltinHalted || (error instanceof Aborted && !isMemory(message)))
      return { kind: 'error', code: 'policy_error', message };
    if (error instanceof RangeError || error instanceof OpaEnded || isMemory(message))
      return { kind: 'error', code: 'policy_memory', message };
    if (error instanceof WebAssembly.RuntimeError) return { kind: 'error', code: 'policy_error', message };
    throw error;
  }

  #imports(): Record<string, WebAssembly.ImportValue> {
    const call = (id: number, ...operands: number[]): number => this.#call(this.#names[id]!, operands);
    return {
      memory: this.#memory.memory,
      opa_abort: (address) => {
        throw new Aborted(this.#memory.read(address!));
      },
      opa_println: () => undefined,
      opa_builtin0: (id) => call(id!),
      opa_builtin1: (id, _context, a) => call(id!, a!),
      opa_builtin2: (id, _context, a, b) => call(id!, a!, b!),
      opa_builtin3: (id, _context, a, b, c) => call(id!, a!, b!, c!),
      opa_builtin4: (id, _context, a, b, c, d) => call(id!, a!, b!, c!, d!),
    };
  }

  #call(name: string, operands: readonly number[]): number {
    const logged = this.#builtins.isLogged(name);
    const dump = logged ? this.#exports.opa_json_dump : this.#exports.opa_value_dump;
    const texts = operands.map((operand) => {
      const at = dump(operand);
      const text = this.#memory.read(at);
      this.#exports.opa_free(at);
      return text;
    });
    const answer = logged ? this.#builtins.logged(name, texts) : this.#builtins.call(name, texts);
    return answer === undefined ? 0 : this.#parse(answer);
  }

  #parse(text: string): number {
    const size = Buffer.byteLength(text);
    const at = this.#exports.opa_malloc(size + 1);
    this.#memory.write(text, at);
    // Strings of the value may point into the text, so it stays until the heap is reset.
    const value = this.#exports.opa_value_parse(at, size);
    if (value === 0) throw new BuiltinHalted('the answer of a builtin is no value');
    return value;
  }
}

const UNDEFINED: Evaluated = { kind: 'undefined' };

/** By the names of a path as OPA's server reads them: a whole number is an index, and no name of a member. */
function narrowed(json: string, below: readonly string[]): Evaluated {
  let value: string | undefined = json;
  for (const name of below) {
    if (/^[+-]?\d+$/.test(name) && value.startsWith('{')) return UNDEFINED;
    value = resolvePointer(value, `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    if (value === undefined) return UNDEFINED;
  }
  return { kind: 'value', json: value };
}

function isMemory(message: string): boolean {
  return message.startsWith('opa_malloc');
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
