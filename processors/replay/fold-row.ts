/**
 * One row of the fold's input, read where it lies: offsets into the chunk, no objects and no copies. The layout is
 * FOLD_INPUT in fold-columns.ts, in RowBinary: fixed-width little-endian numbers, strings behind their varint length.
 * Valid until the next `parse`, and only as long as the chunk is.
 */
import type { Envelope, EnvelopeName, Subject } from '../encodings/lookup.js';
import { PathTree } from '../encodings/path-tree.js';
import { viewOf } from '../snapshots/byte-block.js';

/** entity_hash; then, behind three strings and between them, the other fixed-width columns. */
const HASH_BYTES = 8;
const TIME_BYTES = 8;
const PARTITION_BYTES = 4;
const OFFSET_BYTES = 8;
const N_BYTES = 2;
const BODY_HASH_BYTES = 8;

export class FoldRow implements Envelope {
  bytes: Buffer = Buffer.alloc(0);
  view: DataView = viewOf(this.bytes);
  /** entity_hash, entity_type and entity_id stand together at entity..entityEnd. */
  entity = 0;
  entityEnd = 0;
  entityType = 0;
  entityTypeEnd = 0;
  entityId = 0;
  /** occurred_at up to and with n stand together at source..sourceEnd, as a snapshot row repeats them. */
  source = 0;
  sourceEnd = 0;
  eventId = 0;
  eventIdEnd = 0;
  eventType = 0;
  eventTypeEnd = 0;
  /** topic_id with its length, partition and offset stand together at place..placeEnd; n follows. */
  place = 0;
  placeEnd = 0;
  bodyHash = 0;
  /** tenant_id, actor, action, severity: looked up only when a template asks. */
  texts = 0;
  payload = 0;
  payloadEnd = 0;

  /** Where the string read last by #string begins; it ends where the call says. */
  #start = 0;
  readonly #mapped: boolean;
  /** Strings from `texts` on, with the payload. */
  readonly #textCount: number;

  /** `mapped`: the rows have MAPPED_INPUT too. */
  constructor(mapped = false) {
    this.#mapped = mapped;
    this.#textCount = mapped ? 7 : 5;
  }

  /** Reads the row at `at`; the index after it, or -1 where `end` cuts it short. */
  parse(bytes: Buffer, at: number, end: number): number {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = viewOf(bytes);
    }
    this.entity = at;
    let i = this.#string(at + HASH_BYTES, end);
    if (i < 0) return -1;
    this.entityType = this.#start;
    this.entityTypeEnd = i;
    i = this.#string(i, end);
    if (i < 0) return -1;
    this.entityId = this.#start;
    this.entityEnd = i;
    this.source = i;
    i = this.#string(i + TIME_BYTES, end);
    if (i < 0) return -1;
    this.eventId = this.#start;
    this.eventIdEnd = i;
    i = this.#string(i, end);
    if (i < 0) return -1;
    this.eventType = this.#start;
    this.eventTypeEnd = i;
    this.place = i;
    i = this.#string(i, end);
    if (i < 0) return -1;
    this.placeEnd = i + PARTITION_BYTES + OFFSET_BYTES;
    this.sourceEnd = this.placeEnd + N_BYTES;
    this.bodyHash = this.sourceEnd;
    i = this.bodyHash + BODY_HASH_BYTES;
    this.texts = i;
    for (let text = 0; text < this.#textCount; text++) {
      i = this.#string(i, end);
      if (i < 0) return -1;
    }
    this.payload = this.#start;
    this.payloadEnd = i;
    return i;
  }

  /** The index after the string whose length stands at `at`, or -1. */
  #string(at: number, end: number): number {
    if (at >= end) return -1;
    const bytes = this.bytes;
    let i = at;
    let byte = bytes[i++]!;
    let length = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (i >= end) return -1;
      byte = bytes[i++]!;
      length |= (byte & 0x7f) << shift;
    }
    this.#start = i;
    const after = i + length;
    return after <= end ? after : -1;
  }

  text(name: EnvelopeName): string {
    const bytes = this.bytes;
    switch (name) {
      case 'entity_type':
        return this.#mapped ? this.#textAfter(4) : this.ownEntityType;
      case 'entity_id':
        return this.#mapped ? this.#textAfter(5) : this.ownEntityId;
      case 'event_id':
        return bytes.toString('utf8', this.eventId, this.eventIdEnd);
      case 'event_type':
        return bytes.toString('utf8', this.eventType, this.eventTypeEnd);
      case 'tenant_id':
        return this.#textAfter(0);
      case 'actor':
        return this.#textAfter(1);
      case 'action':
        return this.#textAfter(2);
      case 'severity':
        return this.#textAfter(3);
    }
  }

  #textAfter(skip: number): string {
    let end = this.texts;
    for (let i = 0; i <= skip; i++) end = this.#string(end, this.payloadEnd);
    return this.bytes.toString('utf8', this.#start, end);
  }

  /** The row's own entity; `text` says the envelope's. */
  get ownEntityType(): string {
    return this.bytes.toString('utf8', this.entityType, this.entityTypeEnd);
  }

  get ownEntityId(): string {
    return this.bytes.toString('utf8', this.entityId, this.entityEnd);
  }

  /** Nanoseconds since 1970. */
  get occurredAtNs(): bigint {
    return this.bytes.readBigInt64LE(this.source);
  }

  get topicId(): string {
    this.#string(this.place, this.payloadEnd);
    return this.bytes.toString('utf8', this.#start, this.placeEnd - PARTITION_BYTES - OFFSET_BYTES);
  }

  get partition(): number {
    return this.bytes.readInt32LE(this.placeEnd - PARTITION_BYTES - OFFSET_BYTES);
  }

  get offset(): bigint {
    return this.bytes.readBigUInt64LE(this.placeEnd - OFFSET_BYTES);
  }

  /** Which entity of the record this row is, from 0. */
  get n(): number {
    return this.bytes.readUInt16LE(this.placeEnd);
  }
}

/** The same object for every row: what lookups are evaluated against. */
export class RowSubject implements Subject {
  bytes: Buffer = Buffer.alloc(0);
  paths = new PathTree();
  items: PathTree | null = null;
  readonly envelope: FoldRow;

  constructor(row: FoldRow) {
    this.envelope = row;
  }
}
