/**
 * How a foreign record becomes the envelope of an AuditEvent: an EnvelopeMapping (schemas/encoding.ts), compiled once.
 * Besides pointers into the value and constants its templates may name where the record came from: `$key` and
 * `$header/<name>` (as UTF-8), `$topic`, `$record_time` (RFC 3339), `$tenant_id` (the tenant configured for the source).
 * The payload is always the whole document.
 */
import type { EnvelopeMapping } from '../../schemas/encoding.js';
import { RewindError } from '../../schemas/errors.js';
import type { RawRecord } from '../../schemas/event.js';
import {
  type CompiledTemplates,
  compileTemplates,
  type EnvelopeReader,
  templateSlice,
  templateText,
} from '../encodings/template.js';
import type { EventDraft } from './normalise.js';
import { formatRfc3339Ns, parseRfc3339Ns } from './time.js';

/** Where a document came from; `record` is null for one that has not been in a log yet. */
export interface Origin {
  readonly record: RawRecord | null;
  readonly tenantId: string;
}

export type Mapping = (payload: string, origin: Origin) => EventDraft;

const originField: EnvelopeReader<Origin> = (name) => {
  if (name === 'tenant_id') return ({ tenantId }) => tenantId;
  if (name === 'key') return ({ record }) => record?.key?.toString('utf8') ?? '';
  if (name === 'topic') return ({ record }) => record?.topic ?? '';
  if (name === 'record_time') {
    return ({ record }) => (record === null ? '' : formatRfc3339Ns(record.recordTimeMs * 1_000_000n));
  }
  if (!name.startsWith('header/')) return undefined;
  const header = name.slice('header/'.length);
  return ({ record }) => record?.headers.find(([key]) => key === header)?.[1]?.toString('utf8') ?? '';
};

/**
 * Errors at once: encoding_invalid. The mapping raises field_unmapped where a required value (tenant, event type, time)
 * is not found, time_* codes for the time. An event id that is not found is left empty, for the caller to derive.
 */
export function compileMapping(mapping: EnvelopeMapping): Mapping {
  const compile = (field: keyof EnvelopeMapping): CompiledTemplates<Origin> => {
    const templates = mapping[field] as EnvelopeMapping['eventId'];
    return templates === undefined ? [] : compileTemplates(templates, `/${field}`, originField);
  };
  const eventId = compile('eventId');
  const tenantId = compile('tenantId');
  const eventType = compile('eventType');
  const parts = mapping.eventTypeParts?.map((part, index) =>
    compileTemplates(part, `/eventTypeParts/${index}`, originField),
  );
  if (mapping.eventType === undefined && parts === undefined) {
    throw new RewindError('encoding_invalid', 'the mapping has neither eventType nor eventTypeParts');
  }
  const occurredAt = compile('occurredAt');
  const actor = compile('actor');
  const action = compile('action');
  const severity = compile('severity');
  const decision = compile('decision');
  return (payload, origin) => ({
    eventId: templateText(eventId, payload, origin) ?? '',
    tenantId: templateText(tenantId, payload, origin) ?? required(origin.tenantId, 'tenantId'),
    eventType:
      templateText(eventType, payload, origin) ?? required(joinParts(parts, payload, origin), 'eventType'),
    entityType: '',
    entityId: '',
    actor: templateText(actor, payload, origin) ?? '',
    action: templateText(action, payload, origin) ?? '',
    severity: templateText(severity, payload, origin) ?? '',
    occurredAtNs: parseRfc3339Ns(required(templateText(occurredAt, payload, origin), 'occurredAt')),
    decision: decisionText(templateSlice(decision, payload, origin)),
    payload,
  });
}

/** A decision that is null is none. */
export function decisionText(slice: string | undefined): string {
  return slice === undefined || slice === 'null' ? '' : slice;
}

function joinParts(
  parts: readonly CompiledTemplates<Origin>[] | undefined,
  payload: string,
  origin: Origin,
): string | undefined {
  const found = parts?.map((part) => templateText(part, payload, origin));
  return found?.includes(undefined) ? undefined : found?.map((part) => shorten(part!)).join('.');
}

/** `ssm.amazonaws.com` gives `ssm`; a part without a dot stays as it is. */
function shorten(part: string): string {
  const dot = part.indexOf('.');
  return dot < 0 ? part : part.slice(0, dot).toLowerCase();
}

function required(text: string | undefined, field: string): string {
  if (text !== undefined && text !== '') return text;
  throw new RewindError('field_unmapped', `the mapping found no ${field}`, { pointer: `/${field}` });
}
