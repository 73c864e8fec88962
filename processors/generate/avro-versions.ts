/**
 * Five versions of the AuditEvent schema, as a producer's team would have evolved it: each can be read by the next, and
 * all of them by schemas/avro/audit-event.avsc.
 */
import type { GeneratedEvent } from './event.js';

export const AVRO_VERSIONS = 5;

const optional = (name: string) => ({ name, type: ['null', 'string'], default: null });
const record = (fields: readonly object[]) =>
  JSON.stringify({ type: 'record', name: 'AuditEvent', namespace: 'io.rewind.audit', fields });

/** Schema texts by version, 1 to 5. */
export const AVRO_SCHEMAS: Readonly<Record<number, string>> = {
  // The beginning: no entity, no actor.
  1: record([
    { name: 'event_id', type: 'string' },
    { name: 'tenant_id', type: 'string' },
    { name: 'event_type', type: 'string' },
    { name: 'occurred_at', type: 'long' },
    { name: 'payload', type: 'string' },
  ]),
  // Today's contract: optional fields came in between the old ones, the id became optional.
  2: record([
    optional('event_id'),
    { name: 'tenant_id', type: 'string' },
    { name: 'event_type', type: 'string' },
    ...['entity_type', 'entity_id', 'actor', 'action', 'severity'].map(optional),
    { name: 'occurred_at', type: 'long' },
    optional('decision'),
    { name: 'payload', type: 'string' },
  ]),
  // Fields that Rewind does not know, of every shape, before and between those it reads.
  3: record([
    { name: 'attempt', type: 'int', default: 0 },
    optional('event_id'),
    { name: 'tenant_id', type: 'string' },
    { name: 'tags', type: { type: 'array', items: 'string' }, default: [] },
    { name: 'event_type', type: 'string' },
    ...['entity_type', 'entity_id', 'actor', 'action', 'severity'].map(optional),
    {
      name: 'origin',
      type: ['null', { type: 'record', name: 'Origin', fields: [{ name: 'host', type: 'string' }] }],
      default: null,
    },
    { name: 'occurred_at', type: 'long' },
    optional('decision'),
    { name: 'payload', type: 'string' },
  ]),
  // Another order of fields and of union branches, an int that became a long, aliases, text as bytes.
  4: record([
    { name: 'payload', type: 'bytes' },
    { name: 'attempt', type: 'long', default: 0, aliases: ['try'] },
    { name: 'occurred_at', type: 'long' },
    { name: 'event_type', type: 'string', aliases: ['kind'] },
    { name: 'event_id', type: ['string', 'null'], default: '' },
    { name: 'tenant_id', type: 'string' },
    ...['severity', 'action', 'actor', 'entity_id', 'entity_type', 'decision'].map(optional),
  ]),
  // Optional fields dropped again.
  5: record([
    optional('event_id'),
    { name: 'tenant_id', type: 'string' },
    { name: 'event_type', type: 'string' },
    ...['entity_type', 'entity_id', 'severity', 'decision'].map(optional),
    { name: 'occurred_at', type: 'long' },
    { name: 'payload', type: 'string' },
  ]),
};

/** What a version cannot carry is not part of an event that was written with it. */
export function asWrittenBy(version: number, event: GeneratedEvent): GeneratedEvent {
  if (version === 1) {
    const { tenantId, eventId, eventType, occurredAtNs, payloadJson, keyText } = event;
    const base = {
      tenantId,
      eventType,
      occurredAtNs,
      payloadJson,
      ...(keyText === undefined ? {} : { keyText }),
    };
    return { ...base, eventId: eventId ?? `v1-${occurredAtNs}` };
  }
  if (version === 5) {
    const { actor: _actor, action: _action, ...rest } = event;
    return rest;
  }
  return event;
}

/** The event as an Avro datum of a version: plain values, bigint for long, Buffer for bytes, null for what is missing. */
export function avroDatum(version: number, event: GeneratedEvent): Record<string, unknown> {
  const datum: Record<string, unknown> = {
    event_id: event.eventId ?? null,
    tenant_id: event.tenantId,
    event_type: event.eventType,
    occurred_at: event.occurredAtNs,
    payload: version === 4 ? Buffer.from(event.payloadJson) : event.payloadJson,
  };
  if (version === 1) return datum;
  datum.entity_type = event.entityType ?? null;
  datum.entity_id = event.entityId ?? null;
  datum.severity = event.severity ?? null;
  datum.decision = event.decisionJson ?? null;
  if (version === 5) return datum;
  datum.actor = event.actor ?? null;
  datum.action = event.action ?? null;
  if (version === 3) Object.assign(datum, { attempt: 2, tags: ['a', 'b'], origin: { host: 'h1' } });
  if (version === 4) datum.attempt = 9_007_199_254_740_993n;
  return datum;
}
