/** Text in and out of the memory of a policy's instance, by the addresses that OPA's ABI speaks of. */
import { PAGE_BYTES } from './memory-limit.js';

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class PolicyMemory {
  readonly memory: WebAssembly.Memory;
  /** Over the whole memory, made anew when it has grown. */
  #bytes: Buffer;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.#bytes = Buffer.from(memory.buffer);
  }

  /** Bytes of a text that ends with a zero; -1: it is longer than `most`. */
  length(address: number, most = Number.POSITIVE_INFINITY): number {
    const length = this.#current().indexOf(0, address) - address;
    return length > most ? -1 : length;
  }

  read(address: number, length = this.length(address)): string {
    return decoder.decode(this.#current().subarray(address, address + length));
  }

  /** Writes to where there is room, growing the memory if it must (RangeError at its maximum); returns the bytes written. */
  write(text: string, address: number): number {
    // At most three bytes for a UTF-16 unit.
    this.#reserve(address + text.length * 3);
    return encoder.encodeInto(text, this.#current().subarray(address)).written;
  }

  /** As `write`. */
  writeBytes(bytes: Buffer, address: number): number {
    this.#reserve(address + bytes.length);
    this.#current().set(bytes, address);
    return bytes.length;
  }

  #reserve(end: number): void {
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE_BYTES));
  }

  #current(): Buffer {
    if (this.#bytes.buffer !== this.memory.buffer) this.#bytes = Buffer.from(this.memory.buffer);
    return this.#bytes;
  }
}
