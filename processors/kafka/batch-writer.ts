/**
 * Writes Kafka's record batches (message format 2) straight into one buffer: no object per record or header. The
 * counterpart of record-batch.ts for what leaves the system; output-producer.ts sends what it makes. Pure.
 * https://kafka.apache.org/documentation/#recordbatch
 */
import { crc32c } from './crc32c.js';

const HEADER_BYTES = 61;
const CHECKED_FROM = 21;
const NO_OFFSET = 0n;

/** Headers of a record, in the form in which a batch holds them: for each a length and a name, a length and a value. */
export class HeaderBlock {
  #buffer = Buffer.allocUnsafe(1024);
  #length = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Valid until the next change. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  reset(): void {
    this.#length = 0;
    this.#count = 0;
  }

  /** `name` as `headerName` made it. */
  add(name: Buffer, value: string | Buffer | null): void {
    const size = value === null ? -1 : typeof value === 'string' ? Buffer.byteLength(value) : value.length;
    this.#reserve(name.length + 5 + Math.max(0, size));
    name.copy(this.#buffer, this.#length);
    this.#length = writeVarint(this.#buffer, this.#length + name.length, size);
    if (typeof value === 'string') this.#length += this.#buffer.write(value, this.#length, 'utf8');
    else if (value !== null) this.#length += value.copy(this.#buffer, this.#length);
    this.#count++;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** A header's name with its length before it. */
export function headerName(name: string): Buffer {
  const text = Buffer.from(name);
  const bytes = Buffer.alloc(5 + text.length);
  const at = writeVarint(bytes, 0, text.length);
  text.copy(bytes, at);
  return bytes.subarray(0, at + text.length);
}

export interface OutgoingRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestampMs: number;
  /** Written one after the other. */
  readonly headers: readonly HeaderBlock[];
}

export interface BatchHead {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  /** 0: none; else the codec's number, and how it packs. */
  readonly codec: number;
  readonly pack: (plain: Buffer) => Buffer;
}

/** One batch under way for one partition. */
export class BatchWriter {
  #buffer = Buffer.allocUnsafe(64 << 10);
  #length = HEADER_BYTES;
  #count = 0;
  #firstMs = 0;
  #largestMs = 0;

  get count(): number {
    return this.#count;
  }

  /** Bytes so far, before they are packed. */
  get size(): number {
    return this.#length;
  }

  add(record: OutgoingRecord): void {
    if (this.#count === 0) this.#firstMs = this.#largestMs = record.timestampMs;
    if (record.timestampMs > this.#largestMs) this.#largestMs = record.timestampMs;
    const delta = record.timestampMs - this.#firstMs;
    let headerBytes = 0;
    let headerCount = 0;
    for (const block of record.headers) {
      headerBytes += block.bytes.length;
      headerCount += block.count;
    }
    const size =
      1 +
      varlongBytes(delta) +
      varintBytes(this.#count) +
      sized(record.key) +
      sized(record.value) +
      varintBytes(headerCount) +
      headerBytes;
    this.#reserve(size + 5);
    const buffer = this.#buffer;
    let at = writeVarint(buffer, this.#length, size);
    buffer[at++] = 0;
    at = writeVarlong(buffer, at, delta);
    at = writeVarint(buffer, at, this.#count);
    at = writeBytes(buffer, at, record.key);
    at = writeBytes(buffer, at, record.value);
    at = writeVarint(buffer, at, headerCount);
    for (const { bytes } of record.headers) at += bytes.copy(buffer, at);
    this.#length = at;
    this.#count++;
  }

  /** The finished batch, in memory of its own where it is packed, else valid until `reset`. */
  finish(head: BatchHead): Buffer {
    const records = this.#buffer.subarray(HEADER_BYTES, this.#length);
    const packed = head.codec === 0 ? records : head.pack(records);
    let whole = this.#buffer.subarray(0, this.#length);
    if (head.codec !== 0) {
      whole = Buffer.allocUnsafe(HEADER_BYTES + packed.length);
      packed.copy(whole, HEADER_BYTES);
    }
    whole.writeBigInt64BE(NO_OFFSET, 0);
    whole.writeInt32BE(whole.length - 12, 8);
    whole.writeInt32BE(-1, 12);
    whole.writeInt8(2, 16);
    whole.writeInt16BE(head.codec, 21);
    whole.writeInt32BE(this.#count - 1, 23);
    whole.writeBigInt64BE(BigInt(this.#firstMs), 27);
    whole.writeBigInt64BE(BigInt(this.#largestMs), 35);
    whole.writeBigInt64BE(head.producerId, 43);
    whole.writeInt16BE(head.producerEpoch, 51);
    whole.writeInt32BE(head.baseSequence, 53);
    whole.writeInt32BE(this.#count, 57);
    whole.writeUInt32BE(crc32c(whole, CHECKED_FROM, whole.length), 17);
    return whole;
  }

  reset(): void {
    this.#length = HEADER_BYTES;
    this.#count = 0;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

function sized(bytes: Buffer | null): number {
  return bytes === null ? 1 : varintBytes(bytes.length) + bytes.length;
}

function writeBytes(buffer: Buffer, at: number, bytes: Buffer | null): number {
  if (bytes === null) return writeVarint(buffer, at, -1);
  const start = writeVarint(buffer, at, bytes.length);
  return start + bytes.copy(buffer, start);
}

/** Bytes of a zigzag number of 32 bits. */
function varintBytes(value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let count = 1;
  for (; rest > 0x7f; rest >>>= 7) count++;
  return count;
}

function writeVarint(buffer: Buffer, at: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let next = at;
  for (; rest > 0x7f; rest >>>= 7) buffer[next++] = (rest & 0x7f) | 0x80;
  buffer[next++] = rest;
  return next;
}

/** Zigzag of a whole number below 2^52, as a double: times of one batch may lie centuries apart. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function varlongBytes(value: number): number {
  let count = 1;
  for (let rest = zigzag(value); rest > 0x7f; rest = Math.floor(rest / 128)) count++;
  return count;
}

function writeVarlong(buffer: Buffer, at: number, value: number): number {
  let next = at;
  let rest = zigzag(value);
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) buffer[next++] = (rest % 128) | 0x80;
  buffer[next++] = rest;
  return next;
}
