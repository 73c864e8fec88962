/**
 * Events as people send them become records for the log: validated on the JSON text, so that no digit is lost, and
 * written as our Avro AuditEvent. Serves `POST /tenants/{tenant_id}/audit-events` and `rewind ingest`.
 */
import { uuidv7 } from 'uuidv7';
import type { Encoding } from '../../schemas/encoding.js';
import { type ErrorCode, excerpt, RewindError } from '../../schemas/errors.js';
import type { AuditEvent } from '../../schemas/event.js';
import { encodeAuditEvent } from './avro-encoder.js';
import { canonicalJson, JSON_DEPTH_MAX } from './canonical-json.js';
import { readEventJson } from './event-json.js';
import { compileMapping, type Mapping } from './mapping.js';
import { type EventDraft, normalise } from './normalise.js';

export { auditEventSchema } from './schema-files.js';

/** A record for LogAppender.append. */
export interface IngestRecord {
  /** The entity id as UTF-8: events of an entity share a partition. Null: the event has no entity. */
  readonly key: Buffer | null;
  readonly value: Buffer;
  /** The event's time; 0 for events before 1970, which Kafka has no timestamps for. */
  readonly timestampMs: bigint;
  readonly eventId: string;
}

export type IngestResult =
  | { readonly ok: true; readonly record: IngestRecord; readonly event: AuditEvent }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly pointer: string };

/** What every event gets where the registry does not have our schema. */
export const NO_EVENT_SCHEMA: IngestResult = {
  ok: false,
  code: 'schema_unknown',
  message: 'the registry does not have our AuditEvent schema; register it, or set registry.registerSchemas',
  pointer: '',
};

export interface IngestOptions {
  /** Registry id under which schemas/avro/audit-event.avsc is known. */
  readonly schemaId: number;
  readonly recordMaxBytes: number;
  readonly depthMax?: number;
  /** Id of an event that brings none; without it a UUID version 7 is made. Give one that is stable to make a repeat harmless. */
  readonly eventId?: string;
}

/**
 * One event as POST audit-events takes it. A tenant_id in the body must be that of the path. Nothing is thrown for bad
 * input: the result names the code, the field and a JSON pointer into the event.
 */
export function parseIngestEvent(
  text: string | Buffer,
  tenantId: string,
  options: IngestOptions,
): IngestResult {
  return attempt(() => {
    const draft = readEventJson(canonicalJson(text, options.depthMax ?? JSON_DEPTH_MAX));
    if (draft.tenantId !== '' && draft.tenantId !== tenantId) {
      const message = `tenant_id ${excerpt(draft.tenantId)} is not that of the request, ${excerpt(tenantId)}`;
      throw new RewindError('field_invalid', message, { pointer: '/tenant_id' });
    }
    return toRecord({ ...draft, tenantId }, options);
  });
}

const mappings = new WeakMap<Encoding, Mapping>();

/**
 * A foreign JSON record, read by the `envelope` of an encoding; the payload is the whole document. `tenantId` holds for
 * all records; empty: the encoding says where it is. Throws encoding_invalid where the encoding cannot do it.
 */
export function parseForeignRecord(
  text: string | Buffer,
  encoding: Encoding,
  tenantId: string,
  options: IngestOptions,
): IngestResult {
  let mapping = mappings.get(encoding);
  if (mapping === undefined) {
    if (encoding.envelope === undefined) {
      throw new RewindError('encoding_invalid', `encoding ${excerpt(encoding.name)} has no envelope`, {
        pointer: '/envelope',
      });
    }
    mapping = compileMapping(encoding.envelope);
    mappings.set(encoding, mapping);
  }
  const map = mapping;
  return attempt(() => {
    const payload = canonicalJson(text, options.depthMax ?? JSON_DEPTH_MAX);
    if (payload.charCodeAt(0) !== 0x7b) {
      throw new RewindError('payload_not_object', 'the record is not a JSON object', { pointer: '' });
    }
    const draft = map(payload, { record: null, tenantId });
    return toRecord(tenantId === '' ? draft : { ...draft, tenantId }, options);
  });
}

/** For other forms of events: `read` gives the draft, or throws what is wrong with it. */
export function parseIngestDraft(read: () => EventDraft, options: IngestOptions): IngestResult {
  return attempt(() => toRecord(read(), options));
}

function toRecord(draft: EventDraft, options: IngestOptions): IngestResult {
  const named = draft.eventId === '' ? { ...draft, eventId: options.eventId ?? uuidv7() } : draft;
  const event = normalise(named);
  // The record holds what was declared; readers derive the entity again, by the same rule.
  const value = encodeAuditEvent(named, options.schemaId);
  if (value.length > options.recordMaxBytes) {
    throw new RewindError('record_too_large', `${value.length} bytes, more than ${options.recordMaxBytes}`);
  }
  const timestampMs = floorDivide(event.occurredAtNs, 1_000_000n);
  const record = {
    key: event.entityId === '' ? null : Buffer.from(event.entityId),
    value,
    timestampMs: timestampMs < 0n ? 0n : timestampMs,
    eventId: event.eventId,
  };
  return { ok: true, record, event };
}

function attempt(run: () => IngestResult): IngestResult {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RewindError) || error.code === 'internal' || error.code === 'encoding_invalid')
      throw error;
    return { ok: false, code: error.code, message: error.message, pointer: error.pointer ?? '' };
  }
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}
