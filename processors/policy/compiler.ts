/**
 * Rego to WebAssembly, in a thread of its own that is terminated at its limits. What was compiled is kept by the hash of
 * all that went into it; the thread is started when it is needed and ended when nobody has compiled for a while, since
 * OPA takes some hundred megabytes.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, RewindError } from '../../schemas/errors.js';
import { entryPoint, packageRoot } from '../package-root.js';
import { withRules } from './bare-modules.js';
import type { CompileHead, CompileReply, CompileRequest, CompilerData } from './compile-protocol.js';
import type { CompiledPolicy, PolicyCompiler, PolicyProblem, PolicySource } from './contract.js';
import { entrypointUnknown } from './entrypoints.js';
import type { PolicyLimits } from './evaluators.js';
import { NOW } from './host-builtins.js';
import { CAPABILITIES_FILE, opaModule, readOpaRecord, sha256 } from './opa-module.js';

const IDLE_MS = 120_000;
/** JavaScript of the thread holds the sources and little else. */
const THREAD_HEAP_MB = 256;
/** Go gives memory back slowly: a thread that has grown so far is replaced. */
const RENEW_BYTES = 256 << 20;

interface Waiting {
  readonly hash: string;
  readonly json: string;
  readonly resolve: (policy: CompiledPolicy) => void;
  readonly reject: (error: unknown) => void;
}

export class OpaCompiler implements PolicyCompiler {
  readonly #limits: PolicyLimits;
  /** In the order of their last use. */
  readonly #compiled = new Map<string, Promise<CompiledPolicy>>();
  readonly #waiting: Waiting[] = [];
  #current: Waiting | null = null;
  #worker: Worker | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(limits: PolicyLimits) {
    this.#limits = limits;
  }

  async compile(source: PolicySource): Promise<CompiledPolicy> {
    this.#checkSize(source);
    const json = requestOf(source);
    const hash = sha256(`${(await readOpaRecord()).sha256}/${json}`);
    const known = this.#compiled.get(hash);
    if (known !== undefined) {
      this.#compiled.delete(hash);
      this.#compiled.set(hash, known);
      return known;
    }
    if (this.#waiting.length >= this.#limits.compilesWaiting)
      throw new RewindError('policy_compiler_busy', `${this.#waiting.length} policies wait to be compiled`);
    const compiling = new Promise<CompiledPolicy>((resolve, reject) => {
      this.#waiting.push({ hash, json, resolve, reject });
    });
    this.#keep(hash, compiling);
    this.#next();
    return compiling;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const closed = new RewindError('server_unavailable', 'the policy engine is closed');
    for (const waiting of this.#waiting.splice(0)) waiting.reject(closed);
    this.#current?.reject(closed);
    this.#current = null;
    await this.#end();
  }

  #checkSize({ modules }: PolicySource): void {
    let bytes = 0;
    for (const [path, text] of Object.entries(modules))
      bytes += Buffer.byteLength(path) + Buffer.byteLength(text);
    if (bytes > this.#limits.sourceMaxBytes)
      throw new RewindError(
        'policy_too_large',
        `${bytes} bytes of Rego, more than ${this.#limits.sourceMaxBytes}`,
      );
  }

  /** Failures are not kept: they may be of the moment, and are quick to find again. */
  #keep(hash: string, compiling: Promise<CompiledPolicy>): void {
    this.#compiled.set(hash, compiling);
    if (this.#compiled.size > this.#limits.cachedPolicies)
      this.#compiled.delete(this.#compiled.keys().next().value!);
    compiling.catch(() => this.#compiled.delete(hash));
  }

  #next(): void {
    if (this.#current !== null || this.#closed) return;
    const next = this.#waiting.shift();
    clearTimeout(this.#timer);
    if (next === undefined) {
      this.#timer = setTimeout(() => void this.#end(), IDLE_MS).unref();
      return;
    }
    this.#current = next;
    this.#ready().then(
      (worker) => this.#ask(worker, next),
      (error: unknown) => this.#settle(() => next.reject(error)),
    );
  }

  #ask(worker: Worker, { json, hash }: Waiting): void {
    if (this.#closed) return;
    worker.ref();
    this.#timer = setTimeout(() => {
      const ms = this.#limits.compileMaxMs;
      this.#fail('policy_compile_timeout', `the policy is not compiled after ${ms} ms`);
    }, this.#limits.compileMaxMs);
    worker.once('message', (reply: CompileReply) => void this.#answered(reply, json, hash));
    worker.postMessage({ id: 0, json } satisfies CompileRequest);
  }

  async #answered(reply: CompileReply, json: string, hash: string): Promise<void> {
    const current = this.#current;
    if (current === null || 'ready' in reply) return;
    if ('ended' in reply) {
      this.#fail('policy_compile_memory', `OPA's compiler has ended: ${reply.ended}`);
      return;
    }
    if (reply.memoryBytes > RENEW_BYTES) void this.#end();
    try {
      const policy = compiledOf(reply.head, reply.module, { hash, json, opa: await this.#opa() });
      this.#settle(() => current.resolve(policy));
    } catch (error) {
      this.#settle(() => current.reject(error));
    }
  }

  #fail(code: ErrorCode, message: string): void {
    const current = this.#current;
    void this.#end();
    this.#settle(() => current?.reject(new RewindError(code, message)));
  }

  #settle(tell: () => void): void {
    clearTimeout(this.#timer);
    this.#worker?.unref();
    this.#current = null;
    tell();
    this.#next();
  }

  #opa(): Promise<WebAssembly.Module> {
    return opaModule(this.#limits.compileMaxMemoryBytes);
  }

  async #ready(): Promise<Worker> {
    if (this.#worker !== null) return this.#worker;
    const data: CompilerData = { opa: await this.#opa() };
    const worker = new Worker(entryPoint('processors/policy/compiler-main.js'), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB },
    });
    this.#worker = worker;
    const died = (error: unknown): void => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      const why = error instanceof Error ? error.message : 'it ended';
      this.#fail('policy_compile_memory', `the compiling thread died: ${why}`);
    };
    await new Promise<void>((resolve) => {
      worker.once('message', () => resolve());
      worker.on('error', died).on('exit', died);
    });
    return worker;
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }
}

