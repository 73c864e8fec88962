/**
 * The last step of every decoder: a draft with what the record said becomes an AuditEvent, with the entity it belongs
 * to by encoding version 1. Pure but for one read of that built-in encoding.
 */

import type { Encoding } from '../../schemas/encoding.js';
import { RewindError } from '../../schemas/errors.js';
import type { AuditEvent } from '../../schemas/event.js';
import { type CompiledTemplates, compileTemplates, templateText } from '../encodings/template.js';
import { readSchemaFile } from './schema-files.js';
import { checkRange } from './time.js';

/** What a record said of an event; texts it left out are empty. `payload` and `decision` are canonical JSON. */
export type EventDraft = Omit<AuditEvent, 'declaredEntityType'>;

interface EntityRule {
  /** Prefix of event types, or the whole of one where exact. */
  readonly match: string;
  readonly exact: boolean;
  readonly entityType: CompiledTemplates;
  readonly entityId: CompiledTemplates;
}

/** Event types seen, each with its rule; cleared when full, so that hostile types cannot grow it. */
const EVENT_TYPES_CACHED = 4096;
const ruleOf = new Map<string, EntityRule | null>();
let rules: readonly EntityRule[] | undefined;

/** The rule of encoding version 1 with the longest match, as seed 2's table reads. */
function entityRule(eventType: string): EntityRule | null {
  const known = ruleOf.get(eventType);
  if (known !== undefined) return known;
  rules ??= builtInRules();
  const rule =
    rules.find(({ match, exact }) => (exact ? eventType === match : eventType.startsWith(match))) ?? null;
  if (ruleOf.size >= EVENT_TYPES_CACHED) ruleOf.clear();
  ruleOf.set(eventType, rule);
  return rule;
}

function builtInRules(): EntityRule[] {
  const encoding = JSON.parse(readSchemaFile('encodings/rewind.json')) as Encoding;
  return encoding.rules
    .map((rule) => {
      const exact = !rule.match.endsWith('*');
      return {
        match: exact ? rule.match : rule.match.slice(0, -1),
        exact,
        entityType: compileTemplates(rule.entityType ?? '$entity_type'),
        entityId: compileTemplates(rule.entityId ?? '$entity_id'),
      };
    })
    .sort((a, b) => b.match.length - a.match.length || Number(b.exact) - Number(a.exact));
}

/**
 * Fills in the entity: by event type where encoding version 1 has a rule (an id that the envelope lacks is looked up in
 * the payload), else as the envelope declares it. What it declared otherwise is kept in declaredEntityType.
 * Errors: field_missing (tenant_id, event_type), payload_not_object, time_out_of_range.
 */
export function normalise(draft: EventDraft): AuditEvent {
  if (draft.tenantId === '') throw missing('tenant_id');
  if (draft.eventType === '') throw missing('event_type');
  if (draft.payload.charCodeAt(0) !== 0x7b) {
    throw new RewindError('payload_not_object', 'payload is not a JSON object', { pointer: '/payload' });
  }
  checkRange(draft.occurredAtNs);
  const rule = entityRule(draft.eventType);
  let { entityType, entityId } = draft;
  if (rule !== null) {
    entityType = templateText(rule.entityType, draft.payload, draft) ?? draft.entityType;
    if (entityId === '') entityId = templateText(rule.entityId, draft.payload, draft) ?? '';
  }
  return {
    eventId: draft.eventId,
    tenantId: draft.tenantId,
    eventType: draft.eventType,
    entityType,
    entityId,
    declaredEntityType: draft.entityType === entityType ? '' : draft.entityType,
    actor: draft.actor,
    action: draft.action,
    severity: draft.severity,
    occurredAtNs: draft.occurredAtNs,
    decision: draft.decision,
    payload: draft.payload,
  };
}

/**
 * What `normalise` makes of the entity type of events of this type that name their entity: null: what they declare;
 * undefined: that depends on the event.
 */
export function entityTypeOf(eventType: string): string | null | undefined {
  const rule = entityRule(eventType);
  if (rule === null) return null;
  const [first] = rule.entityType;
  return first?.kind === 'constant' ? templateText(rule.entityType, '{}', NO_ENVELOPE) : undefined;
}

const NO_ENVELOPE = { entityId: '', entityType: '', eventType: '', tenantId: '', actor: '', eventId: '' };

/** The id of an event whose record carries none: its coordinates, the same on every read of the log. */
export function coordinateId(record: { topicId: string; partition: number; offset: bigint }): string {
  return `${record.topicId}/${record.partition}/${record.offset}`;
}

function missing(field: string): RewindError {
  return new RewindError('field_missing', `${field} is missing or empty`, { pointer: `/${field}` });
}
