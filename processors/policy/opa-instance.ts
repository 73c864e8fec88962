/**
 * One running copy of OPA inside a thread. It sees no files, no environment, no network and no arguments; a call takes
 * bytes and gives bytes. What traps is broken for good: the caller drops the instance.
 */
import { closedWasi } from './closed-wasi.js';

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly _initialize: () => void;
  readonly allocate: (size: number) => number;
  readonly answer_size: () => number;
}

export type OpaCall = 'capabilities' | 'compile' | 'builtin' | 'prepare' | 'evaluate';

type OpaExports = Exports & Readonly<Record<OpaCall, () => number>>;

/** OPA ended in the middle of a call: out of memory, or a panic. */
export class OpaEnded extends Error {}

export class OpaInstance {
  readonly #exports: OpaExports;

  /** Runs Go's initialisation: a tenth of a second, a second on a busy machine. */
  constructor(module: WebAssembly.Module) {
    const instance = new WebAssembly.Instance(module, {
      wasi_snapshot_preview1: closedWasi(() => this.#exports.memory),
    });
    this.#exports = instance.exports as unknown as OpaExports;
    this.#exports._initialize();
  }

  /** Throws OpaEnded. */
  call(name: OpaCall, request: Uint8Array): Buffer {
    const { memory, allocate, answer_size } = this.#exports;
    try {
      const at = allocate(request.length) >>> 0;
      new Uint8Array(memory.buffer, at, request.length).set(request);
      const answer = this.#exports[name]() >>> 0;
      return Buffer.from(new Uint8Array(memory.buffer, answer, answer_size() >>> 0));
    } catch (error) {
      throw new OpaEnded(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  get memoryBytes(): number {
    return this.#exports.memory.buffer.byteLength;
  }
}
