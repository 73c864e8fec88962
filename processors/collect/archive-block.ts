/**
 * Collect, the encoding end: events become rows of `audit_events` (the archive) or `replay_events` (one job's own
 * input), gathered by column in ClickHouse's Native format. The hot path is `addPlaces`, which copies bytes of the
 * fetched batch to the columns; what a decoder reads the long way comes in by `addRecord`.
 */
import type { AuditEvent, RawRecord } from '../../schemas/event.js';
import { equalBytes } from '../snapshots/byte-block.js';
import {
  ACTION,
  ACTOR,
  DECISION,
  ENTITY_ID,
  ENTITY_TYPE,
  EVENT_ID,
  EVENT_TYPE,
  type EventPlaces,
  SEVERITY,
  TENANT_ID,
} from '../sources/event-places.js';
import type { LogRecords, PartitionName, RecordPart } from '../sources/log-records.js';
import type { Decoded } from '../sources/source.js';
import { type NativeColumn, nativeBlock, type StringColumn } from '../store/native-columns.js';
import { ArchiveColumns, type RowTarget } from './archive-columns.js';
import { PayloadColumns } from './payload-columns.js';
import { RAW_KEY_IS, RAW_VALUE_IS } from './raw-record.js';

/** Bytes of a row's columns of fixed width and dictionary keys, about. */
const ROW_BYTES = 60;

const NO_EVENT: AuditEvent = {
  eventId: '',
  tenantId: '',
  eventType: '',
  entityType: '',
  entityId: '',
  declaredEntityType: '',
  actor: '',
  action: '',
  severity: '',
  occurredAtNs: 0n,
  decision: '',
  payload: '',
};

export class ArchiveBlock {
  rows = 0;
  /** Columns as the INSERT names them. */
  readonly names: readonly string[];
  readonly #columns = new ArchiveColumns();
  readonly #payload = new PayloadColumns(this.#columns.payloadShape, this.#columns.payloadValues);
  readonly #sent: readonly NativeColumn[];
  readonly #strings: readonly StringColumn[];
  readonly #target: RowTarget;

  constructor(target: RowTarget) {
    const { entityId, eventId, actor, payloadValues, rawKey, rawValue, headers, error } = this.#columns;
    this.#strings = [entityId, eventId, actor, payloadValues, rawKey, rawValue, headers, error];
    this.#sent = this.#columns.of(target);
    this.names = this.#sent.map(({ name }) => name);
    this.#target = target;
    this.clear();
  }

