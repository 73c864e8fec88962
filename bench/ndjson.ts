/** Events as producers send them over HTTP: lines of NDJSON. */
import type { GeneratedEvent } from '../processors/generate/event.js';
import { SCALE_TENANT } from '../processors/generate/scale.js';
import { formatRfc3339Ns } from '../processors/sources/time.js';
import type { Ours } from './ours.js';

/** One event, with the line feed. */
export function eventLine(event: Omit<GeneratedEvent, 'tenantId' | 'keyText'>): string {
  const envelope = {
    event_id: event.eventId,
    event_type: event.eventType,
    entity_type: event.entityType,
    entity_id: event.entityId,
    actor: event.actor,
    action: event.action,
    severity: event.severity,
    occurred_at: formatRfc3339Ns(event.occurredAtNs),
  };
  return `${JSON.stringify(envelope).slice(0, -1)},"payload":${event.payloadJson}}\n`;
}

/** Resolves when all of them are accepted; rejects with the answer where they are not. */
export async function postLines(ours: Ours, lines: readonly string[]): Promise<void> {
  const answer = await fetch(`${ours.url}/tenants/${SCALE_TENANT}/audit-events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.join(''),
  });
  const text = await answer.text();
  if (answer.status !== 202) throw new Error(`${answer.status} ${text}`);
}
