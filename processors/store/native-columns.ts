/**
 * Columns of one block in ClickHouse's Native format: each grows in a buffer of its own, which the next block uses again.
 * Rows are set in order, and only where they differ from what is usual: a column keeps its last value (numbers, keys of
 * a dictionary) or is empty (strings) in the rows between, so that a column that never changes costs nothing per row.
 * https://clickhouse.com/docs/interfaces/formats/Native
 */
import { randomInt } from 'node:crypto';
import { ByteBlock, viewOf } from '../snapshots/byte-block.js';
import { ByteDictionary } from '../snapshots/byte-dictionary.js';

export interface NativeColumn {
  readonly name: string;
  readonly type: string;
  /** The column's bytes for rows 0..rows; valid until the next block begins. */
  chunks(rows: number): Buffer[];
  clear(): void;
}

/** The bytes of a block: its columns one behind the other. */
export function nativeBlock(columns: readonly NativeColumn[], rows: number): Buffer[] {
  const head = new ByteBlock(16);
  head.varint(columns.length);
  head.varint(rows);
  const chunks = [head.buffer.subarray(0, head.length)];
  for (const column of columns) {
    const title = new ByteBlock(512);
    for (const text of [column.name, column.type]) {
      title.varint(Buffer.byteLength(text));
      title.length += title.buffer.write(text, title.length);
    }
    chunks.push(title.buffer.subarray(0, title.length), ...column.chunks(rows));
  }
  return chunks;
}

type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | BigUint64Array;

function bytesOf(array: Numbers | Int32Array, count: number): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, count * array.BYTES_PER_ELEMENT);
}

const ROWS_FIRST = 1024;
/** From here on the native fill wins. */
const RUN_LONG = 16;

/** Numbers that seldom change from row to row. */
export class RunColumn<N extends number | bigint> implements NativeColumn {
  #array: Numbers;
  #value: N;
  /** Rows before this one are in the array; from it on they have the value. */
  #from = 0;

  constructor(
    readonly name: string,
    readonly type: string,
    readonly make: (rows: number) => Numbers,
    readonly usual: N,
  ) {
    this.#array = make(ROWS_FIRST);
    this.#value = usual;
  }

