/** The part of JavaScript's WebAssembly that the policy engine uses; Node's own types leave it to browsers. */
export {};

declare global {
  namespace WebAssembly {
    type ImportValue = Memory | ((...values: number[]) => unknown);
    type Imports = Record<string, Record<string, ImportValue>>;

    class Module {
      constructor(bytes: Uint8Array | ArrayBuffer);
    }

    class Memory {
      /** In pages of 64 KiB. */
      constructor(descriptor: { initial: number; maximum?: number });
      readonly buffer: ArrayBuffer;
      /** Throws RangeError past the maximum. */
      grow(pages: number): number;
    }

    class Global {
      readonly value: number;
    }

    class Instance {
      constructor(module: Module, imports: Imports);
      readonly exports: Readonly<Record<string, unknown>>;
    }

    class RuntimeError extends Error {}

    function compile(bytes: Uint8Array | ArrayBuffer): Promise<Module>;
  }
}
