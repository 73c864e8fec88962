/**
 * Kafka's record batches (message format 2) from the bytes of a fetch: headers first, records only when they are asked
 * for. Keys, values and headers are views into the fetched buffer. Between requests.ts (fetch) and partition-cursor.ts.
 * https://kafka.apache.org/documentation/#recordbatch
 */
import { RewindError } from '../../schemas/errors.js';
import type { RawRecord } from '../../schemas/event.js';
import { type LogRecords, setWords } from '../sources/log-records.js';
import { crc32c } from './crc32c.js';
import type { TransactionalBatch } from './transaction-filter.js';

const HEADER_BYTES = 61;
/** From here on bytes are covered by the checksum. */
const CHECKED_FROM = 21;

export interface RecordBatch extends TransactionalBatch {
  readonly baseOffset: bigint;
  /** Of the header: it survives compaction of the records, so that batches tile the log. */
  readonly lastOffset: bigint;
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly codec: number;
  readonly baseTimeMs: bigint;
  /** Set when the broker stamps records (LogAppendTime): all records of the batch have it. */
  readonly appendTimeMs: bigint | null;
  readonly recordCount: number;
  /** As stored, packed by `codec`. */
  readonly payload: Buffer;
}

/**
 * The whole batches of a fetched record set, in order. A batch that the size limit cut off at the end is left out.
 * Errors: batch_corrupt (checksum, a format before Kafka 0.11).
 */
export function* recordBatches(recordSet: Buffer): Generator<RecordBatch> {
  for (let at = 0; at + HEADER_BYTES <= recordSet.length; ) {
    const end = at + 12 + recordSet.readInt32BE(at + 8);
    if (end > recordSet.length) return;
    yield readBatch(recordSet.subarray(at, end));
    at = end;
  }
}

/** The offset behind the last whole batch of a record set, by its headers alone; at least `from`. */
export function batchesEnd(recordSet: Buffer, from: bigint): bigint {
  let last = -1;
  for (let at = 0; at + HEADER_BYTES <= recordSet.length; ) {
    const end = at + 12 + recordSet.readInt32BE(at + 8);
    // A length that leads nowhere is found out when the batch is read.
    if (end > recordSet.length || end <= at) break;
    last = at;
    at = end;
  }
  if (last < 0) return from;
  const next = recordSet.readBigInt64BE(last) + BigInt(recordSet.readInt32BE(last + 23)) + 1n;
  return next > from ? next : from;
}

function readBatch(bytes: Buffer): RecordBatch {
  const baseOffset = bytes.readBigInt64BE(0);
  const magic = bytes.readInt8(16);
  if (magic !== 2)
    throw new RewindError(
      'batch_corrupt',
      `the batch at offset ${baseOffset} has record format ${magic}, not 2`,
    );
  if (crc32c(bytes, CHECKED_FROM, bytes.length) !== bytes.readUInt32BE(17))
    throw new RewindError('batch_corrupt', `the batch at offset ${baseOffset} fails its checksum`);
  const attributes = bytes.readInt16BE(21);
  const isControl = (attributes & 0x20) !== 0;
  const payload = bytes.subarray(HEADER_BYTES);
  const recordCount = bytes.readInt32BE(57);
  return {
    baseOffset,
    lastOffset: baseOffset + BigInt(bytes.readInt32BE(23)),
    codec: attributes & 0x07,
    baseTimeMs: bytes.readBigInt64BE(27),
    appendTimeMs: attributes & 0x08 ? bytes.readBigInt64BE(35) : null,
    producerId: bytes.readBigInt64BE(43),
    isTransactional: (attributes & 0x10) !== 0,
    isControl,
    isAbortMarker: isControl && recordCount > 0 && markerKind(payload) === 0,
    recordCount,
    payload,
  };
}

/** Type of a control record: 0 abort, 1 commit. Its key is a version and the type, 16 bits each. Control is never packed. */
function markerKind(payload: Buffer): number {
  const reader = new RecordReader(payload, 'control');
  reader.varint();
  reader.skip(1);
  reader.varint();
  reader.varint();
  const key = reader.view();
  return key !== null && key.length >= 4 ? key.readInt16BE(2) : -1;
}

