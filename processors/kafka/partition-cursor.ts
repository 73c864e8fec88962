/**
 * One fetched partition, read in slices: contiguous steps of committed records that move over control batches, aborted
 * batches and gaps. Between requests.ts and reader.ts; holds the fetched bytes until it is read to its end.
 */
import { LogRecords, type PartitionName } from '../sources/log-records.js';
import type { LogBatch } from '../sources/source.js';
import { unpack } from './codecs.js';
import { type RecordBatch, RecordReader, recordBatches } from './record-batch.js';
import { type AbortedTransaction, committedOnly } from './transaction-filter.js';

export interface FetchedRecords {
  readonly recordSet: Buffer;
  readonly aborted: readonly AbortedTransaction[];
}

export interface SliceLimits {
  /** Most records of one slice. */
  readonly records: number;
  /** A slice ends no later than this after it began, at a record. */
  readonly milliseconds: number;
}

export class PartitionCursor {
  private readonly batches: Iterator<RecordBatch>;
  private readonly visible: (batch: RecordBatch) => boolean;
  private batch: RecordBatch | null = null;
  private reader: RecordReader | null = null;
  private left = 0;
  /** Unpacked records of the batch at hand. */
  private payload: Buffer = NO_BYTES;

  /**
   * @param position next offset wanted: records below it, which a batch may hold, are left out
   * @param end exclusive end of the range, null: none
   * @param records filled by each step: cursors that are read one after the other may share it
   */
  constructor(
    private readonly name: PartitionName,
    fetched: FetchedRecords,
    private position: bigint,
    private readonly end: bigint | null,
    private readonly batchMaxBytes: number,
    private readonly records: LogRecords = new LogRecords(name),
  ) {
    this.batches = recordBatches(fetched.recordSet);
    this.visible = committedOnly(fetched.aborted);
  }

  /**
   * The next step, or null when the fetched bytes or the range end. Its list of records is used again for the step after.
   * Errors: batch_corrupt, batch_too_large, codec_unsupported.
   */
  next(limits: SliceLimits, now: () => number): LogBatch | null {
    const deadline = now() + limits.milliseconds;
    const from = this.position;
    const { records } = this;
    records.clear();
    if (this.batch !== null) records.part(this.payload);
    while (!this.finished()) {
      if (this.batch === null && !this.open()) break;
      this.read(limits.records, deadline, now);
      if (records.length >= limits.records || now() >= deadline) break;
    }
    if (this.position === from) return null;
    const { topicId, topic, partition } = this.name;
    return { topicId, topic, partition, from, to: this.position, records };
  }

  private finished(): boolean {
    return this.end !== null && this.position >= this.end;
  }

  /** Goes to the next batch that has something to see; the position moves over those that have not. */
  private open(): boolean {
    for (let step = this.batches.next(); step.done !== true; step = this.batches.next()) {
      const batch = step.value;
      const seen = this.visible(batch);
      // A fetch starts with the batch that holds the position; what lies before it was read already.
      if (batch.lastOffset < this.position) continue;
      if (this.end !== null && batch.baseOffset >= this.end) {
        this.position = this.end;
        return false;
      }
      if (seen && batch.recordCount > 0) {
        this.batch = batch;
        this.left = batch.recordCount;
        this.payload = unpack(batch.codec, batch.payload, this.batchMaxBytes);
        this.records.part(this.payload);
        const where = `${this.name.topic}/${this.name.partition}/${batch.baseOffset}`;
        this.reader = new RecordReader(this.payload, where, batch);
        return true;
      }
      this.moveTo(batch.lastOffset + 1n);
      if (this.finished()) return false;
    }
    return false;
  }

  private read(most: number, deadline: number, now: () => number): void {
    const batch = this.batch as RecordBatch;
    const reader = this.reader as RecordReader;
    const { records } = this;
    const before = records.length;
    // Most batches lie in the range as a whole: their offsets need not be looked at one by one.
    const whole = batch.baseOffset >= this.position && (this.end === null || batch.lastOffset < this.end);
    while (this.left > 0) {
      const i = reader.next(records);
      this.left--;
      if (!whole && records.offsets[i]! < this.position) {
        records.drop();
        continue;
      }
      if (!whole && this.end !== null && records.offsets[i]! >= this.end) {
        records.drop();
        this.left = 0;
        break;
      }
      if (records.length >= most) break;
      // Asking the clock for each record would cost as much as reading it.
      if ((records.length & 255) === 0 && now() >= deadline) break;
    }
    if (records.length > before) this.position = records.offsets[records.length - 1]! + 1n;
    if (this.left > 0) return;
    this.batch = null;
    this.reader = null;
    this.moveTo(batch.lastOffset + 1n);
  }

  private moveTo(offset: bigint): void {
    this.position = this.end !== null && offset > this.end ? this.end : offset;
  }
}

const NO_BYTES = Buffer.alloc(0);
