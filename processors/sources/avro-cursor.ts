/**
 * Reads Avro's binary primitives from one record, with its limits: nothing is read past the end, and a `budget` bounds
 * the work, because a few bytes of Avro can claim millions of empty items. Reused from record to record.
 */
import { isUtf8 } from 'node:buffer';
import { RewindError } from '../../schemas/errors.js';
import { notUtf8 } from './canonical-json.js';

const longBytes = new BigInt64Array(1);
const longWords = new Uint32Array(longBytes.buffer);

export class AvroCursor {
  buffer: Buffer = Buffer.alloc(0);
  at = 0;
  end = 0;
  /** What is left of values read plus characters of names written. */
  budget = 0;
  /** The whole record as one character per byte: ASCII strings are slices of it, without a native call for each. */
  latin1 = '';

  /** Points the cursor at bytes at..end of `buffer`. */
  reset(buffer: Buffer, at: number, budget: number): void {
    this.buffer = buffer;
    this.at = at;
    this.end = buffer.length;
    this.budget = budget;
    this.latin1 = buffer.toString('latin1');
  }

  /** Takes `amount` from the budget. */
  spend(amount: number): void {
    this.budget -= amount;
    if (this.budget < 0)
      throw new RewindError('array_too_long', `more values than allowed at byte ${this.at}`);
  }

  byte(): number {
    if (this.at >= this.end) throw this.truncated();
    return this.buffer[this.at++]!;
  }

  /** Steps over `size` bytes and returns where they began. */
  take(size: number): number {
    const start = this.at;
    if (size < 0 || size > this.end - start) {
      throw size < 0 ? this.failed(`negative length ${size}`) : this.truncated();
    }
    this.at = start + size;
    return start;
  }

  /** A long that fits a double: lengths, counts, branch indexes. */
  count(): number {
    const first = this.byte();
    if (first < 0x80) return (first >>> 1) ^ -(first & 1);
    this.at--;
    const long = this.long();
    const count = Number(long);
    if (!Number.isSafeInteger(count)) throw this.failed(`length ${long}`);
    return count;
  }

  /** A zigzag long with all its 64 bits. */
  long(): bigint {
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else {
        // The tenth byte holds the last of 64 bits and nothing else.
        if (byte > 1) throw this.failed('a long of more than 64 bits');
        high |= bits << 31;
      }
      if (byte < 0x80) break;
    }
    const sign = -(low & 1);
    longWords[0] = ((low >>> 1) | (high << 31)) ^ sign;
    longWords[1] = (high >>> 1) ^ sign;
    return longBytes[0]!;
  }

  float(): number {
    return this.buffer.readFloatLE(this.take(4));
  }

  double(): number {
    return this.buffer.readDoubleLE(this.take(8));
  }

  boolean(): boolean {
    const byte = this.byte();
    if (byte > 1) throw this.failed(`boolean ${byte}`);
    return byte === 1;
  }

  /** A string, or bytes read as one. Errors: decode_failed where they are not UTF-8. */
  text(): string {
    const size = this.count();
    const start = this.take(size);
    let bits = 0;
    for (let i = start; i < this.at; i++) bits |= this.buffer[i]!;
    return bits < 0x80 ? this.latin1.slice(start, this.at) : this.wideText(start, this.at);
  }

  wideText(start: number, end: number): string {
    const bytes = this.buffer.subarray(start, end);
    if (!isUtf8(bytes)) throw this.failed(`string of ${end - start} bytes: ${notUtf8(bytes).message}`);
    return this.buffer.toString('utf8', start, end);
  }

  truncated(): RewindError {
    return new RewindError('decode_failed', `truncated at byte ${this.end}`);
  }

  failed(what: string): RewindError {
    return new RewindError('decode_failed', `${what} at byte ${this.at}`);
  }
}

/** Whether this machine keeps the low word first, as `long` relies on. All that Node runs on do. */
longBytes[0] = 1n;
if (longWords[0] !== 1) throw new RewindError('internal', 'a big-endian machine is not supported');
