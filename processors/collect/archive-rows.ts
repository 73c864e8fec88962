/**
 * Collect, the encoding end: decoded records become RowBinary rows of `audit_events` (the archive) or `replay_events`
 * (one job's own input). The column order here and the SQL column list are the same list.
 */
import type { AuditEvent, RawRecord } from '../../schemas/event.js';
import { payloadMembers } from '../sources/payload-members.js';
import type { Decoded } from '../sources/source.js';
import type { RowBinaryWriter } from '../store/rowbinary.js';

const EVENT_COLUMNS = [
  'tenant_id',
  'entity_type',
  'entity_id',
  'occurred_at',
  'event_id',
  'topic_id',
  'topic',
  'partition',
  'offset',
  'n',
  'record_time',
  'event_type',
  'declared_entity_type',
  'actor',
  'action',
  'severity',
  'decision',
  'payload_shape',
  'payload_values',
  'error_code',
  'error',
  'schema_id',
  'raw_key',
  'raw_value',
  'headers',
  'claim',
] as const;

/** Where rows go: the archive, or one job's own table under a stage name. */
export type RowTarget =
  | { readonly table: 'audit_events' }
  | { readonly table: 'replay_events'; readonly jobId: string; readonly stage: 'collected' | 'mapped' };

export function targetColumns(target: RowTarget): readonly string[] {
  if (target.table === 'audit_events') return EVENT_COLUMNS;
  const own = ['job_id', 'stage', ...EVENT_COLUMNS];
  return target.stage === 'mapped' ? [...own, 'envelope_entity_type', 'envelope_entity_id'] : own;
}

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

const NO_BYTES = Buffer.alloc(0);

export interface RowOptions {
  /** Keep the raw record of decoded events too; undecodable ones always keep theirs. */
  readonly keepRaw: boolean;
}

/** Writes the rows of one record: one per event, or one with the raw bytes and the reason where it did not decode. */
export function writeRecordRows(
  out: RowBinaryWriter,
  target: RowTarget,
  record: RawRecord,
  decoded: Decoded,
  claim: bigint,
  options: RowOptions,
): number {
  if (!decoded.ok) {
    writeRow(out, target, record, NO_EVENT, 0, claim, decoded, true);
    return 1;
  }
  for (let n = 0; n < decoded.events.length; n++) {
    writeRow(out, target, record, decoded.events[n]!, n, claim, decoded, options.keepRaw && n === 0);
  }
  return decoded.events.length;
}

/**
 * Writes a row of an event under an entity that was derived from it, without raw bytes: its record stands elsewhere
 * already. The event's own entity goes along: rules may name it (`$entity_id`) when they are applied.
 */
export function writeMappedRow(
  out: RowBinaryWriter,
  target: RowTarget & { readonly stage: 'mapped' },
  record: RawRecord,
  event: AuditEvent,
  entity: { readonly entityType: string; readonly entityId: string },
  n: number,
  claim: bigint,
): void {
  const mapped = { ...event, entityType: entity.entityType, entityId: entity.entityId };
  writeRow(out, target, record, mapped, n, claim, { ok: true, events: [], schemaId: -1 }, false);
  out.string(event.entityType);
  out.string(event.entityId);
}

function writeRow(
  out: RowBinaryWriter,
  target: RowTarget,
  record: RawRecord,
  event: AuditEvent,
  n: number,
  claim: bigint,
  decoded: Decoded,
  keepRaw: boolean,
): void {
  if (target.table === 'replay_events') {
    out.string(target.jobId);
    out.string(target.stage);
  }
  out.string(event.tenantId);
  out.string(event.entityType);
  out.string(event.entityId);
  out.i64(decoded.ok ? event.occurredAtNs : recordTimeNs(record));
  out.string(event.eventId);
  out.string(record.topicId);
  out.string(record.topic);
  out.i32(record.partition);
  out.u64(record.offset);
  out.u16(n);
  out.i64(clampMs(record.recordTimeMs));
  out.string(event.eventType);
  out.string(event.declaredEntityType);
  out.string(event.actor);
  out.string(event.action);
  out.string(event.severity);
  out.string(event.decision);
  const { shape, values } = payloadMembers(event.payload);
  out.string(shape);
  out.string(values);
  out.string(decoded.ok ? '' : decoded.code);
  out.string(decoded.ok ? '' : decoded.message);
  out.i32(decoded.schemaId);
  out.bytes(keepRaw ? (record.key ?? NO_BYTES) : NO_BYTES);
  out.bytes(keepRaw ? (record.value ?? NO_BYTES) : NO_BYTES);
  out.string(keepRaw && record.headers.length > 0 ? headersJson(record) : '');
  out.u64(claim);
}

/** Record times are the producer's claim: they are kept within what DateTime64 holds, instead of saturating. */
function clampMs(ms: bigint): bigint {
  if (ms < 0n) return 0n;
  return ms > 9_223_372_036_000n ? 9_223_372_036_000n : ms;
}

function recordTimeNs(record: RawRecord): bigint {
  return clampMs(record.recordTimeMs) * 1_000_000n;
}

function headersJson(record: RawRecord): string {
  return JSON.stringify(record.headers.map(([name, value]) => [name, value?.toString('base64') ?? null]));
}
