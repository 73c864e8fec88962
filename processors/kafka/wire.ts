/**
 * Kafka's binary protocol, flexible versions (KIP-482): what kafkajs' own encoder lacks for the requests in requests.ts.
 * Pure. https://kafka.apache.org/protocol.html#protocol_types
 */
import { RewindError } from '../../schemas/errors.js';

/** Writes one request body. Grows as needed. */
export class WireWriter {
  /** Both names are what kafkajs reads from a request that was encoded. */
  buf: Buffer = Buffer.alloc(256);
  private length = 0;

  get buffer(): Buffer {
    return this.buf.subarray(0, this.length);
  }

  int8(value: number): this {
    const at = this.reserve(1);
    this.buf.writeInt8(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.reserve(2);
    this.buf.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.reserve(4);
    this.buf.writeInt32BE(value, at);
    return this;
  }

  int64(value: bigint): this {
    const at = this.reserve(8);
    this.buf.writeBigInt64BE(value, at);
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  /** A topic id as Kafka prints it: 22 characters of URL-safe base64. */
  topicId(id: string): this {
    const bytes = Buffer.from(id, 'base64url');
    const at = this.reserve(16);
    bytes.copy(this.buf, at, 0, 16);
    return this;
  }

  compactString(value: string | null): this {
    if (value === null) return this.unsigned(0);
    const bytes = Buffer.from(value, 'utf8');
    this.unsigned(bytes.length + 1);
    const at = this.reserve(bytes.length);
    bytes.copy(this.buf, at);
    return this;
  }

  compactBytes(bytes: Buffer): this {
    this.unsigned(bytes.length + 1);
    const at = this.reserve(bytes.length);
    bytes.copy(this.buf, at);
    return this;
  }

  compactArray<T>(items: readonly T[] | null, write: (item: T) => void): this {
    if (items === null) return this.unsigned(0);
    this.unsigned(items.length + 1);
    for (const item of items) write(item);
    return this;
  }

  /** No tagged fields. */
  noTags(): this {
    return this.unsigned(0);
  }

  private unsigned(value: number): this {
    let rest = value;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
    return this;
  }

  private byte(value: number): void {
    const at = this.reserve(1);
    this.buf[at] = value;
  }

  /** Where the next bytes go. May replace the buffer: call it before naming `this.buf`. */
  private reserve(bytes: number): number {
    const at = this.length;
    this.length += bytes;
    if (this.length > this.buf.length) {
      const larger = Buffer.alloc(Math.max(this.buf.length * 2, this.length));
      this.buf.copy(larger);
      this.buf = larger;
    }
    return at;
  }
}

/** Reads one answer. Reading past the end is a RewindError log_unavailable: the connection was cut or the peer is no Kafka. */
export class WireReader {
  private at = 0;

  constructor(private readonly buffer: Buffer) {}

  int8(): number {
    return this.buffer.readInt8(this.take(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.take(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.take(4));
  }

  int64(): bigint {
    return this.buffer.readBigInt64BE(this.take(8));
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  topicId(): string {
    const at = this.take(16);
    return this.buffer.toString('base64url', at, at + 16);
  }

  compactString(): string | null {
    const size = this.unsigned();
    if (size === 0) return null;
    const at = this.take(size - 1);
    return this.buffer.toString('utf8', at, at + size - 1);
  }

  /** A view into the answer, not a copy. */
  compactBytes(): Buffer | null {
    const size = this.unsigned();
    if (size === 0) return null;
    const at = this.take(size - 1);
    return this.buffer.subarray(at, at + size - 1);
  }

  compactArray<T>(read: () => T): T[] {
    const size = this.unsigned();
    const items: T[] = [];
    for (let i = 1; i < size; i++) items.push(read());
    return items;
  }

  skipTags(): void {
    for (let left = this.unsigned(); left > 0; left--) {
      this.unsigned();
      this.take(this.unsigned());
    }
  }

  private unsigned(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer[this.take(1)] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  }

  private take(bytes: number): number {
    const at = this.at;
    this.at += bytes;
    if (this.at > this.buffer.length)
      throw new RewindError('log_unavailable', `a broker's answer ends after ${this.buffer.length} bytes`);
    return at;
  }
}
