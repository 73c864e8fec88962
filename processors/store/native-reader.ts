/**
 * Reads blocks of ClickHouse's Native format that arrive in chunks cut anywhere. A block is gathered until it is whole;
 * its values then stay where they lie, and each column says where that is: nothing is copied per value and no object
 * made. Memory is that of the largest block; the statement's max_block_size keeps blocks small.
 * https://clickhouse.com/docs/interfaces/formats/Native
 */
import { RewindError } from '../../schemas/errors.js';
import { viewOf } from '../snapshots/byte-block.js';
import { DictionaryValues, FixedValues, fixedWidth, StringValues, type TextValues } from './native-values.js';

const FIRST_BYTES = 1 << 20;
/** What larger blocks made grow is given back before the next answer. */
const KEEP_BYTES = 32 << 20;
/** Places in a block are 32-bit numbers. */
const BLOCK_MAX_BYTES = 1 << 30;

type Values = FixedValues | StringValues | DictionaryValues;

interface Column {
  readonly name: string;
  readonly type: string;
  readonly values: Values;
}

export class NativeReader {
  /** The block at hand, and bytes of the next one behind it. Replaced when it grows: read it anew for each block. */
  bytes = Buffer.allocUnsafe(FIRST_BYTES);
  view = viewOf(this.bytes);
  /** Rows of the block at hand. */
  rows = 0;

  /** Columns in their order; the first block says which. */
  readonly #columns: Column[] = [];
  #filled = 0;
  /** What stands before is read. */
  #at = 0;
  /** Columns of the block that is being read; 0: its first bytes are not there yet. */
  #count = 0;
  /** The next of them, and whether its name is read. */
  #column = 0;
  #titled = false;
  #whole = false;

  /** Forgets all; what is pushed next begins another answer. */
  reset(): void {
    if (this.bytes.length > KEEP_BYTES) {
      this.bytes = Buffer.allocUnsafe(FIRST_BYTES);
      this.view = viewOf(this.bytes);
    }
    this.#columns.length = 0;
    this.#filled = 0;
    this.#beginBlock();
  }

  /** Takes a chunk; it may be reused afterwards. */
  push(chunk: Buffer): void {
    this.#drop();
    const needed = this.#filled + chunk.length;
    if (needed > BLOCK_MAX_BYTES)
      throw new RewindError(
        'store_memory_limit',
        `a block of an answer is larger than ${BLOCK_MAX_BYTES} bytes`,
      );
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
      this.bytes.copy(grown, 0, 0, this.#filled);
      this.bytes = grown;
      this.view = viewOf(grown);
    }
    chunk.copy(this.bytes, this.#filled);
    this.#filled = needed;
  }

  /** Goes on to the next block that has rows; false: it is not whole yet. Columns are valid until the next call. */
  next(): boolean {
    this.#drop();
    for (;;) {
      if (this.#count === 0 && !this.#readHead()) return false;
      while (this.#column < this.#count) {
        if (!this.#readColumn(this.#column)) return false;
        this.#column++;
        this.#titled = false;
      }
      this.#whole = true;
      if (this.rows > 0) return true;
      this.#drop();
    }
  }

  /** Errors: store_unavailable where the stream ended inside a block. */
  end(): void {
    this.#drop();
    if (this.#filled > 0)
      throw new RewindError(
        'store_unavailable',
        `an answer ended inside a block, ${this.#filled} bytes left`,
      );
  }

  /** A column of any of the text types, or of numbers; only after the first block. */
  texts(name: string): TextValues {
    const values = this.#valuesOf(name);
    return values instanceof FixedValues ? this.#refuse(`column ${name} holds no text`) : values;
  }

  strings(name: string): StringValues {
    const values = this.#valuesOf(name);
    return values instanceof StringValues ? values : this.#refuse(`column ${name} is no String`);
  }

  dictionary(name: string): DictionaryValues {
    const values = this.#valuesOf(name);
    return values instanceof DictionaryValues ? values : this.#refuse(`column ${name} is not LowCardinality`);
  }

  numbers(name: string, width: number): FixedValues {
    const values = this.#valuesOf(name);
    const fits = values instanceof FixedValues && values.width === width;
    return fits ? values : this.#refuse(`column ${name} does not hold numbers of ${width} bytes`);
  }

  /** Forgets the block that was handed out. */
  #drop(): void {
    if (!this.#whole) return;
    this.bytes.copyWithin(0, this.#at, this.#filled);
    this.#filled -= this.#at;
    this.#beginBlock();
  }

  #beginBlock(): void {
    this.#at = 0;
    this.#count = 0;
    this.#column = 0;
    this.#titled = false;
    this.rows = 0;
    this.#whole = false;
  }

  #readHead(): boolean {
    let at = this.#at;
    const numbers = [0, 0];
    for (let i = 0; i < 2; i++) {
      for (let shift = 0, byte = 0x80; byte >= 0x80; shift += 7) {
        if (at >= this.#filled) return false;
        byte = this.bytes[at++]!;
        numbers[i]! += (byte & 0x7f) * 2 ** shift;
      }
    }
    const [columns = 0, rows = 0] = numbers;
    const known = this.#columns.length;
    if (columns === 0 || (known > 0 && columns !== known)) this.#refuse(`a block has ${columns} columns`);
    this.#count = columns;
    this.rows = rows;
    this.#at = at;
    return true;
  }

  #readColumn(index: number): boolean {
    if (!this.#titled && !this.#readTitle(index)) return false;
    // A block without rows has names and types only.
    if (this.rows === 0) return true;
    const after = this.#columns[index]!.values.read(this.bytes, this.view, this.#at, this.#filled, this.rows);
    if (after < 0) return false;
    this.#at = after;
    return true;
  }

  #readTitle(index: number): boolean {
    const title = new StringValues();
    const after = title.read(this.bytes, this.view, this.#at, this.#filled, 2);
    if (after < 0) return false;
    const name = title.text(this.bytes, 0);
    const type = title.text(this.bytes, 1);
    const column = this.#columns[index];
    if (column === undefined) this.#columns.push({ name, type, values: this.#valuesFor(type) });
    else if (column.name !== name || column.type !== type) this.#refuse(`${name} ${type} is another column`);
    this.#titled = true;
    this.#at = after;
    return true;
  }

  #valuesFor(type: string): Values {
    if (type === 'String') return new StringValues();
    if (type === 'LowCardinality(String)') return new DictionaryValues();
    const width = fixedWidth(type);
    return width === 0 ? this.#refuse(`columns of ${type} are not read`) : new FixedValues(width);
  }

  #valuesOf(name: string): Values {
    const column = this.#columns.find((one) => one.name === name);
    return column === undefined ? this.#refuse(`there is no column ${name}`) : column.values;
  }

  #refuse(what: string): never {
    throw new RewindError('store_rejected', `an answer in Native format: ${what}`);
  }
}