  /** The value from `row` on. */
  set(row: number, value: N): void {
    if (value === this.#value) return;
    this.#fill(row);
    this.#value = value;
  }

  chunks(rows: number): Buffer[] {
    this.#fill(rows);
    return [bytesOf(this.#array, rows)];
  }

  clear(): void {
    this.#from = 0;
    this.#value = this.usual;
  }

  #fill(to: number): void {
    if (to > this.#array.length) {
      const larger = this.make(Math.max(to, this.#array.length * 2));
      larger.set(this.#array.subarray(0, this.#from) as never);
      this.#array = larger;
    }
    const array = this.#array;
    if (to - this.#from > RUN_LONG) array.fill(this.#value as never, this.#from, to);
    else for (let row = this.#from; row < to; row++) array[row] = this.#value;
    this.#from = to;
  }
}

/** 64-bit numbers that are set in each row. */
export class WordsColumn implements NativeColumn {
  #words = new Int32Array(2 * ROWS_FIRST);
  #bigs = new BigInt64Array(this.#words.buffer);

  constructor(
    readonly name: string,
    readonly type: string,
  ) {}

  set(row: number, low: number, high: number): void {
    const at = 2 * row;
    if (at >= this.#words.length) this.#grow();
    this.#words[at] = low;
    this.#words[at + 1] = high;
  }

  setBig(row: number, value: bigint): void {
    this.set(row, 0, 0);
    this.#bigs[row] = value;
  }

  chunks(rows: number): Buffer[] {
    return [bytesOf(this.#words, 2 * rows)];
  }

  clear(): void {}

  #grow(): void {
    const larger = new Int32Array(this.#words.length * 2);
    larger.set(this.#words);
    this.#words = larger;
    this.#bigs = new BigInt64Array(larger.buffer);
  }
}

/** Strings, each as its length and bytes. */
export class StringColumn implements NativeColumn {
  readonly type = 'String';
  readonly #block = new ByteBlock(1 << 16);
  #rows = 0;

  constructor(readonly name: string) {}

  /** Bytes so far. */
  get byteLength(): number {
    return this.#block.length;
  }

  bytes(row: number, source: Buffer, view: DataView, start: number, end: number): void {
    const block = this.begin(row, end - start);
    block.copy(source, view, start, end);
  }

  buffer(row: number, source: Buffer): void {
    const block = this.begin(row, source.length);
    block.length += source.copy(block.buffer, block.length);
  }

  text(row: number, text: string): void {
    if (text === '') return;
    const size = Buffer.byteLength(text);
    const block = this.begin(row, size);
    block.length += block.buffer.write(text, block.length);
  }

  /** Writes the length of a row's string of which `size` bytes are to follow, and has room for them. */
  begin(row: number, size: number): ByteBlock {
    const block = this.#block;
    block.reserve(size + 5 + row - this.#rows);
    if (row > this.#rows) this.#skip(row);
    this.#rows = row + 1;
    block.varint(size);
    return block;
  }

  chunks(rows: number): Buffer[] {
    this.#block.reserve(rows - this.#rows);
    this.#skip(rows);
    return [this.#block.buffer.subarray(0, this.#block.length)];
  }

  clear(): void {
    this.#block.length = 0;
    this.#rows = 0;
  }

  /** Rows that were not set are empty: a length of 0 each. */
  #skip(row: number): void {
    const block = this.#block;
    const to = block.length + row - this.#rows;
    block.buffer.fill(0, block.length, to);
    block.length = to;
    this.#rows = row;
  }
}

// The prefix of a LowCardinality column: version 1, then the width of its keys and the flags "keys follow" and "they
// are the whole dictionary".
const VERSION = 1;
const WITH_KEYS = 0x600;

/** Strings of which there are few, as numbers of keys; the dictionary is the block's own, and the empty string its first. */
export class DictionaryColumn implements NativeColumn {
  readonly type = 'LowCardinality(String)';
  readonly dictionary = new ByteDictionary(randomInt(2 ** 31));
  #keys = new Uint32Array(ROWS_FIRST);
  /** Rows before this one are in the array; from it on they have the key. */
  #from = 0;
  #key = 0;
  #scratch = Buffer.allocUnsafe(256);
  #scratchView = viewOf(this.#scratch);
  #text = '';
  #textKey = 0;

  constructor(readonly name: string) {
    this.clear();
  }

  /** Rows from `row` on have this string. */
  bytes(row: number, source: Buffer, view: DataView, start: number, end: number): void {
    this.key(row, this.dictionary.number(source, view, start, end));
  }

  number(source: Buffer, view: DataView, start: number, end: number): number {
    return this.dictionary.number(source, view, start, end);
  }

  text(row: number, text: string): void {
    if (text !== this.#text) {
      const size = Buffer.byteLength(text);
      if (size > this.#scratch.length) {
        this.#scratch = Buffer.allocUnsafe(size * 2);
        this.#scratchView = viewOf(this.#scratch);
      }
      this.#scratch.write(text);
      this.#textKey = this.dictionary.number(this.#scratch, this.#scratchView, 0, size);
      this.#text = text;
    }
    this.key(row, this.#textKey);
  }

  /** Rows from `row` on have the string of this number. */
  key(row: number, key: number): void {
    if (key === this.#key) return;
    this.#fill(row);
    this.#key = key;
  }

  chunks(rows: number): Buffer[] {
    this.#fill(rows);
    const { keys, size } = this.dictionary;
    const width = size <= 0x100 ? 0 : size <= 0x10000 ? 1 : 2;
    const wide = this.#keys.subarray(0, rows);
    const narrow = width === 0 ? new Uint8Array(wide) : width === 1 ? new Uint16Array(wide) : wide;
    const head = new ByteBlock(24);
    head.u64(VERSION);
    head.u64(WITH_KEYS | width);
    head.u64(size);
    const count = new ByteBlock(8);
    count.u64(rows);
    return [head.buffer, keys.buffer.subarray(0, keys.length), count.buffer, bytesOf(narrow, rows)];
  }

  clear(): void {
    this.#from = 0;
    this.dictionary.clear();
    this.#key = this.dictionary.number(this.#scratch, this.#scratchView, 0, 0);
    this.#text = '';
    this.#textKey = this.#key;
  }

  #fill(to: number): void {
    if (to > this.#keys.length) {
      const larger = new Uint32Array(Math.max(to, this.#keys.length * 2));
      larger.set(this.#keys.subarray(0, this.#from));
      this.#keys = larger;
    }
    if (to - this.#from > RUN_LONG) this.#keys.fill(this.#key, this.#from, to);
    else for (let row = this.#from; row < to; row++) this.#keys[row] = this.#key;
    this.#from = to;
  }
}
