/**
 * Snapshot rows as blocks of columns in ClickHouse's Native format. What stays the same from row to row (job, claim,
 * types, shape) costs nothing per row here, and little in the store. Two sets of columns take turns: while one is on its
 * way to the store, the other is filled.
 */
import { equalBytes, viewOf } from '../snapshots/byte-block.js';
import type { EntityState } from '../snapshots/entity-state.js';
import {
  DictionaryColumn,
  type NativeColumn,
  nativeBlock,
  RunColumn,
  StringColumn,
  WordsColumn,
} from '../store/native-columns.js';
import type { SnapshotSource } from './fold-kept.js';
import type { FoldRow } from './fold-row.js';

/** Bytes of a row's columns of fixed width and dictionary keys, about. */
const ROW_BYTES = 60;

/** SNAPSHOT_OUTPUT, with the types that the table has. */
class SnapshotColumns {
  readonly jobId = new DictionaryColumn('job_id');
  readonly entityHash = new WordsColumn('entity_hash', 'UInt64');
  readonly entityType = new DictionaryColumn('entity_type');
  readonly entityId = new StringColumn('entity_id');
  readonly foldSeq = new WordsColumn('fold_seq', 'UInt64');
  readonly occurredAt = new WordsColumn('occurred_at', "DateTime64(9, 'UTC')");
  readonly eventId = new StringColumn('event_id');
  readonly eventType = new DictionaryColumn('event_type');
  readonly topicId = new DictionaryColumn('topic_id');
  readonly partition = new RunColumn<number>('partition', 'Int32', (rows) => new Int32Array(rows), 0);
  readonly offset = new WordsColumn('offset', 'UInt64');
  readonly n = new RunColumn<number>('n', 'UInt16', (rows) => new Uint16Array(rows), 0);
  readonly exists = new RunColumn<number>('exists', 'UInt8', (rows) => new Uint8Array(rows), 1);
  readonly changes = new RunColumn<number>('changes', 'UInt32', (rows) => new Uint32Array(rows), 0);
  readonly shape = new DictionaryColumn('shape');
  readonly state = new StringColumn('state');
  readonly claim = new RunColumn<bigint>('claim', 'UInt64', (rows) => new BigUint64Array(rows), 0n);
  readonly all: readonly NativeColumn[] = Object.values(this);

  get byteLength(): number {
    return this.entityId.byteLength + this.eventId.byteLength + this.state.byteLength;
  }
}

export class SnapshotRows {
  /** True: the block is as large as it shall be. */
  isFull = false;
  #blockBytes = 0;
  #jobId = '';
  #claim = 0n;
  #columns = new SnapshotColumns();
  #spare = new SnapshotColumns();
  #rows = 0;

  /** entity_type and entity_id of the entity being folded, one behind the other. */
  #entity = Buffer.alloc(128);
  #entityView = viewOf(this.#entity);
  #typeLength = 0;
  #entityLength = 0;
  #hashLow = 0;
  #hashHigh = 0;
  /** False: the block has no row of the entity yet. */
  #hasEntity = false;
  /** Whose shape was written last. */
  #shapeOf: EntityState | null = null;
  #shapeVersion = 0;

  /**
   * The rows that follow are of this job, under this claim; any before are forgotten. `blockBytes`: size from which on a
   * block is full, about; a row more is taken all the same.
   */
  begin(jobId: string, claim: bigint, blockBytes: number): void {
    this.#blockBytes = blockBytes;
    this.#jobId = jobId;
    this.#claim = claim;
    this.#beginBlock();
  }

  /** Rows of the block so far. */
  get length(): number {
    return this.#rows;
  }

  /** The bytes of the block, valid until the next call; what is written from now on is another block. */
  take(): Buffer[] {
    const chunks = nativeBlock(this.#columns.all, this.#rows);
    const taken = this.#columns;
    this.#columns = this.#spare;
    // What a few very large states made grow is given back.
    this.#spare = taken.byteLength > 2 * this.#blockBytes ? new SnapshotColumns() : taken;
    this.#beginBlock();
    return chunks;
  }

  #beginBlock(): void {
    for (const column of this.#columns.all) column.clear();
    this.#columns.jobId.text(0, this.#jobId);
    this.#columns.claim.set(0, this.#claim);
    this.#rows = 0;
    this.#hasEntity = false;
    this.#shapeOf = null;
    this.isFull = false;
  }

  /** True: the row belongs to the entity being folded. */
  isEntity(row: FoldRow): boolean {
    if (row.hashLow !== this.#hashLow || row.hashHigh !== this.#hashHigh) return false;
    const typeLength = row.entityTypeEnd - row.entityType;
    const idLength = row.entityIdEnd - row.entityId;
    return (
      typeLength === this.#typeLength &&
      typeLength + idLength === this.#entityLength &&
      equalBytes(this.#entity, this.#entityView, typeLength, row.bytes, row.view, row.entityId, idLength) &&
      equalBytes(this.#entity, this.#entityView, 0, row.bytes, row.view, row.entityType, typeLength)
    );
  }

  openEntity(row: FoldRow): void {
    this.#typeLength = row.entityTypeEnd - row.entityType;
    this.#entityLength = this.#typeLength + row.entityIdEnd - row.entityId;
    if (this.#entityLength > this.#entity.length) {
      this.#entity = Buffer.alloc(this.#entityLength * 2);
      this.#entityView = viewOf(this.#entity);
    }
    row.bytes.copy(this.#entity, 0, row.entityType, row.entityTypeEnd);
    row.bytes.copy(this.#entity, this.#typeLength, row.entityId, row.entityIdEnd);
    this.#hashLow = row.hashLow;
    this.#hashHigh = row.hashHigh;
    this.#hasEntity = false;
  }

  /** Writes a row from what is staged in `state`. */
  write(state: EntityState, foldSeq: number, exists: boolean, source: SnapshotSource): void {
    const row = this.#rows++;
    const columns = this.#columns;
    const { bytes, view } = source;
    if (!this.#hasEntity) {
      columns.entityType.bytes(row, this.#entity, this.#entityView, 0, this.#typeLength);
      this.#hasEntity = true;
    }
    columns.entityHash.set(row, this.#hashLow, this.#hashHigh);
    columns.entityId.bytes(row, this.#entity, this.#entityView, this.#typeLength, this.#entityLength);
    columns.foldSeq.set(row, foldSeq, Math.floor(foldSeq / 2 ** 32));
    columns.occurredAt.set(row, source.occurredLow, source.occurredHigh);
    columns.eventId.bytes(row, bytes, view, source.eventId, source.eventIdEnd);
    columns.eventType.bytes(row, bytes, view, source.eventType, source.eventTypeEnd);
    columns.topicId.bytes(row, bytes, view, source.topicId, source.topicIdEnd);
    columns.partition.set(row, source.partition);
    columns.offset.set(row, source.offsetLow, source.offsetHigh);
    columns.n.set(row, source.n);
    columns.exists.set(row, exists ? 1 : 0);
    columns.changes.set(row, state.changes);
    const shape = state.shape;
    if (state !== this.#shapeOf || state.shapeVersion !== this.#shapeVersion) {
      columns.shape.bytes(row, shape.buffer, shape.view, 0, shape.length);
      this.#shapeOf = state;
      this.#shapeVersion = state.shapeVersion;
    }
    state.writeValues(columns.state.begin(row, state.valuesLength));
    this.isFull = this.#rows * ROW_BYTES + columns.byteLength >= this.#blockBytes;
  }
}
