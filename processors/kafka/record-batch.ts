/**
 * Kafka's record batches (message format 2) from the bytes of a fetch: headers first, records only when they are asked
 * for. Keys, values and headers are views into the fetched buffer. Between requests.ts (fetch) and partition-cursor.ts.
 * https://kafka.apache.org/documentation/#recordbatch
 */
import { RewindError } from '../../schemas/errors.js';
import type { RawRecord } from '../../schemas/event.js';
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
  const key = reader.bytes();
  return key !== null && key.length >= 4 ? key.readInt16BE(2) : -1;
}

export interface PartitionName {
  readonly topicId: string;
  readonly topic: string;
  readonly partition: number;
}

/**
 * Reads the records of one batch in steps.
 * @param records the unpacked payload
 */
export class RecordReader {
  private at = 0;

  constructor(
    private readonly records: Buffer,
    private readonly where: string,
  ) {}

  /** The next record; its offset and time count from the batch's. Errors: batch_corrupt. */
  next(batch: RecordBatch, name: PartitionName): RawRecord {
    const size = this.varint();
    const end = this.at + size;
    this.at++;
    const timeDelta = this.varlong();
    const offsetDelta = this.varint();
    const key = this.bytes();
    const value = this.bytes();
    const headers = this.headers();
    if (this.at !== end || end > this.records.length || size <= 0) this.corrupt();
    return {
      topicId: name.topicId,
      topic: name.topic,
      partition: name.partition,
      offset: batch.baseOffset + BigInt(offsetDelta),
      recordTimeMs: batch.appendTimeMs ?? batch.baseTimeMs + timeDelta,
      key,
      value,
      headers,
    };
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

  /** A signed 64-bit number, zigzag; times of one batch lie close together, so four bytes are the usual case. */
  private varlong(): bigint {
    const start = this.at;
    let small = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.records[this.at++];
      if (byte === undefined) return this.corrupt();
      small |= (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt((small >>> 1) ^ -(small & 1));
    }
    this.at = start;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.records[this.at++];
      if (byte === undefined) return this.corrupt();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    return this.corrupt();
  }

  bytes(): Buffer | null {
    const size = this.varint();
    if (size < 0) return null;
    const from = this.at;
    this.at += size;
    if (this.at > this.records.length) return this.corrupt();
    return this.records.subarray(from, this.at);
  }

  private headers(): readonly (readonly [string, Buffer | null])[] {
    const count = this.varint();
    if (count <= 0) return NO_HEADERS;
    const headers: (readonly [string, Buffer | null])[] = [];
    for (let i = 0; i < count; i++) {
      const name = this.bytes();
      headers.push([name === null ? '' : name.toString('utf8'), this.bytes()]);
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

const NO_HEADERS: readonly (readonly [string, Buffer | null])[] = [];
