/**
 * ClickHouse's RowBinary, written straight into one growing buffer: no object per row. The caller knows the column
 * order; nothing here checks it (the store contract suite does). Hot paths write Native by column: native-columns.ts.
 */

export class RowBinaryWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(initialBytes = 1 << 20) {
    this.#buffer = Buffer.allocUnsafe(initialBytes);
  }

  get length(): number {
    return this.#length;
  }

  /** The bytes so far, without a copy: valid until the next write or reset. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Hands the bytes over and starts an empty buffer of the same capacity. */
  take(): Buffer {
    const taken = this.view();
    this.#buffer = Buffer.allocUnsafe(this.#buffer.length);
    this.#length = 0;
    return taken;
  }

  reset(): void {
    this.#length = 0;
  }

  u16(value: number): void {
    this.#reserve(2);
    this.#length = this.#buffer.writeUInt16LE(value, this.#length);
  }

  i32(value: number): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeInt32LE(value, this.#length);
  }

  /** UInt64 or Int64 below 2^53 in size, without a bigint. */
  u64Number(value: number): void {
    this.#reserve(8);
    this.#buffer.writeUInt32LE(value >>> 0, this.#length);
    this.#length = this.#buffer.writeUInt32LE(Math.floor(value / 0x1_0000_0000), this.#length + 4);
  }

  u64(value: bigint): void {
    this.#reserve(8);
    this.#length = this.#buffer.writeBigUInt64LE(value, this.#length);
  }

  i64(value: bigint): void {
    this.#reserve(8);
    this.#length = this.#buffer.writeBigInt64LE(value, this.#length);
  }

  #raw(source: Uint8Array, start: number, end: number): void {
    const size = end - start;
    this.#reserve(size);
    if (size < 24) {
      for (let i = 0; i < size; i++) this.#buffer[this.#length + i] = source[start + i]!;
    } else {
      this.#buffer.set(source.subarray(start, end), this.#length);
    }
    this.#length += size;
  }

  /** String column from bytes start..end of a buffer. */
  bytes(source: Uint8Array, start = 0, end = source.length): void {
    this.#varint(end - start);
    this.#raw(source, start, end);
  }

  /** String column from text, as UTF-8. */
  string(text: string): void {
    if (text.length < 64 && this.#asciiString(text)) return;
    const size = Buffer.byteLength(text);
    this.#varint(size);
    this.#reserve(size);
    this.#length += this.#buffer.write(text, this.#length, size, 'utf8');
  }

  #varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  /** Short ASCII texts dominate; writing them byte by byte beats the call into native code. */
  #asciiString(text: string): boolean {
    const size = text.length;
    this.#reserve(size + 1);
    const buffer = this.#buffer;
    let at = this.#length;
    buffer[at++] = size;
    for (let i = 0; i < size; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      buffer[at++] = code;
    }
    this.#length = at;
    return true;
  }

  #reserve(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#buffer.length) return;
    let capacity = this.#buffer.length * 2;
    while (capacity < needed) capacity *= 2;
    const grown = Buffer.allocUnsafe(capacity);
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
