/**
 * One row of the fold's input, read where it lies in a block of columns: places and numbers, no objects and no copies.
 * Valid until the next `load`, and only as long as the block is.
 */
import { isObject } from '../encodings/json-bytes.js';
import type { Envelope, EnvelopeName } from '../encodings/lookup.js';
import { PathTree } from '../encodings/path-tree.js';
import { PayloadShape } from '../encodings/payload-shape.js';
import type { EventSubject } from '../reducers/evolve.js';
import { setMembers } from '../reducers/operations.js';
import { viewOf } from '../snapshots/byte-block.js';
import type { EntityState } from '../snapshots/entity-state.js';
import type { NativeReader } from '../store/native-reader.js';
import { envelopeColumn } from './fold-columns.js';
import type { SnapshotSource } from './fold-kept.js';

/** The columns of FOLD_INPUT in the blocks of one reader. */
class FoldColumns {
  readonly entityHash;
  readonly entityType;
  readonly entityId;
  readonly occurredAt;
  readonly eventId;
  readonly eventType;
  readonly topicId;
  readonly partition;
  readonly offset;
  readonly n;
  readonly bodyHash;
  readonly payloadShape;
  readonly payloadValues;

  constructor(reader: NativeReader) {
    this.entityHash = reader.numbers('entity_hash', 8);
    this.entityType = reader.dictionary('entity_type');
    this.entityId = reader.strings('entity_id');
    this.occurredAt = reader.numbers('occurred_at', 8);
    this.eventId = reader.strings('event_id');
    this.eventType = reader.dictionary('event_type');
    this.topicId = reader.dictionary('topic_id');
    this.partition = reader.numbers('partition', 4);
    this.offset = reader.numbers('offset', 8);
    this.n = reader.numbers('n', 2);
    this.bodyHash = reader.numbers('body_hash', 8);
    this.payloadShape = reader.dictionary('payload_shape');
    this.payloadValues = reader.strings('payload_values');
  }
}

export class FoldRow implements Envelope, SnapshotSource {
  bytes: Buffer = Buffer.alloc(0);
  view: DataView = viewOf(this.bytes);
  /** Keys of the row in the dictionaries of its block. */
  entityTypeKey = 0;
  eventTypeKey = 0;
  payloadShapeKey = 0;
  hashLow = 0;
  hashHigh = 0;
  entityType = 0;
  entityTypeEnd = 0;
  entityId = 0;
  entityIdEnd = 0;
  occurredLow = 0;
  occurredHigh = 0;
  eventId = 0;
  eventIdEnd = 0;
  eventType = 0;
  eventTypeEnd = 0;
  topicId = 0;
  topicIdEnd = 0;
  partition = 0;
  offsetLow = 0;
  offsetHigh = 0;
  /** Which entity of the record this row is, from 0. */
  n = 0;
  /** Eight bytes. */
  bodyHash = 0;
  /** Values of the payload's members, joined by line feeds. */
  payload = 0;
  payloadEnd = 0;

  readonly #reader: NativeReader;
  readonly #mapped: boolean;
  #columns: FoldColumns | null = null;
  #row = 0;

  /** `mapped`: the entities were derived; see envelopeColumn. */
  constructor(reader: NativeReader, mapped: boolean) {
    this.#reader = reader;
    this.#mapped = mapped;
  }

  /** The reader has gone on to another block. */
  beginBlock(): void {
    this.#columns ??= new FoldColumns(this.#reader);
    this.bytes = this.#reader.bytes;
    this.view = this.#reader.view;
  }

  load(row: number): void {
    const { view } = this;
    const columns = this.#columns!;
    this.#row = row;
    const hash = columns.entityHash.at + 8 * row;
    this.hashLow = view.getInt32(hash, true);
    this.hashHigh = view.getInt32(hash + 4, true);
    const type = columns.entityType.keys[row]!;
    this.entityTypeKey = type;
    this.entityType = columns.entityType.starts[type]!;
    this.entityTypeEnd = columns.entityType.ends[type]!;
    this.entityId = columns.entityId.starts[row]!;
    this.entityIdEnd = columns.entityId.ends[row]!;
    const occurred = columns.occurredAt.at + 8 * row;
    this.occurredLow = view.getInt32(occurred, true);
    this.occurredHigh = view.getInt32(occurred + 4, true);
    this.eventId = columns.eventId.starts[row]!;
    this.eventIdEnd = columns.eventId.ends[row]!;
    const event = columns.eventType.keys[row]!;
    this.eventTypeKey = event;
    this.eventType = columns.eventType.starts[event]!;
    this.eventTypeEnd = columns.eventType.ends[event]!;
    const topic = columns.topicId.keys[row]!;
    this.topicId = columns.topicId.starts[topic]!;
    this.topicIdEnd = columns.topicId.ends[topic]!;
    this.partition = view.getInt32(columns.partition.at + 4 * row, true);
    const offset = columns.offset.at + 8 * row;
    this.offsetLow = view.getInt32(offset, true);
    this.offsetHigh = view.getInt32(offset + 4, true);
    this.n = view.getUint16(columns.n.at + 2 * row, true);
    this.bodyHash = columns.bodyHash.at + 8 * row;
    this.payloadShapeKey = columns.payloadShape.keys[row]!;
    this.payload = columns.payloadValues.starts[row]!;
    this.payloadEnd = columns.payloadValues.ends[row]!;
  }

  /** Errors: store_rejected where the column was not read. */
  text(name: EnvelopeName): string {
    return this.#reader.texts(envelopeColumn(name, this.#mapped)).text(this.bytes, this.#row);
  }

  /** The row's own entity; `text` says the envelope's. */
  get ownEntityType(): string {
    return this.bytes.toString('utf8', this.entityType, this.entityTypeEnd);
  }

  get ownEntityId(): string {
    return this.bytes.toString('utf8', this.entityId, this.entityIdEnd);
  }

  /** Canonical JSON of the decision recorded with the event; empty: none. Errors: as `text`. */
  get recordedDecision(): string {
    return this.#reader.texts('decision').text(this.bytes, this.#row);
  }

  /** Nanoseconds since 1970. */
  get occurredAtNs(): bigint {
    return this.view.getBigInt64(this.#columns!.occurredAt.at + 8 * this.#row, true);
  }

  get topicText(): string {
    return this.bytes.toString('utf8', this.topicId, this.topicIdEnd);
  }

  get offset(): bigint {
    return this.view.getBigUint64(this.#columns!.offset.at + 8 * this.#row, true);
  }

  /** `\n"name"\n"title"\n`, as stored; a part of the block. */
  get payloadShape(): Buffer {
    const { starts, ends } = this.#columns!.payloadShape;
    return this.bytes.subarray(starts[this.payloadShapeKey], ends[this.payloadShapeKey]);
  }
}

const NO_SHAPE = new PayloadShape(Buffer.alloc(0));

/** The same object for every row: what lookups and rules are evaluated against. */
export class RowSubject implements EventSubject {
  bytes: Buffer = Buffer.alloc(0);
  paths = new PathTree();
  items: PathTree | null = null;
  shape = NO_SHAPE;
  /** Where the item begins; only with `items`. */
  item = 0;
  readonly envelope: FoldRow;

  constructor(row: FoldRow) {
    this.envelope = row;
  }

  trackDocument(state: EntityState): void {
    const { bytes, item, envelope } = this;
    if (this.items === null) this.shape.track(state, bytes, envelope.payload, envelope.payloadEnd);
    else if (isObject(bytes, item)) setMembers(state, bytes, item);
  }
}
