/**
 * The event ids of one entity, exactly, with the body hash of the first event of each: what tells a duplicate from a
 * conflict. An open-addressing table over an arena of bytes, because a JavaScript string for each event would cost
 * more than the rest of the fold's bookkeeping. Emptied, not freed, between entities.
 */
import { sameBytes } from '../encodings/json-bytes.js';

export const FIRST = 0;
export const DUPLICATE = 1;
export const CONFLICT = 2;

const SLOTS_MIN = 64;
/** What an exceptionally large entity made grow is given back when it ends. */
const ARENA_KEEP_BYTES = 4 << 20;
const HASH_BYTES = 8;

/** An entry of the arena: body hash, length of the id (u32), id. A slot holds the entry's index + 1; 0: free. */
const HEAD_BYTES = HASH_BYTES + 4;

export class EventIds {
  #slots = new Float64Array(SLOTS_MIN);
  #mask = SLOTS_MIN - 1;
  #arena = Buffer.allocUnsafe(1 << 14);
  #used = 0;
  size = 0;

  clear(): void {
    if (this.#arena.length > ARENA_KEEP_BYTES) {
      this.#arena = Buffer.allocUnsafe(1 << 14);
      this.#slots = new Float64Array(SLOTS_MIN);
    } else if (this.size > 0) {
      this.#slots.fill(0, 0, this.#mask + 1);
    }
    this.#mask = SLOTS_MIN - 1;
    this.#used = 0;
    this.size = 0;
  }

  /** Adds the id at start..end; the body hash is the 8 bytes at `bodyHash`. */
  add(bytes: Buffer, start: number, end: number, bodyHash: number): number {
    const mask = this.#mask;
    let slot = hash(bytes, start, end) & mask;
    for (;;) {
      const entry = this.#slots[slot]!;
      if (entry === 0) break;
      if (this.#isAt(entry - 1, bytes, start, end)) {
        return sameBytes(
          this.#arena,
          entry - 1,
          entry - 1 + HASH_BYTES,
          bytes,
          bodyHash,
          bodyHash + HASH_BYTES,
        )
          ? DUPLICATE
          : CONFLICT;
      }
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = this.#append(bytes, start, end, bodyHash) + 1;
    if (++this.size * 2 > mask) this.#grow();
    return FIRST;
  }

  #isAt(entry: number, bytes: Buffer, start: number, end: number): boolean {
    const id = entry + HEAD_BYTES;
    const size = this.#sizeAt(entry);
    return size === end - start && sameBytes(this.#arena, id, id + size, bytes, start, end);
  }

  #sizeAt(entry: number): number {
    const arena = this.#arena;
    const at = entry + HASH_BYTES;
    return arena[at]! | (arena[at + 1]! << 8) | (arena[at + 2]! << 16) | (arena[at + 3]! << 24);
  }

  #append(bytes: Buffer, start: number, end: number, bodyHash: number): number {
    const size = end - start;
    const entry = this.#used;
    const after = entry + HEAD_BYTES + size;
    if (after > this.#arena.length) {
      const grown = Buffer.allocUnsafe(Math.max(after, this.#arena.length * 2));
      this.#arena.copy(grown, 0, 0, entry);
      this.#arena = grown;
    }
    const arena = this.#arena;
    for (let i = 0; i < HASH_BYTES; i++) arena[entry + i] = bytes[bodyHash + i]!;
    const at = entry + HASH_BYTES;
    arena[at] = size;
    arena[at + 1] = size >>> 8;
    arena[at + 2] = size >>> 16;
    arena[at + 3] = size >>> 24;
    for (let i = 0; i < size; i++) arena[at + 4 + i] = bytes[start + i]!;
    this.#used = after;
    return entry;
  }

  #grow(): void {
    const slots = (this.#mask + 1) * 2;
    if (slots > this.#slots.length) this.#slots = new Float64Array(slots);
    else this.#slots.fill(0, 0, slots);
    this.#mask = slots - 1;
    for (let entry = 0; entry < this.#used; ) {
      const id = entry + HEAD_BYTES;
      const end = id + this.#sizeAt(entry);
      let slot = hash(this.#arena, id, end) & this.#mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = entry + 1;
      entry = end;
    }
  }
}

/** FNV-1a with a final mix: ids often differ in their last bytes only. */
export function hash(bytes: Buffer, start: number, end: number): number {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return h ^ (h >>> 13);
}
