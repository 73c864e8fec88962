/** The event as rules see it: canonical JSON in the field names of `POST audit-events`. Pure. */
import { quote } from '../sources/json-text.js';
import { formatRfc3339Ns } from '../sources/time.js';

/** Texts that are empty are left out. */
export interface RuleEvent {
  readonly eventId: string;
  readonly tenantId: string;
  readonly eventType: string;
  /** Of the entity that is folded, which an encoding may have derived. */
  readonly entityType: string;
  readonly entityId: string;
  readonly actor: string;
  readonly action: string;
  readonly severity: string;
  readonly occurredAtNs: bigint;
  /** Canonical JSON. */
  readonly decision: string;
  readonly payload: string;
}

export function ruleEventText(event: RuleEvent): string {
  const text = (value: string): string => (value === '' ? '' : quote(value));
  // Sorted by name.
  const members: readonly (readonly [string, string])[] = [
    ['action', text(event.action)],
    ['actor', text(event.actor)],
    ['decision', event.decision],
    ['entity_id', text(event.entityId)],
    ['entity_type', text(event.entityType)],
    ['event_id', text(event.eventId)],
    ['event_type', text(event.eventType)],
    ['occurred_at', quote(formatRfc3339Ns(event.occurredAtNs))],
    ['payload', event.payload],
    ['severity', text(event.severity)],
    ['tenant_id', text(event.tenantId)],
  ];
  return `{${members
    .filter(([, json]) => json !== '')
    .map(([name, json]) => `"${name}":${json}`)
    .join(',')}}`;
}
