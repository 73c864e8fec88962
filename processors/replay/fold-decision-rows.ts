/** Decision rows as blocks of columns in ClickHouse's Native format, as fold-output.ts does for snapshots. */
import type { Outcome, Transition } from '../../schemas/decision.js';
import type { Decision } from '../rules/rule-set.js';
import type { Before } from '../rules/transition.js';
import {
  DictionaryColumn,
  type NativeColumn,
  nativeBlock,
  RunColumn,
  StringColumn,
  WordsColumn,
} from '../store/native-columns.js';
import type { FoldRow } from './fold-row.js';

/** Bytes of a row's columns of fixed width and dictionary keys, about. */
const ROW_BYTES = 60;

export interface DecidedEvent {
  readonly now: Decision;
  readonly before: Before;
  readonly is: Outcome;
  readonly was: Outcome;
  readonly transition: Transition;
}

/** DECISION_OUTPUT, with the types that the table has. */
class DecisionColumns {
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
  readonly decision = new StringColumn('decision');
  readonly error = new StringColumn('error');
  readonly before = new StringColumn('before');
  readonly beforeError = new StringColumn('before_error');
  readonly was = new DictionaryColumn('was');
  readonly now = new DictionaryColumn('now');
  readonly transition = new DictionaryColumn('transition');
  readonly claim = new RunColumn<bigint>('claim', 'UInt64', (rows) => new BigUint64Array(rows), 0n);
  readonly all: readonly NativeColumn[] = Object.values(this);

  get byteLength(): number {
    const texts = [this.entityId, this.eventId, this.decision, this.error, this.before, this.beforeError];
    return texts.reduce((sum, column) => sum + column.byteLength, 0);
  }
}

export class DecisionRows {
  readonly #jobId: string;
  readonly #claim: bigint;
  readonly #blockBytes: number;
  #columns = new DecisionColumns();
  #spare = new DecisionColumns();
  #rows = 0;
  /** True: the block is as large as it shall be; a row more is taken all the same. */
  isFull = false;

  constructor(jobId: string, claim: bigint, blockBytes: number) {
    this.#jobId = jobId;
    this.#claim = claim;
    this.#blockBytes = blockBytes;
    this.#beginBlock();
  }

  /** Rows of the block so far. */
  get length(): number {
    return this.#rows;
  }

  /** The bytes of the block, valid until the next call; what is written from now on is another block. */
  take(): Buffer[] {
    const chunks = nativeBlock(this.#columns.all, this.#rows);
    [this.#columns, this.#spare] = [this.#spare, this.#columns];
    this.#beginBlock();
    return chunks;
  }

  #beginBlock(): void {
    for (const column of this.#columns.all) column.clear();
    this.#columns.jobId.text(0, this.#jobId);
    this.#columns.claim.set(0, this.#claim);
    this.#rows = 0;
    this.isFull = false;
  }

  write(source: FoldRow, foldSeq: number, decided: DecidedEvent): void {
    const row = this.#rows++;
    const columns = this.#columns;
    const { bytes, view } = source;
    columns.entityHash.set(row, source.hashLow, source.hashHigh);
    columns.entityType.bytes(row, bytes, view, source.entityType, source.entityTypeEnd);
    columns.entityId.bytes(row, bytes, view, source.entityId, source.entityIdEnd);
    columns.foldSeq.set(row, foldSeq, Math.floor(foldSeq / 2 ** 32));
    columns.occurredAt.set(row, source.occurredLow, source.occurredHigh);
    columns.eventId.bytes(row, bytes, view, source.eventId, source.eventIdEnd);
    columns.eventType.bytes(row, bytes, view, source.eventType, source.eventTypeEnd);
    columns.topicId.bytes(row, bytes, view, source.topicId, source.topicIdEnd);
    columns.partition.set(row, source.partition);
    columns.offset.set(row, source.offsetLow, source.offsetHigh);
    columns.n.set(row, source.n);
    const { now, before, is, was, transition } = decided;
    columns.decision.text(row, now.error === undefined ? (now.result ?? '') : '');
    columns.error.text(row, now.error ?? '');
    if ('recorded' in before) columns.before.text(row, before.recorded);
    else {
      columns.before.text(row, before.error === undefined ? (before.result ?? '') : '');
      columns.beforeError.text(row, before.error ?? '');
    }
    columns.was.text(row, was);
    columns.now.text(row, is);
    columns.transition.text(row, transition);
    this.isFull = row * ROW_BYTES + columns.byteLength >= this.#blockBytes;
  }
}
