/**
 * One fetched partition, read in slices: contiguous steps of committed records that move over control batches, aborted
 * batches and gaps. Between requests.ts and reader.ts; holds the fetched bytes until it is read to its end.
 */
import type { RawRecord } from '../../schemas/event.js';
import type { LogBatch } from '../sources/source.js';
import { unpack } from './codecs.js';
import { type PartitionName, type RecordBatch, RecordReader, recordBatches } from './record-batch.js';
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

  /**
   * @param position next offset wanted: records below it, which a batch may hold, are left out
   * @param end exclusive end of the range, null: none
   */
  constructor(
    private readonly name: PartitionName,
    fetched: FetchedRecords,
    private position: bigint,
    private readonly end: bigint | null,
    private readonly batchMaxBytes: number,
  ) {
    this.batches = recordBatches(fetched.recordSet);
    this.visible = committedOnly(fetched.aborted);
  }

  /** The next step, or null when the fetched bytes or the range end. Errors: batch_corrupt, batch_too_large, codec_unsupported. */
  next(limits: SliceLimits, now: () => number): LogBatch | null {
    const deadline = now() + limits.milliseconds;
    const from = this.position;
    const records: RawRecord[] = [];
    while (!this.finished()) {
      if (this.batch === null && !this.open()) break;
      this.read(records, limits.records, deadline, now);
      if (records.length >= limits.records || now() >= deadline) break;
    }
    if (this.position === from) return null;
    return { ...this.name, from, to: this.position, records };
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
        const payload = unpack(batch.codec, batch.payload, this.batchMaxBytes);
        this.reader = new RecordReader(
          payload,
          `${this.name.topic}/${this.name.partition}/${batch.baseOffset}`,
        );
        return true;
      }
      this.moveTo(batch.lastOffset + 1n);
      if (this.finished()) return false;
    }
    return false;
  }

  private read(records: RawRecord[], most: number, deadline: number, now: () => number): void {
    const batch = this.batch as RecordBatch;
    const reader = this.reader as RecordReader;
    while (this.left > 0) {
      const record = reader.next(batch, this.name);
      this.left--;
      if (record.offset < this.position) continue;
      if (this.end !== null && record.offset >= this.end) {
        this.left = 0;
        break;
      }
      records.push(record);
      this.position = record.offset + 1n;
      if (records.length >= most) break;
      // Asking the clock for each record would cost as much as reading it.
      if ((records.length & 255) === 0 && now() >= deadline) break;
    }
    if (this.left > 0) return;
    this.batch = null;
    this.reader = null;
    this.moveTo(batch.lastOffset + 1n);
  }

  private moveTo(offset: bigint): void {
    this.position = this.end !== null && offset > this.end ? this.end : offset;
  }
}
