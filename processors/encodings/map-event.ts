/**
 * The entities that an event touches by an encoding with `entity: rules`: for the map stage of a replay and at ingest.
 */
import type { AuditEvent } from '../../schemas/event.js';
import type { CompiledEncoding } from './compile.js';
import {
  type Envelope,
  type EnvelopeName,
  type Found,
  foundText,
  type Lookup,
  lookUp,
  type Subject,
} from './lookup.js';
import { matchRule, ruleItems } from './match-rule.js';

export interface MappedEntity {
  readonly entityType: string;
  /** Empty where the rule found no id: the row is kept, and the fold records it as entity_id_missing. */
  readonly entityId: string;
}

const ENVELOPE_FIELDS: Readonly<Record<EnvelopeName, (event: AuditEvent) => string>> = {
  entity_type: (event) => event.entityType,
  entity_id: (event) => event.entityId,
  event_id: (event) => event.eventId,
  event_type: (event) => event.eventType,
  tenant_id: (event) => event.tenantId,
  actor: (event) => event.actor,
  action: (event) => event.action,
  severity: (event) => event.severity,
};

/** An event's own envelope, as templates name it. */
export function eventEnvelope(event: AuditEvent): Envelope {
  return { text: (name) => ENVELOPE_FIELDS[name](event) };
}

/**
 * The place in the list is the row's `n`: the fold enumerates the same way. Empty: ignored, or no rule applies.
 * Rules without entityType or entityId keep the envelope's.
 */
export function mapEvent(compiled: CompiledEncoding, event: AuditEvent): MappedEntity[] {
  const plan = compiled.planFor(event.eventType);
  if (plan === null) return [];
  const bytes = Buffer.from(event.payload);
  const subject: Subject = { bytes, paths: plan.paths, envelope: eventEnvelope(event), items: null };
  plan.paths.walk(bytes, 0, bytes.length);
  const rule = matchRule(plan, subject);
  if (rule === null) return [];
  const found: Found = { bytes, start: 0, end: 0 };
  const entity = (of: Subject): MappedEntity => ({
    entityType: textOf(rule.entityType, of, found, event.entityType),
    entityId: textOf(rule.entityId, of, found, event.entityId),
  });
  if (rule.forEach === null) return [entity(subject)];
  const { items } = rule.forEach;
  const ranges = ruleItems(rule.forEach, subject);
  const itemSubject: Subject = { ...subject, items };
  const entities: MappedEntity[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    items.walk(bytes, ranges[i]!, ranges[i + 1]!);
    entities.push(entity(itemSubject));
  }
  return entities;
}

function textOf(lookup: Lookup | null, subject: Subject, found: Found, otherwise: string): string {
  if (lookup === null) return otherwise;
  return lookUp(lookup, subject, found) ? foundText(found) : '';
}
