/**
 * Which event ids may have been seen: a Bloom filter over their hashes, of a fixed size. It never misses one that was
 * added. The more are added the more often it errs the other way; then the store is asked, and nothing is wrong but slower.
 */

/** Bits that are set for each id; with 24 bits of room for each, one in 100,000 others is taken for seen. */
const HASHES = 12;

export class IdFilter {
  readonly #bits: Uint32Array;
  readonly #mask: number;
  size = 0;

  /** `bytes` is rounded up to a power of two, at most 512 MiB. */
  constructor(bytes: number) {
    const words = 2 ** Math.min(27, Math.max(10, Math.ceil(Math.log2(bytes / 4))));
    this.#bits = new Uint32Array(words);
    this.#mask = words - 1;
  }

  /** Adds the id with this hash; true: it may have been there. */
  add(low: number, high: number): boolean {
    let seen = true;
    let at = low;
    const step = high | 1;
    for (let i = 0; i < HASHES; i++) {
      const word = (at >>> 5) & this.#mask;
      const bit = 1 << (at & 31);
      if ((this.#bits[word]! & bit) === 0) {
        seen = false;
        this.#bits[word]! |= bit;
      }
      at = (at + step) | 0;
    }
    this.size++;
    return seen;
  }
}
