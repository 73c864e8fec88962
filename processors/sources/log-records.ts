/**
 * The records of one step of a partition, as places in the bytes that they were fetched in: no object per record. What
 * the log readers fill, and decoders and the archive's writer read; `record` makes a RawRecord of one for whoever
 * needs it whole.
 */
import type { RawRecord } from '../../schemas/event.js';

export interface PartitionName {
  readonly topicId: string;
  readonly topic: string;
  readonly partition: number;
}

/** Records first..end (exclusive) lie in the same bytes. */
export interface RecordPart {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly first: number;
  end: number;
}

type Headers = RawRecord['headers'];

const NO_HEADERS: Headers = [];
const TWO_32 = 0x1_0000_0000;

export class LogRecords implements Iterable<RawRecord> {
  length = 0;
  parts: RecordPart[] = [];
  /** Offsets and record times (milliseconds since 1970) as 64-bit numbers, and the same as words, low word first. */
  offsets: BigInt64Array;
  offsetWords: Int32Array;
  times: BigInt64Array;
  timeWords: Int32Array;
  /** Places in the bytes of the record's part; a start of -1: null. */
  keyStarts: Int32Array;
  keyEnds: Int32Array;
  valueStarts: Int32Array;
  valueEnds: Int32Array;
  /** Of the records that have any, by place in this list. */
  readonly headers = new Map<number, Headers>();

  constructor(
    readonly name: PartitionName,
    capacity = 256,
  ) {
    this.offsets = new BigInt64Array(capacity);
    this.offsetWords = new Int32Array(this.offsets.buffer);
    this.times = new BigInt64Array(capacity);
    this.timeWords = new Int32Array(this.times.buffer);
    this.keyStarts = new Int32Array(capacity);
    this.keyEnds = new Int32Array(capacity);
    this.valueStarts = new Int32Array(capacity);
    this.valueEnds = new Int32Array(capacity);
  }

  /** Records of one partition; keys and values are copied. */
  static of(name: PartitionName, records: readonly Omit<RawRecord, keyof PartitionName>[]): LogRecords {
    const list = new LogRecords(name, records.length);
    let size = 0;
    for (const { key, value } of records) size += (key?.length ?? 0) + (value?.length ?? 0);
    const bytes = Buffer.allocUnsafe(size);
    list.part(bytes);
    let at = 0;
    const place = (source: Buffer | null, i: number, starts: Int32Array, ends: Int32Array) => {
      starts[i] = source === null ? -1 : at;
      if (source !== null) at += source.copy(bytes, at);
      ends[i] = at;
    };
    for (const { offset, recordTimeMs, key, value, headers } of records) {
      const i = list.add();
      list.offsets[i] = offset;
      list.times[i] = recordTimeMs;
      place(key, i, list.keyStarts, list.keyEnds);
      place(value, i, list.valueStarts, list.valueEnds);
      if (headers.length > 0) list.headers.set(i, headers);
    }
    return list;
  }

  /** Empties the list for the next step; its arrays stay. */
  clear(): void {
    this.length = 0;
    this.parts = [];
    this.headers.clear();
  }

  /** The records added from now on lie in `bytes`. */
  part(bytes: Buffer): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.parts.push({ bytes, view, first: this.length, end: this.length });
  }

  /** Makes room for one more record and returns its place; the caller fills the arrays there. */
  add(): number {
    const i = this.length++;
    if (i >= this.keyEnds.length) this.grow();
    this.parts[this.parts.length - 1]!.end = i + 1;
    return i;
  }

  /** Takes back the record added last. */
  drop(): void {
    this.length--;
    this.headers.delete(this.length);
    this.parts[this.parts.length - 1]!.end = this.length;
  }

  private grow(): void {
    const capacity = Math.max(64, this.keyEnds.length * 2);
    const larger = (from: Int32Array) => {
      const to = new Int32Array(capacity);
      to.set(from);
      return to;
    };
    const offsets = new BigInt64Array(capacity);
    offsets.set(this.offsets);
    this.offsets = offsets;
    this.offsetWords = new Int32Array(offsets.buffer);
    const times = new BigInt64Array(capacity);
    times.set(this.times);
    this.times = times;
    this.timeWords = new Int32Array(times.buffer);
    this.keyStarts = larger(this.keyStarts);
    this.keyEnds = larger(this.keyEnds);
    this.valueStarts = larger(this.valueStarts);
    this.valueEnds = larger(this.valueEnds);
  }

  /** One record whole; its key and value are views into the part's bytes. */
  record(part: RecordPart, i: number): RawRecord {
    const { bytes } = part;
    const slice = (start: number, end: number) => (start < 0 ? null : bytes.subarray(start, end));
    return {
      topicId: this.name.topicId,
      topic: this.name.topic,
      partition: this.name.partition,
      offset: this.offsets[i]!,
      recordTimeMs: this.times[i]!,
      key: slice(this.keyStarts[i]!, this.keyEnds[i]!),
      value: slice(this.valueStarts[i]!, this.valueEnds[i]!),
      headers: this.headers.get(i) ?? NO_HEADERS,
    };
  }

  *[Symbol.iterator](): Generator<RawRecord> {
    for (const part of this.parts) {
      for (let i = part.first; i < part.end; i++) yield this.record(part, i);
    }
  }
}

/** Writes a whole number below 2^53 in size as the 64-bit number at place `i`. */
export function setWords(words: Int32Array, i: number, value: number): void {
  words[2 * i] = value | 0;
  words[2 * i + 1] = Math.floor(value / TWO_32) | 0;
}

/** Bytes of all keys and values. */
export function recordBytes(records: LogRecords, start = 0, end = records.length): number {
  let bytes = 0;
  for (let i = start; i < end; i++) {
    bytes += records.valueEnds[i]! - records.valueStarts[i]!;
    bytes += records.keyEnds[i]! - records.keyStarts[i]!;
  }
  return bytes;
}
