/**
 * From records to rows in the oracle: which records decode, which entity an event belongs to, what tells a repetition
 * from another event, and the two orders.
 */
import type { EncodingRule } from '../../../schemas/encoding.js';
import { findText, ruleFor, type Subject } from './encoding.js';
import { byBytes, isObject, type Json, NotJson, parseJson, text } from './json.js';
import type { OracleJob, Place, SentEvent, SentRecord } from './types.js';

const MIN_NS = -2_208_988_800_000_000_000n;
const MAX_NS = 9_223_372_036_000_000_000n;

/** A decoded event with the entity it belongs to. */
export interface Decoded {
  readonly sent: SentEvent;
  readonly eventId: string;
  readonly eventIdBytes: Buffer;
  readonly entityType: string;
  readonly entityId: string;
  readonly declared: string;
  readonly payload: Json;
  readonly decision: string;
  readonly envelope: Readonly<Record<string, string>>;
}

/** One entity that one record touches. */
export interface Row {
  readonly place: Place;
  readonly event: Decoded;
  readonly entityType: string;
  readonly entityId: string;
  /** Set by encodings that derive entities; else looked up when the row's turn comes. */
  readonly mapped: { readonly rule: EncodingRule; readonly subject: Subject } | null;
  /** Everything that tells a repetition from another event under the same id. */
  readonly body: string;
}

/** null: the pipeline must refuse the record. */
export function decode(record: SentRecord, sent: SentEvent, job: OracleJob): Decoded | null {
  try {
    const payload = parseJson(sent.payloadJson);
    const decision = sent.decisionJson ? text(parseJson(sent.decisionJson)) : '';
    const wrongTime = sent.occurredAtNs < MIN_NS || sent.occurredAtNs >= MAX_NS;
    if (!isObject(payload) || sent.tenantId === '' || sent.eventType === '' || wrongTime) return null;
    const eventId = sent.eventId || `${record.topicId}/${record.partition}/${record.offset}`;
    const envelope: Record<string, string> = {
      tenant_id: sent.tenantId,
      event_id: eventId,
      event_type: sent.eventType,
      entity_type: sent.entityType ?? '',
      entity_id: sent.entityId ?? '',
      actor: sent.actor ?? '',
      action: sent.action ?? '',
      severity: sent.severity ?? '',
    };
    const subject = { envelope, payload, item: undefined };
    const rule = ruleFor(job.builtIn, sent.eventType, subject);
    const declared = sent.entityType ?? '';
    const entityType = rule === undefined ? declared : findText(rule.entityType!, subject);
    const entityId = sent.entityId || (rule === undefined ? '' : findText(rule.entityId!, subject));
    const entity = { entityType, entityId, declared: declared === entityType ? '' : declared };
    const whole = { ...envelope, entity_type: entityType, entity_id: entityId };
    const eventIdBytes = Buffer.from(eventId);
    return { sent, eventId, eventIdBytes, ...entity, payload, decision, envelope: whole };
  } catch (error) {
    if (error instanceof NotJson) return null;
    throw error;
  }
}

export function placeOf(record: SentRecord, n: number): Place {
  const { topicId, partition, offset } = record;
  return { topicId, partition, offset, n };
}

export function envelopeRow(record: SentRecord, event: Decoded): Row {
  return makeRow(record, event, 0, event.entityType, event.entityId, null);
}

export function makeRow(
  record: SentRecord,
  event: Decoded,
  n: number,
  entityType: string,
  entityId: string,
  mapped: Row['mapped'],
): Row {
  const { sent, declared, decision, payload } = event;
  const own = [event.entityType, event.entityId, declared];
  const parts = [sent.eventType, entityType, entityId, ...own, sent.actor ?? '', sent.action ?? ''];
  parts.push(sent.severity ?? '', String(sent.occurredAtNs), decision, text(payload));
  return { place: placeOf(record, n), event, entityType, entityId, mapped, body: JSON.stringify(parts) };
}

export function compare<T extends bigint | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function byPlace(a: { readonly place: Place }, b: { readonly place: Place }): number {
  const left = a.place;
  const right = b.place;
  return (
    byBytes(left.topicId, right.topicId) ||
    left.partition - right.partition ||
    compare(left.offset, right.offset) ||
    left.n - right.n
  );
}

export function byTime(a: Row, b: Row): number {
  return (
    compare(a.event.sent.occurredAtNs, b.event.sent.occurredAtNs) ||
    Buffer.compare(a.event.eventIdBytes, b.event.eventIdBytes) ||
    byPlace(a, b)
  );
}
