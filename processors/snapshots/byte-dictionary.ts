/**
 * Numbers short texts in the order in which they are first seen, by their bytes: no JavaScript string is made. Keys lie
 * one behind the other as ClickHouse writes strings (length, bytes), so that a dictionary is sent as it stands.
 */
import { ByteBlock, equalBytes } from './byte-block.js';

const SLOTS_MIN = 64;

export class ByteDictionary {
  readonly keys = new ByteBlock(1024);
  size = 0;
  private starts = new Int32Array(SLOTS_MIN);
  private ends = new Int32Array(SLOTS_MIN);
  /** Open addressing: a key's number plus 1; 0: free. Never more than half full. */
  private slots = new Int32Array(SLOTS_MIN * 2);
  private last = -1;

  /** The seed is chance: keys come from outside, and nobody shall be able to make them collide. */
  constructor(private readonly seed: number) {}

  clear(): void {
    if (this.size > SLOTS_MIN) {
      this.starts = new Int32Array(SLOTS_MIN);
      this.ends = new Int32Array(SLOTS_MIN);
      this.slots = new Int32Array(SLOTS_MIN * 2);
    } else this.slots.fill(0);
    this.keys.length = 0;
    this.size = 0;
    this.last = -1;
  }

  /** The number of the key start..end of `source`; a new one gets the next. Runs of one key are the usual case. */
  number(source: Buffer, view: DataView, start: number, end: number): number {
    const { last } = this;
    if (last >= 0 && this.isKey(last, source, view, start, end)) return last;
    let slot = this.hash(view, source, start, end) & (this.slots.length - 1);
    for (let found = this.slots[slot]!; found !== 0; found = this.slots[slot]!) {
      if (this.isKey(found - 1, source, view, start, end)) {
        this.last = found - 1;
        return found - 1;
      }
      slot = (slot + 1) & (this.slots.length - 1);
    }
    this.last = this.append(source, view, start, end);
    this.slots[slot] = this.last + 1;
    if (this.size * 2 > this.slots.length) this.grow();
    return this.last;
  }

  /** The key that was asked for last, as places in `keys.buffer`. */
  get lastStart(): number {
    return this.last < 0 ? 0 : this.starts[this.last]!;
  }

  get lastEnd(): number {
    return this.last < 0 ? 0 : this.ends[this.last]!;
  }

  get lastNumber(): number {
    return this.last;
  }

  private isKey(key: number, source: Buffer, view: DataView, start: number, end: number): boolean {
    const at = this.starts[key]!;
    const { keys } = this;
    return (
      this.ends[key]! - at === end - start &&
      equalBytes(keys.buffer, keys.view, at, source, view, start, end - start)
    );
  }

  private append(source: Buffer, view: DataView, start: number, end: number): number {
    const { keys } = this;
    const key = this.size++;
    if (key >= this.starts.length) {
      this.starts = doubled(this.starts);
      this.ends = doubled(this.ends);
    }
    keys.reserve(end - start + 5);
    keys.varint(end - start);
    this.starts[key] = keys.length;
    keys.copy(source, view, start, end);
    this.ends[key] = keys.length;
    return key;
  }

  private grow(): void {
    const slots = new Int32Array(this.slots.length * 2);
    for (let key = 0; key < this.size; key++) {
      const { buffer, view } = this.keys;
      let slot = this.hash(view, buffer, this.starts[key]!, this.ends[key]!) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = key + 1;
    }
    this.slots = slots;
  }

  private hash(view: DataView, source: Buffer, start: number, end: number): number {
    let hash = this.seed ^ (end - start);
    let at = start;
    for (; at + 4 <= end; at += 4) hash = mixed(hash ^ view.getInt32(at, true));
    for (; at < end; at++) hash = mixed(hash ^ source[at]!);
    return hash ^ (hash >>> 16);
  }
}

/** One round of MurmurHash3's mixing of 32 bits: every bit of the word reaches every bit of the hash. */
function mixed(word: number): number {
  let hash = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function doubled(from: Int32Array): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2);
  to.set(from);
  return to;
}
