/**
 * The event ids of one entity, exactly, with the body hash of the first event of each: what tells a duplicate from a
 * conflict. An open-addressing table over an arena of bytes, because a JavaScript string for each event would cost
 * more than the rest of the fold's bookkeeping. Emptied, not freed, between entities.
 */
import { sameBytes } from '../encodings/json-bytes.js';
import { copyBytes, viewOf } from '../snapshots/byte-block.js';

export const FIRST = 0;
export const DUPLICATE = 1;
export const CONFLICT = 2;

const SLOTS_MIN = 64;
/** What an exceptionally large entity made grow is given back when it ends. */
const SLOTS_KEEP = 1 << 13;
const ARENA_KEEP_BYTES = 4 << 20;
const ARENA_BYTES = 1 << 14;

/** An entry of the arena: body hash, hash of the id, length of the id (u32 each but the first), id. */
const BODY_BYTES = 8;
const HASH_AT = BODY_BYTES;
const SIZE_AT = HASH_AT + 4;
const ID_AT = SIZE_AT + 4;

export class EventIds {
  /** Place of an entry in the arena, plus 1; 0: free. Doubles, because an arena may outgrow 32 bits. */
  #slots = new Float64Array(SLOTS_MIN);
  #mask = SLOTS_MIN - 1;
  #arena = Buffer.allocUnsafe(ARENA_BYTES);
  #view = viewOf(this.#arena);
  #used = 0;
  size = 0;

  /** Empties the table. It stays as large as the last entity needed: the next one is often alike. */
  clear(): void {
    if (this.size === 0) return;
    let slots = this.#mask + 1;
    while (slots > SLOTS_MIN && slots > 8 * this.size) slots /= 2;
    if (slots > SLOTS_KEEP || this.#arena.length > ARENA_KEEP_BYTES) {
      this.#slots = new Float64Array(SLOTS_MIN);
      this.#arena = Buffer.allocUnsafe(ARENA_BYTES);
      this.#view = viewOf(this.#arena);
      slots = SLOTS_MIN;
    } else {
      this.#slots.fill(0, 0, this.#mask + 1);
    }
    this.#mask = slots - 1;
    this.#used = 0;
    this.size = 0;
  }

  /** Adds the id at start..end; the body hash is the 8 bytes at `bodyHash`. `view` is that of the whole buffer. */
  add(bytes: Buffer, view: DataView, start: number, end: number, bodyHash: number): number {
    const mask = this.#mask;
    const idHash = hash(bytes, view, start, end);
    let slot = idHash & mask;
    for (;;) {
      const entry = this.#slots[slot]! - 1;
      if (entry < 0) break;
      if (this.#isAt(entry, idHash, bytes, start, end)) {
        const same =
          this.#view.getInt32(entry) === view.getInt32(bodyHash) &&
          this.#view.getInt32(entry + 4) === view.getInt32(bodyHash + 4);
        return same ? DUPLICATE : CONFLICT;
      }
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = this.#append(idHash, bytes, view, start, end, bodyHash) + 1;
    if (++this.size * 2 > mask) this.#grow();
    return FIRST;
  }

  #isAt(entry: number, idHash: number, bytes: Buffer, start: number, end: number): boolean {
    if (this.#view.getInt32(entry + HASH_AT) !== idHash) return false;
    const id = entry + ID_AT;
    return sameBytes(this.#arena, id, id + this.#view.getUint32(entry + SIZE_AT), bytes, start, end);
  }

  #append(
    idHash: number,
    bytes: Buffer,
    view: DataView,
    start: number,
    end: number,
    bodyHash: number,
  ): number {
    const entry = this.#used;
    const after = entry + ID_AT + end - start;
    if (after > this.#arena.length) {
      const grown = Buffer.allocUnsafe(Math.max(after, this.#arena.length * 2));
      this.#arena.copy(grown, 0, 0, entry);
      this.#arena = grown;
      this.#view = viewOf(grown);
    }
    copyBytes(this.#arena, this.#view, entry, bytes, view, bodyHash, bodyHash + BODY_BYTES);
    this.#view.setInt32(entry + HASH_AT, idHash);
    this.#view.setUint32(entry + SIZE_AT, end - start);
    copyBytes(this.#arena, this.#view, entry + ID_AT, bytes, view, start, end);
    this.#used = after;
    return entry;
  }

  #grow(): void {
    const slots = (this.#mask + 1) * 2;
    if (slots > this.#slots.length) this.#slots = new Float64Array(slots);
    else this.#slots.fill(0, 0, slots);
    this.#mask = slots - 1;
    for (let entry = 0; entry < this.#used; ) {
      let slot = this.#view.getInt32(entry + HASH_AT) & this.#mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = entry + 1;
      entry += ID_AT + this.#view.getUint32(entry + SIZE_AT);
    }
  }
}

/** A hash of bytes start..end, four at a time, mixed so that its low bits depend on all of them. */
function hash(bytes: Buffer, view: DataView, start: number, end: number): number {
  let h = 0x811c9dc5 ^ (end - start);
  let i = start;
  for (; i + 4 <= end; i += 4) {
    h = Math.imul(h ^ view.getInt32(i), 0x85ebca6b);
    h ^= h >>> 15;
  }
  for (; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  h ^= h >>> 16;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 13);
}
