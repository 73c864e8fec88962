/**
 * Writes the values of output records in registry Avro, field by field in the order of their schema (a test reads the
 * bytes back with avsc). The record's id stands before the value: the digest covers both. Pure.
 */
import { WIRE_HEADER_BYTES } from '../sources/wire-schemas.js';

export class AvroValue {
  #buffer = Buffer.allocUnsafe(16 << 10);
  #start = 0;
  #at = 0;

  /** `id` as it stands in the record's header. */
  begin(id: Buffer, schemaId: number): this {
    this.#at = 0;
    this.#reserve(id.length + WIRE_HEADER_BYTES);
    this.#start = this.#at = id.copy(this.#buffer, 0);
    this.#buffer[this.#at] = 0;
    this.#buffer.writeInt32BE(schemaId, this.#at + 1);
    this.#at += WIRE_HEADER_BYTES;
    return this;
  }

  text(value: string | Buffer): this {
    const size = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
    this.#reserve(size + 10);
    this.#varint(size * 2);
    if (typeof value === 'string') this.#at += this.#buffer.write(value, this.#at, 'utf8');
    else this.#at += value.copy(this.#buffer, this.#at);
    return this;
  }

  /** A whole number from -2^51 to 2^51. */
  int(value: number): this {
    this.#reserve(10);
    this.#varint(value < 0 ? -2 * value - 1 : 2 * value);
    return this;
  }

  long(value: bigint): this {
    this.#reserve(10);
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    for (; rest >= 0x80n; rest >>= 7n) this.#buffer[this.#at++] = Number(rest & 0x7fn) | 0x80;
    this.#buffer[this.#at++] = Number(rest);
    return this;
  }

  boolean(value: boolean): this {
    this.#reserve(1);
    this.#buffer[this.#at++] = value ? 1 : 0;
    return this;
  }

  /** The value alone; valid until the next `begin`. */
  get value(): Buffer {
    return this.#buffer.subarray(this.#start, this.#at);
  }

  /** Id and value. */
  get identified(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) this.#buffer[this.#at++] = (rest % 128) | 0x80;
    this.#buffer[this.#at++] = rest;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}