/**
 * Reads the records of one batch in steps.
 * @param records the unpacked payload
 */
export class RecordReader {
  private at = 0;
  private readonly baseOffset: number;
  private readonly baseTime: number;

  constructor(
    private readonly records: Buffer,
    private readonly where: string,
    private readonly batch: RecordBatch | null = null,
  ) {
    this.baseOffset = Number(batch?.baseOffset ?? 0n);
    this.baseTime = Number(batch?.appendTimeMs ?? batch?.baseTimeMs ?? 0n);
  }

  /** Adds the next record to the list; its offset and time count from the batch's. Errors: batch_corrupt. */
  next(into: LogRecords): number {
    const size = this.varint();
    const end = this.at + size;
    this.at++;
    const timeAt = this.at;
    const timeDelta = this.varlong();
    const offset = this.baseOffset + this.varint();
    const i = into.add();
    if (Number.isSafeInteger(offset)) setWords(into.offsetWords, i, offset);
    else into.offsets[i] = (this.batch?.baseOffset ?? 0n) + BigInt(offset - this.baseOffset);
    const time = this.batch?.appendTimeMs === null ? this.baseTime + timeDelta : this.baseTime;
    if (Number.isSafeInteger(time) && Number.isSafeInteger(timeDelta)) setWords(into.timeWords, i, time);
    else into.times[i] = this.exactTime(timeAt);
    this.bytes(i, into.keyStarts, into.keyEnds);
    this.bytes(i, into.valueStarts, into.valueEnds);
    const headers = this.varint();
    if (headers > 0) into.headers.set(i, this.headers(headers));
    if (this.at !== end || end > this.records.length || size <= 0) this.corrupt();
    return i;
  }

  skip(bytes: number): void {
    this.at += bytes;
  }

  /** A signed 32-bit number, zigzag. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.records[this.at++];
      if (byte === undefined) return this.corrupt();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    return this.corrupt();
  }

  /** A signed 64-bit number, zigzag, rounded beyond 2^53; times of one batch lie close together: four bytes, usually. */
  private varlong(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.records[this.at++];
      if (byte === undefined) return this.corrupt();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        const half = Math.floor(value / 2);
        return value % 2 === 0 ? half : -half - 1;
      }
      scale *= 128;
    }
    return this.corrupt();
  }

  /** The record time with all its 64 bits, from the delta that begins at `at`. */
  private exactTime(at: number): bigint {
    const batch = this.batch;
    if (batch === null || batch.appendTimeMs !== null) return batch?.appendTimeMs ?? 0n;
    let value = 0n;
    for (let shift = 0n, i = at; ; shift += 7n, i++) {
      const byte = this.records[i]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return BigInt.asIntN(64, batch.baseTimeMs + ((value >> 1n) ^ -(value & 1n)));
  }

  /** Places of a key or value; -1 where it is null. */
  private bytes(i: number, starts: Int32Array, ends: Int32Array): void {
    const size = this.varint();
    starts[i] = size < 0 ? -1 : this.at;
    if (size > 0) this.at += size;
    ends[i] = this.at;
    if (this.at > this.records.length) this.corrupt();
  }

  /** A copy-free view of the bytes that follow their length; null: none. */
  view(): Buffer | null {
    const size = this.varint();
    if (size < 0) return null;
    const from = this.at;
    this.at += size;
    if (this.at > this.records.length) return this.corrupt();
    return this.records.subarray(from, this.at);
  }

  private headers(count: number): RawRecord['headers'] {
    const headers: (readonly [string, Buffer | null])[] = [];
    for (let i = 0; i < count; i++) {
      const name = this.view();
      headers.push([name === null ? '' : name.toString('utf8'), this.view()]);
    }
    return headers;
  }

  private corrupt(): never {
    throw new RewindError(
      'batch_corrupt',
      `the records of the batch at ${this.where} do not follow the record format`,
    );
  }
}