  /** About how long the block is by now. */
  get byteLength(): number {
    let size = this.rows * ROW_BYTES;
    for (const column of this.#strings) size += column.byteLength;
    return size;
  }

  /** The block's bytes, valid until `clear`. */
  chunks(): Buffer[] {
    return nativeBlock(this.#sent, this.rows);
  }

  clear(): void {
    this.rows = 0;
    for (const column of this.#sent) column.clear();
    if (this.#target.table === 'audit_events') return;
    this.#columns.jobId.text(0, this.#target.jobId);
    this.#columns.stage.text(0, this.#target.stage);
  }

  /** The rows that follow are of records of this partition, written under this claim. */
  begin({ topicId, topic, partition }: PartitionName, claim: bigint): void {
    const columns = this.#columns;
    columns.topicId.text(this.rows, topicId);
    columns.topic.text(this.rows, topic);
    columns.partition.set(this.rows, partition);
    columns.claim.set(this.rows, claim);
  }

  /** The row of a record whose event's places are known. `keepRaw`: nothing of the record may be lost. */
  addPlaces(
    records: LogRecords,
    { bytes, view }: RecordPart,
    i: number,
    places: EventPlaces,
    keepRaw: boolean,
  ): void {
    const row = this.rows++;
    const columns = this.#columns;
    const { starts, ends, entityType } = places;
    columns.tenantId.bytes(row, bytes, view, starts[TENANT_ID]!, ends[TENANT_ID]!);
    columns.eventType.bytes(row, bytes, view, starts[EVENT_TYPE]!, ends[EVENT_TYPE]!);
    columns.action.bytes(row, bytes, view, starts[ACTION]!, ends[ACTION]!);
    columns.severity.bytes(row, bytes, view, starts[SEVERITY]!, ends[SEVERITY]!);
    const declared = columns.entityType.number(bytes, view, starts[ENTITY_TYPE]!, ends[ENTITY_TYPE]!);
    if (entityType === null) {
      columns.entityType.key(row, declared);
      columns.declaredEntityType.key(row, 0);
    } else {
      const own = columns.entityType.number(entityType.buffer, entityType.view, 0, entityType.length);
      columns.entityType.key(row, own);
      if (own === declared) columns.declaredEntityType.key(row, 0);
      else columns.declaredEntityType.bytes(row, bytes, view, starts[ENTITY_TYPE]!, ends[ENTITY_TYPE]!);
    }
    columns.entityId.bytes(row, bytes, view, starts[ENTITY_ID]!, ends[ENTITY_ID]!);
    columns.eventId.bytes(row, bytes, view, starts[EVENT_ID]!, ends[EVENT_ID]!);
    columns.actor.bytes(row, bytes, view, starts[ACTOR]!, ends[ACTOR]!);
    if (ends[DECISION]! > 0) columns.decision.bytes(row, bytes, view, starts[DECISION]!, ends[DECISION]!);
    this.#payload.places(row, bytes, view, places.members);
    columns.occurredAt.set(row, places.occurredLow, places.occurredHigh);
    columns.offset.set(row, records.offsetWords[2 * i]!, records.offsetWords[2 * i + 1]!);
    const high = records.timeWords[2 * i + 1]!;
    if (high >= 0 && high < TIME_HIGH_MAX) columns.recordTime.set(row, records.timeWords[2 * i]!, high);
    else columns.recordTime.setBig(row, clampMs(records.times[i]!));
    columns.schemaId.set(row, places.schemaId);
    columns.n.set(row, 0);
    columns.errorCode.key(row, 0);
    this.#addRawPlaces(row, records, { bytes, view }, i, places, keepRaw);
  }

  /** The record's own bytes, where they are not to be had from the row's columns again: see raw-record.ts. */
  #addRawPlaces(
    row: number,
    records: LogRecords,
    { bytes, view }: Pick<RecordPart, 'bytes' | 'view'>,
    i: number,
    { starts, ends, encoded }: EventPlaces,
    keepRaw: boolean,
  ): void {
    const columns = this.#columns;
    const keyStart = records.keyStarts[i]!;
    const keyEnd = records.keyEnds[i]!;
    const size = keyEnd - keyStart;
    const isEntity =
      size === ends[ENTITY_ID]! - starts[ENTITY_ID]! &&
      equalBytes(bytes, view, keyStart, bytes, view, starts[ENTITY_ID]!, size);
    if (keyStart < 0) columns.rawKeyIs.set(row, RAW_KEY_IS.null);
    else if (isEntity) columns.rawKeyIs.set(row, RAW_KEY_IS.entity_id);
    else columns.rawKeyIs.set(row, keepRaw ? RAW_KEY_IS.stored : RAW_KEY_IS.dropped);
    if (encoded) columns.rawValueIs.set(row, RAW_VALUE_IS.encoded);
    else columns.rawValueIs.set(row, keepRaw ? RAW_VALUE_IS.stored : RAW_VALUE_IS.dropped);
    if (!keepRaw) return;
    if (!isEntity && keyStart >= 0) columns.rawKey.bytes(row, bytes, view, keyStart, keyEnd);
    if (!encoded) columns.rawValue.bytes(row, bytes, view, records.valueStarts[i]!, records.valueEnds[i]!);
    if (records.headers.size > 0) columns.headers.text(row, headersJson(records.headers.get(i) ?? []));
  }

  /**
   * The rows of a record: one per event, or one with the raw bytes and the reason where it did not decode. `keepRaw`:
   * the raw bytes of a decoded one too. Returns how many.
   */
  addRecord(record: RawRecord, decoded: Decoded, keepRaw: boolean): number {
    if (!decoded.ok) {
      const { error, errorCode } = this.#columns;
      error.text(this.rows, decoded.message);
      this.#add(record, NO_EVENT, 0, clampMs(record.recordTimeMs) * 1_000_000n, decoded.schemaId, true);
      errorCode.text(this.rows - 1, decoded.code);
      return 1;
    }
    for (let n = 0; n < decoded.events.length; n++) {
      const event = decoded.events[n]!;
      this.#add(record, event, n, event.occurredAtNs, decoded.schemaId, keepRaw && n === 0);
    }
    return decoded.events.length;
  }

  /**
   * A row of an event under an entity that was derived from it, without raw bytes: its record stands elsewhere already.
   * The event's own entity goes along: rules may name it (`$entity_id`) when they are applied.
   */
  addMapped(
    record: RawRecord,
    event: AuditEvent,
    entity: { readonly entityType: string; readonly entityId: string },
    n: number,
  ): void {
    const { envelopeEntityType, envelopeEntityId } = this.#columns;
    envelopeEntityType.text(this.rows, event.entityType);
    envelopeEntityId.text(this.rows, event.entityId);
    const mapped = { ...event, entityType: entity.entityType, entityId: entity.entityId };
    this.#add(record, mapped, n, event.occurredAtNs, -1, false);
  }

  #add(
    record: RawRecord,
    event: AuditEvent,
    n: number,
    occurredAtNs: bigint,
    schemaId: number,
    keepRaw: boolean,
  ): void {
    const row = this.rows++;
    const columns = this.#columns;
    columns.tenantId.text(row, event.tenantId);
    columns.entityType.text(row, event.entityType);
    columns.entityId.text(row, event.entityId);
    columns.occurredAt.setBig(row, occurredAtNs);
    columns.eventId.text(row, event.eventId);
    columns.offset.setBig(row, record.offset);
    columns.n.set(row, n);
    columns.recordTime.setBig(row, clampMs(record.recordTimeMs));
    columns.eventType.text(row, event.eventType);
    columns.declaredEntityType.text(row, event.declaredEntityType);
    columns.actor.text(row, event.actor);
    columns.action.text(row, event.action);
    columns.severity.text(row, event.severity);
    columns.decision.text(row, event.decision);
    this.#payload.text(row, event.payload);
    columns.errorCode.text(row, '');
    columns.schemaId.set(row, schemaId);
    const { key, value } = record;
    columns.rawKeyIs.set(
      row,
      !keepRaw ? RAW_KEY_IS.dropped : key === null ? RAW_KEY_IS.null : RAW_KEY_IS.stored,
    );
    columns.rawValueIs.set(
      row,
      !keepRaw ? RAW_VALUE_IS.dropped : value === null ? RAW_VALUE_IS.null : RAW_VALUE_IS.stored,
    );
    if (!keepRaw) return;
    if (key !== null) columns.rawKey.buffer(row, key);
    if (value !== null) columns.rawValue.buffer(row, value);
    if (record.headers.length > 0) columns.headers.text(row, headersJson(record.headers));
  }
}

/** Times with a high word below this are below what DateTime64 holds. */
const TIME_HIGH_MAX = 2147;

/** Record times are the producer's claim: they are kept within what DateTime64 holds, instead of saturating. */
function clampMs(ms: bigint): bigint {
  if (ms < 0n) return 0n;
  return ms > 9_223_372_036_000n ? 9_223_372_036_000n : ms;
}

function headersJson(headers: RawRecord['headers']): string {
  if (headers.length === 0) return '';
  return JSON.stringify(headers.map(([name, value]) => [name, value?.toString('base64') ?? null]));
}
