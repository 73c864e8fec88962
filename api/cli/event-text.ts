/** A generated event as the JSON text that a producer would send. Payload and decision keep the text that they were made as. */
import type { GeneratedEvent } from '../../processors/generate/event.js';
import { formatRfc3339Ns } from '../../processors/sources/time.js';
import { RawJson, toJsonText } from '../json/raw-json.js';

/** An object as POST audit-events takes it; `tenant_id` is in it. */
export function eventText(event: GeneratedEvent): string {
  return toJsonText({
    event_id: event.eventId,
    tenant_id: event.tenantId,
    event_type: event.eventType,
    entity_type: event.entityType,
    entity_id: event.entityId,
    actor: event.actor,
    action: event.action,
    severity: event.severity,
    occurred_at: formatRfc3339Ns(event.occurredAtNs),
    decision: event.decisionJson === undefined ? undefined : new RawJson(event.decisionJson),
    payload: new RawJson(event.payloadJson),
  });
}
