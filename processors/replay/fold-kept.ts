/** The event of a snapshot row: one in its block, or one that outlives it. */
import { sameBytes } from '../encodings/json-bytes.js';
import { viewOf } from '../snapshots/byte-block.js';

/** The event that a snapshot row is of: numbers, and places in `bytes`. */
export interface SnapshotSource {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly occurredLow: number;
  readonly occurredHigh: number;
  readonly eventId: number;
  readonly eventIdEnd: number;
  readonly eventType: number;
  readonly eventTypeEnd: number;
  readonly topicId: number;
  readonly topicIdEnd: number;
  readonly partition: number;
  readonly offsetLow: number;
  readonly offsetHigh: number;
  readonly n: number;
}

/** A copy: of the last event folded, or of the record that came last. */
export class KeptRow implements SnapshotSource {
  bytes = Buffer.alloc(256);
  view = viewOf(this.bytes);
  occurredLow = 0;
  occurredHigh = 0;
  readonly eventId = 0;
  eventIdEnd = 0;
  eventTypeEnd = 0;
  topicIdEnd = 0;
  partition = 0;
  offsetLow = 0;
  offsetHigh = 0;
  n = 0;
  #kept = false;

  get eventType(): number {
    return this.eventIdEnd;
  }

  get topicId(): number {
    return this.eventTypeEnd;
  }

  forget(): void {
    this.#kept = false;
  }

  keep(row: SnapshotSource): void {
    this.eventIdEnd = row.eventIdEnd - row.eventId;
    this.eventTypeEnd = this.eventIdEnd + row.eventTypeEnd - row.eventType;
    this.topicIdEnd = this.eventTypeEnd + row.topicIdEnd - row.topicId;
    if (this.topicIdEnd > this.bytes.length) {
      this.bytes = Buffer.alloc(2 * this.topicIdEnd);
      this.view = viewOf(this.bytes);
    }
    row.bytes.copy(this.bytes, 0, row.eventId, row.eventIdEnd);
    row.bytes.copy(this.bytes, this.eventType, row.eventType, row.eventTypeEnd);
    row.bytes.copy(this.bytes, this.topicId, row.topicId, row.topicIdEnd);
    this.occurredLow = row.occurredLow;
    this.occurredHigh = row.occurredHigh;
    this.partition = row.partition;
    this.offsetLow = row.offsetLow;
    this.offsetHigh = row.offsetHigh;
    this.n = row.n;
    this.#kept = true;
  }

  /** True: a row is kept, and both come from one record of the log. */
  isRecordOf(row: SnapshotSource): boolean {
    return (
      this.#kept &&
      this.offsetLow === row.offsetLow &&
      this.offsetHigh === row.offsetHigh &&
      this.partition === row.partition &&
      sameBytes(this.bytes, this.topicId, this.topicIdEnd, row.bytes, row.topicId, row.topicIdEnd)
    );
  }
}
