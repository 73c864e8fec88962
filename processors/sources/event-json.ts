/**
 * An AuditEvent as JSON: the fields of `POST /tenants/{tenant_id}/audit-events` in snake_case. Read from canonical text
 * by slices, so that payload and decision keep every digit. Used at ingest and for JSON topics that carry our events.
 */
import { excerpt, RewindError } from '../../schemas/errors.js';
import { topLevelFields } from './json-scan.js';
import { unquote } from './json-text.js';
import { decisionText } from './mapping.js';
import type { EventDraft } from './normalise.js';
import { parseRfc3339Ns } from './time.js';

const TEXT_FIELDS = new Set([
  'event_id',
  'tenant_id',
  'event_type',
  'entity_type',
  'entity_id',
  'actor',
  'action',
  'severity',
]);
/** Characters of a text field. Ids are keys of tables and topics: longer ones are a mistake. */
const TEXT_MAX = 1024;

/**
 * Reads one event from canonical JSON text. Null means left out, except for what is required. Errors, each with a
 * pointer: field_invalid, field_missing (event_type, occurred_at, payload), field_unknown, payload_not_object, time_*.
 */
export function readEventJson(canonical: string): EventDraft {
  if (canonical.charCodeAt(0) !== 0x7b) {
    throw new RewindError('field_invalid', 'an event is a JSON object', { pointer: '' });
  }
  const texts = new Map<string, string>();
  let occurredAtNs: bigint | undefined;
  let payload: string | undefined;
  let decision: string | undefined;
  for (const { name, value } of topLevelFields(canonical)) {
    if (TEXT_FIELDS.has(name)) texts.set(name, textField(name, value));
    else if (name === 'occurred_at') occurredAtNs = timeField(value);
    else if (name === 'payload') payload = value;
    else if (name === 'decision') decision = value;
    else throw new RewindError('field_unknown', `no field ${excerpt(name)}`, { pointer: pointerTo(name) });
  }
  const text = (name: string) => texts.get(name) ?? '';
  if (text('event_type') === '') throw missing('event_type');
  if (occurredAtNs === undefined) throw missing('occurred_at');
  if (payload === undefined) throw missing('payload');
  if (payload.charCodeAt(0) !== 0x7b) {
    const message = `payload is not an object: ${excerpt(payload)}`;
    throw new RewindError('payload_not_object', message, { pointer: '/payload' });
  }
  return {
    eventId: text('event_id'),
    tenantId: text('tenant_id'),
    eventType: text('event_type'),
    entityType: text('entity_type'),
    entityId: text('entity_id'),
    actor: text('actor'),
    action: text('action'),
    severity: text('severity'),
    occurredAtNs,
    decision: decisionText(decision),
    payload,
  };
}

function textField(name: string, value: string): string {
  if (value === 'null') return '';
  if (value.charCodeAt(0) !== 0x22) throw invalid(name, `a string is expected, not ${excerpt(value)}`);
  const text = unquote(value);
  if (text.length > TEXT_MAX) throw invalid(name, `longer than ${TEXT_MAX} characters: ${excerpt(text)}`);
  return text;
}

function timeField(value: string): bigint {
  try {
    return parseRfc3339Ns(value.charCodeAt(0) === 0x22 ? unquote(value) : value);
  } catch (error) {
    if (!(error instanceof RewindError)) throw error;
    throw new RewindError(error.code, `occurred_at: ${error.message}`, { pointer: '/occurred_at' });
  }
}

function pointerTo(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function invalid(name: string, why: string): RewindError {
  return new RewindError('field_invalid', `${name}: ${why}`, { pointer: pointerTo(name) });
}

function missing(name: string): RewindError {
  return new RewindError('field_missing', `${name} is missing or empty`, { pointer: pointerTo(name) });
}
