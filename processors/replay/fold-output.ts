/**
 * Snapshot rows in RowBinary, assembled from the input row's own bytes: the columns from entity_hash to entity_id and
 * from occurred_at to n stand side by side in the input exactly as SNAPSHOT_OUTPUT wants them.
 */
import { ByteBlock, equalBytes, FixedBytes, viewOf } from '../snapshots/byte-block.js';
import type { EntityState } from '../snapshots/entity-state.js';
import type { RowBinaryWriter } from '../store/rowbinary.js';

/** Rows are handed to the sink in pieces of about this size. */
const PIECE_BYTES = 128 << 10;
/** fold_seq, exists, changes, two string lengths and claim. */
const FIXED_BYTES = 8 + 1 + 4 + 2 * 5 + 8;

export class SnapshotRows {
  readonly #rows: RowBinaryWriter;
  readonly #block = new ByteBlock(2 * PIECE_BYTES);
  readonly #claimLow: number;
  readonly #claimHigh: number;
  readonly #jobBytes: number;
  /** job_id, entity_hash, entity_type and entity_id of the entity being folded. */
  #head: Buffer;
  #headView: DataView;
  #headLength: number;

  constructor(rows: RowBinaryWriter, jobId: string, claim: bigint) {
    this.#rows = rows;
    this.#claimLow = Number(claim & 0xffff_ffffn);
    this.#claimHigh = Number(claim >> 32n);
    const job = new ByteBlock(Buffer.byteLength(jobId) + 5);
    job.varint(Buffer.byteLength(jobId));
    job.fixed(new FixedBytes(jobId));
    this.#jobBytes = job.length;
    this.#headLength = job.length;
    this.#head = job.buffer;
    this.#headView = job.view;
  }

  /** True: bytes start..end (entity_hash, entity_type, entity_id) are those of the entity being folded. */
  isEntity(bytes: Buffer, view: DataView, start: number, end: number): boolean {
    const size = end - start;
    return (
      size === this.#headLength - this.#jobBytes &&
      equalBytes(this.#head, this.#headView, this.#jobBytes, bytes, view, start, size)
    );
  }

  openEntity(bytes: Buffer, start: number, end: number): void {
    const length = this.#jobBytes + end - start;
    if (length > this.#head.length) {
      const grown = Buffer.alloc(length * 2);
      this.#head.copy(grown, 0, 0, this.#jobBytes);
      this.#head = grown;
      this.#headView = viewOf(grown);
    }
    bytes.copy(this.#head, this.#jobBytes, start, end);
    this.#headLength = length;
  }

  /** Writes a row from what is staged in `state`; `source` holds occurred_at to n at start..end. */
  write(
    state: EntityState,
    foldSeq: number,
    exists: boolean,
    source: Buffer,
    view: DataView,
    start: number,
    end: number,
  ): void {
    const block = this.#block;
    const shape = state.shape;
    const valuesLength = state.valuesLength;
    block.reserve(this.#headLength + (end - start) + shape.length + valuesLength + FIXED_BYTES);
    block.copy(this.#head, this.#headView, 0, this.#headLength);
    block.u64(foldSeq);
    block.copy(source, view, start, end);
    block.byte(exists ? 1 : 0);
    block.u32(state.changes);
    block.varint(shape.length);
    block.copy(shape.buffer, shape.view, 0, shape.length);
    block.varint(valuesLength);
    state.writeValues(block);
    block.u32(this.#claimLow);
    block.u32(this.#claimHigh);
    if (block.length >= PIECE_BYTES) this.flush();
  }

  /** Hands all rows so far to the sink. */
  flush(): void {
    this.#rows.raw(this.#block.buffer, 0, this.#block.length);
    this.#block.length = 0;
  }
}
