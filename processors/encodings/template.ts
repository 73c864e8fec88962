/**
 * Templates of schemas/encoding.ts, compiled once and evaluated per event. Pure: text in, text out. Used where records
 * become audit events (sources/) and where an encoding reads entities and fields (encodings/).
 *
 * - `/pointer` into the payload, `@` and `@/pointer` into the item of a forEach: the canonical slice of the value;
 * - `$name` of the envelope: found where it is not empty;
 * - `=text`: a constant.
 * A list takes the first template that finds a value other than null; where some find only null, the answer is null.
 */

import type { Templates } from '../../schemas/encoding.js';
import { RewindError } from '../../schemas/errors.js';
import type { AuditEvent } from '../../schemas/event.js';
import { type PointerStep, parsePointer, resolveSteps } from '../sources/json-scan.js';
import { quote, unquote } from '../sources/json-text.js';

/** How a `$name` is read from an envelope of type E; undefined: there is no such name. */
export type EnvelopeReader<E> = (name: string) => ((envelope: E) => string) | undefined;

type Step<E> =
  | { readonly kind: 'payload' | 'item'; readonly steps: readonly PointerStep[] }
  | { readonly kind: 'envelope'; readonly read: (envelope: E) => string }
  | { readonly kind: 'constant'; readonly slice: string };

/** What `$names` read of an audit event. */
export type EnvelopeFields = Pick<
  AuditEvent,
  'entityId' | 'entityType' | 'eventType' | 'tenantId' | 'actor' | 'eventId'
>;

/** Templates ready to be evaluated; one list, in order. */
export type CompiledTemplates<E = EnvelopeFields> = readonly Step<E>[];

const AUDIT_EVENT_FIELDS = new Map<string, (event: EnvelopeFields) => string>([
  ['entity_id', (event) => event.entityId],
  ['entity_type', (event) => event.entityType],
  ['event_type', (event) => event.eventType],
  ['tenant_id', (event) => event.tenantId],
  ['actor', (event) => event.actor],
  ['event_id', (event) => event.eventId],
]);

/** The `$names` of an audit event. */
export const auditEventField: EnvelopeReader<EnvelopeFields> = (name) => AUDIT_EVENT_FIELDS.get(name);

/** Errors: encoding_invalid, with the place of the template in `pointer` where the caller names one. */
export function compileTemplates(templates: Templates, pointer?: string): CompiledTemplates;
export function compileTemplates<E>(
  templates: Templates,
  pointer: string | undefined,
  reader: EnvelopeReader<E>,
): CompiledTemplates<E>;
export function compileTemplates(
  templates: Templates,
  pointer = '',
  reader: EnvelopeReader<never> = auditEventField,
): CompiledTemplates<never> {
  const list = typeof templates === 'string' ? [templates] : templates;
  return list.map((template) => compileOne(template, pointer, reader));
}

function compileOne(template: string, pointer: string, reader: EnvelopeReader<never>): Step<never> {
  const refuse = (why: string) =>
    new RewindError('encoding_invalid', `template ${template}: ${why}`, { pointer });
  const body = template.slice(1);
  switch (template[0]) {
    case '/':
    case '@': {
      const steps = parsePointer(template[0] === '@' ? body : template);
      if (steps === undefined) throw refuse('not a JSON pointer');
      return { kind: template[0] === '@' ? 'item' : 'payload', steps };
    }
    case '$': {
      const read = reader(body);
      if (read === undefined) throw refuse('no such envelope field');
      return { kind: 'envelope', read };
    }
    case '=':
      return { kind: 'constant', slice: quote(body) };
    default:
      throw refuse('begins with none of / $ = @');
  }
}

/**
 * The canonical JSON text that the templates find; undefined: nothing. `payload` and `item` are canonical JSON text;
 * `item` is the array item where a rule has forEach.
 */
export function templateSlice<E>(
  templates: CompiledTemplates<E>,
  payload: string,
  envelope: E,
  item?: string,
): string | undefined {
  let found: string | undefined;
  for (const step of templates) {
    const slice = sliceOf(step, payload, envelope, item);
    if (slice === undefined) continue;
    if (slice !== 'null') return slice;
    found = slice;
  }
  return found;
}

/**
 * The same as plain text, for ids, types and names: a string's characters, the canonical text of a number or boolean.
 * Empty strings, null, objects and arrays are no text: undefined, and the next template is tried.
 */
export function templateText<E>(
  templates: CompiledTemplates<E>,
  payload: string,
  envelope: E,
  item?: string,
): string | undefined {
  for (const step of templates) {
    if (step.kind === 'envelope') {
      const text = step.read(envelope);
      if (text !== '') return text;
      continue;
    }
    const slice = sliceOf(step, payload, envelope, item);
    if (slice === undefined) continue;
    const text = plainText(slice);
    if (text !== undefined && text !== '') return text;
  }
  return undefined;
}

/** The plain text of a canonical scalar; undefined for null, objects and arrays. */
export function plainText(slice: string): string | undefined {
  const first = slice.charCodeAt(0);
  if (first === 0x22) return unquote(slice);
  return first === 0x7b || first === 0x5b || slice === 'null' ? undefined : slice;
}

function sliceOf<E>(
  step: Step<E>,
  payload: string,
  envelope: E,
  item: string | undefined,
): string | undefined {
  switch (step.kind) {
    case 'payload':
      return resolveSteps(payload, step.steps);
    case 'item':
      return item === undefined ? undefined : resolveSteps(item, step.steps);
    case 'constant':
      return step.slice;
    case 'envelope': {
      const text = step.read(envelope);
      return text === '' ? undefined : quote(text);
    }
  }
}
