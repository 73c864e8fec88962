/** Columns of a block in ClickHouse's Native format, as native-reader.ts finds them: places in the block's bytes. */
import { RewindError } from '../../schemas/errors.js';

/** Texts of one column, by row. */
export interface TextValues {
  text(bytes: Buffer, row: number): string;
}

/** Bytes of a value of the type; 0: it is none of those of fixed width that are read here. */
export function fixedWidth(type: string): number {
  const integer = /^U?Int(8|16|32|64)$/.exec(type);
  if (integer !== null) return Number(integer[1]) / 8;
  return /^DateTime64\(/.test(type) ? 8 : 0;
}

/** Little-endian numbers, one behind the other: row r stands at `at + r * width`. */
export class FixedValues {
  at = 0;

  constructor(readonly width: number) {}

  /** As StringValues.read. */
  read(_bytes: Buffer, _view: DataView, at: number, end: number, rows: number): number {
    this.at = at;
    const after = at + rows * this.width;
    return after <= end ? after : -1;
  }
}

/** Row r stands at starts[r]..ends[r]. */
export class StringValues implements TextValues {
  starts = new Int32Array(0);
  ends = new Int32Array(0);
  /** Rows that are read already, of a column that its chunk cut. */
  #done = 0;

  /**
   * Finds the column's values from `at` on; the index behind the last, or -1 where `end` cuts them short. Then the same
   * is asked again when there is more, with all that stands before `end` in its place.
   */
  read(bytes: Buffer, _view: DataView, at: number, end: number, rows: number): number {
    if (rows > this.starts.length) {
      this.starts = grown(this.starts, rows);
      this.ends = grown(this.ends, rows);
    }
    const { starts, ends } = this;
    let row = this.#done;
    let i = row === 0 ? at : ends[row - 1]!;
    for (; row < rows; row++) {
      if (i >= end) break;
      let start = i;
      let size = bytes[start++]!;
      if (size >= 0x80) {
        size &= 0x7f;
        let byte = 0x80;
        for (let scale = 0x80; byte >= 0x80 && start < end; scale *= 0x80) {
          byte = bytes[start++]!;
          size += (byte & 0x7f) * scale;
        }
        if (byte >= 0x80) break;
      }
      i = start + size;
      if (i > end) break;
      starts[row] = start;
      ends[row] = i;
    }
    this.#done = row < rows ? row : 0;
    return row < rows ? -1 : i;
  }

  text(bytes: Buffer, row: number): string {
    return bytes.toString('utf8', this.starts[row]!, this.ends[row]!);
  }
}

// The prefix of a LowCardinality column: version 1, then the width of its keys and flags.
const VERSION = 1;
/** A dictionary that several blocks share: only parts on disk have that. */
const SHARED = 0x100;
const WITH_KEYS = 0x200;
const PREFIX_BYTES = 16;

/** Row r has the key keys[r], which stands at starts[key]..ends[key]. The numbers are those of this block alone. */
export class DictionaryValues implements TextValues {
  keys = new Int32Array(0);
  /** Keys of the block. */
  count = 0;
  readonly #dictionary = new StringValues();

  get starts(): Int32Array {
    return this.#dictionary.starts;
  }

  get ends(): Int32Array {
    return this.#dictionary.ends;
  }

  /** As StringValues.read. */
  read(bytes: Buffer, view: DataView, at: number, end: number, rows: number): number {
    if (at + PREFIX_BYTES + 8 > end) return -1;
    const flags = view.getUint32(at + 8, true);
    const width = 1 << (flags & 0xff);
    if (word(view, at) !== VERSION || (flags & SHARED) !== 0 || (flags & WITH_KEYS) === 0 || width > 4)
      throw odd(`prefix ${flags.toString(16)}`);
    this.count = word(view, at + PREFIX_BYTES);
    const keysEnd = this.#dictionary.read(bytes, view, at + PREFIX_BYTES + 8, end, this.count);
    if (keysEnd < 0 || keysEnd + 8 > end) return -1;
    if (word(view, keysEnd) !== rows) throw odd(`${word(view, keysEnd)} of ${rows} rows`);
    const after = keysEnd + 8 + rows * width;
    if (after > end) return -1;
    this.#readKeys(view, keysEnd + 8, rows, width);
    return after;
  }

  text(bytes: Buffer, row: number): string {
    return this.#dictionary.text(bytes, this.keys[row]!);
  }

  #readKeys(view: DataView, at: number, rows: number, width: number): void {
    if (rows > this.keys.length) this.keys = grown(this.keys, rows);
    const { keys } = this;
    if (width === 1) for (let row = 0; row < rows; row++) keys[row] = view.getUint8(at + row);
    else if (width === 2) for (let row = 0; row < rows; row++) keys[row] = view.getUint16(at + 2 * row, true);
    else for (let row = 0; row < rows; row++) keys[row] = view.getUint32(at + 4 * row, true);
    for (let row = 0; row < rows; row++)
      if (keys[row]! >= this.count) throw odd(`key ${keys[row]} of ${this.count}`);
  }
}

function word(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

function grown(array: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(size, 2 * array.length));
  larger.set(array);
  return larger;
}

function odd(what: string): RewindError {
  return new RewindError('store_rejected', `a LowCardinality column in Native format: ${what}`);
}
