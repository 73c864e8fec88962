/**
 * Reads RowBinary that arrives in chunks cut anywhere: `drain` calls back once per complete row, and a row that is cut
 * by the end of a chunk is read again when more has come. For stages that are not hot; the fold reads Native.
 */

class Incomplete extends Error {}

const INCOMPLETE = new Incomplete('row is cut');

export class RowBinaryReader {
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;

  push(chunk: Buffer): void {
    const rest = this.#buffer.subarray(this.#at);
    this.#buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    this.#at = 0;
  }

  /** Calls `readRow` for each complete row; it must read every column, in order. */
  drain(readRow: (row: this) => void): void {
    while (this.next(readRow));
  }

  /** Reads one complete row; false: none is there yet. For callers that stop between rows. */
  next(readRow: (row: this) => void): boolean {
    if (this.#at >= this.#buffer.length) return false;
    const start = this.#at;
    try {
      readRow(this);
      return true;
    } catch (error) {
      if (error !== INCOMPLETE) throw error;
      this.#at = start;
      return false;
    }
  }

  /** Throws if the stream ended inside a row. */
  end(): void {
    if (this.#at < this.#buffer.length) throw new RangeError('the stream ended inside a row');
  }

  string(): string {
    const size = this.#varint();
    const start = this.#take(size);
    return this.#buffer.toString('utf8', start, start + size);
  }

  /** The bytes of a string: a view, good for as long as the caller keeps it. */
  bytes(): Buffer {
    const size = this.#varint();
    const start = this.#take(size);
    return this.#buffer.subarray(start, start + size);
  }

  /** So many bytes of a FixedString: a view. */
  fixed(size: number): Buffer {
    const start = this.#take(size);
    return this.#buffer.subarray(start, start + size);
  }

  i32(): number {
    return this.#buffer.readInt32LE(this.#take(4));
  }

  u64(): bigint {
    return this.#buffer.readBigUInt64LE(this.#take(8));
  }

  i64(): bigint {
    return this.#buffer.readBigInt64LE(this.#take(8));
  }

  #varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#buffer[this.#take(1)]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  #take(size: number): number {
    const start = this.#at;
    if (start + size > this.#buffer.length) throw INCOMPLETE;
    this.#at = start + size;
    return start;
  }
}