/** Builtins of `nondeterminism: logged`; without it the compiler does not know them. */
interface Capabilities {
  readonly builtins: readonly { readonly name: string; readonly nondeterministic?: boolean }[];
}

let capabilities: Capabilities | null = null;

function allowed(): Capabilities {
  capabilities ??= JSON.parse(readFileSync(join(packageRoot(), CAPABILITIES_FILE), 'utf8')) as Capabilities;
  return capabilities;
}

/** Non-deterministic by OPA's own word, though the operands and the time given say all. */
const PURE = /^(time\.now_ns|rego\.metadata\.(chain|rule)|io\.jwt\.decode_verify)$/;

const looksAtWorld = (builtin: { name: string; nondeterministic?: boolean }): boolean =>
  builtin.nondeterministic === true && !PURE.test(builtin.name);

/** Everything that makes a difference, in one order. */
function requestOf({
  modules,
  entrypoints = [],
  regoVersion = 1,
  nondeterminism = 'refused',
}: PolicySource): string {
  const { builtins, ...rest } = allowed();
  const kept = nondeterminism === 'logged' ? builtins : builtins.filter((one) => !looksAtWorld(one));
  const sorted = Object.fromEntries(Object.entries(withRules(modules)).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify({
    modules: sorted,
    entrypoints: [...entrypoints].sort(),
    rego_version: regoVersion,
    capabilities: { ...rest, builtins: kept },
  });
}

function compiledOf(
  { problems = [], unknown_entrypoints: unknown = [], entrypoints, packages, builtins, caveats }: CompileHead,
  module: WebAssembly.Module | null,
  { hash, json, opa }: { hash: string; json: string; opa: WebAssembly.Module },
): CompiledPolicy {
  if (problems.length > 0) throw refused(problems);
  if (unknown.length > 0) throw entrypointUnknown(unknown[0]!, entrypoints);
  if (module === null) throw new RewindError('internal', "OPA's compiler gave nothing");
  const wantsAll = (JSON.parse(json) as { entrypoints: unknown[] }).entrypoints.length === 0;
  const world = new Set(
    allowed()
      .builtins.filter(looksAtWorld)
      .map(({ name }) => name),
  );
  return {
    hash,
    module,
    opa,
    requestJson: json,
    entrypoints,
    packages: wantsAll ? packages : [],
    nondeterministic: builtins.filter((name) => name !== NOW && world.has(name)),
    caveats,
  };
}

/** The first problem says the code: a forbidden builtin before anything else. */
function refused(problems: readonly PolicyProblem[]): RewindError {
  const forbidden = problems.find(({ code }) => code === 'builtin_not_allowed');
  const { file, row, col, message } = forbidden ?? problems[0]!;
  const place = file === '' ? '' : `${file}:${row}:${col}: `;
  return new RewindError(
    forbidden === undefined ? 'policy_invalid' : 'builtin_not_allowed',
    `${place}${message}`,
    {
      facts: { problems },
    },
  );
}
