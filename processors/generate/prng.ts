/**
 * Seeded randomness for generators and simulations: PCG-XSH-RR 64/32 kept in two 32-bit halves, so that a seed gives
 * the same sequence on every machine and Node version. Not for secrets.
 */

// The LCG multiplier 6364136223846793005 in two halves, from the PCG paper (O'Neill, 2014).
const MUL_HIGH = 0x5851f42d;
const MUL_LOW = 0x4c957f2d;

const HEX = Array.from({ length: 0x10000 }, (_, i) => i.toString(16).padStart(4, '0'));

function hex8(word: number): string {
  return HEX[word >>> 16]! + HEX[word & 0xffff]!;
}

export class Prng {
  #high: number;
  #low: number;
  readonly #incHigh: number;
  readonly #incLow: number;

  /** Two streams of one seed are independent: give each part of a generator its own. */
  constructor(seed: number, stream = 0) {
    this.#high = 0;
    this.#low = 0;
    this.#incHigh = stream >>> 31;
    this.#incLow = ((stream << 1) | 1) >>> 0;
    this.u32();
    const low = this.#low + (seed >>> 0);
    this.#low = low >>> 0;
    this.#high = (this.#high + Math.floor(seed / 0x1_0000_0000) + (low > 0xffff_ffff ? 1 : 0)) >>> 0;
    this.u32();
  }

  /** Uniform in 0..2^32-1. */
  u32(): number {
    const high = this.#high;
    const low = this.#low;
    // state = state * multiplier + increment, modulo 2^64, by 16-bit limbs of the low product.
    const a0 = low & 0xffff;
    const a1 = low >>> 16;
    const b0 = MUL_LOW & 0xffff;
    const b1 = MUL_LOW >>> 16;
    const p00 = a0 * b0;
    const p01 = a0 * b1;
    const p10 = a1 * b0;
    const middle = (p00 >>> 16) + (p01 & 0xffff) + (p10 & 0xffff);
    const carry = a1 * b1 + (p01 >>> 16) + (p10 >>> 16) + (middle >>> 16);
    const newLow = (((middle & 0xffff) << 16) | (p00 & 0xffff)) >>> 0;
    const newHigh = (carry + Math.imul(high, MUL_LOW) + Math.imul(low, MUL_HIGH)) >>> 0;
    const sum = newLow + this.#incLow;
    this.#low = sum >>> 0;
    this.#high = (newHigh + this.#incHigh + (sum > 0xffff_ffff ? 1 : 0)) >>> 0;
    // Output: xorshift high bits of the old state, rotated by its top five bits.
    const xorLow = (low ^ ((low >>> 18) | (high << 14))) >>> 0;
    const xorHigh = (high ^ (high >>> 18)) >>> 0;
    const word = ((xorLow >>> 27) | (xorHigh << 5)) >>> 0;
    const turn = high >>> 27;
    return ((word >>> turn) | (word << (-turn & 31))) >>> 0;
  }

  /** Uniform in 0 (inclusive) to 1 (exclusive). */
  float(): number {
    return this.u32() / 0x1_0000_0000;
  }

  /** Uniform integer, both ends included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.float() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.float() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.float() * items.length)]!;
  }

  /** Uniform in 0..2^64-1. */
  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }

  hex(length: number): string {
    let text = '';
    while (text.length < length) text += hex8(this.u32());
    return text.length === length ? text : text.slice(0, length);
  }

  /** Text of UUID form (version 4 bits set). */
  uuid(): string {
    const a = hex8(this.u32());
    const b = hex8((this.u32() & 0xffff_0fff) | 0x4000);
    const c = hex8((this.u32() & 0x3fff_ffff) | 0x8000_0000);
    const d = hex8(this.u32());
    return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`;
  }

  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      const kept = items[i]!;
      items[i] = items[j]!;
      items[j] = kept;
    }
    return items;
  }
}
