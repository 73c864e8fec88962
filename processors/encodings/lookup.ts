/**
 * Templates of an encoding (`/pointer`, `$envelope`, `=constant`, `@/item`), compiled to slots of a path tree. What
 * a template finds is a range of canonical JSON bytes: nothing is parsed or copied on the way.
 */

import type { Templates } from '../../schemas/encoding.js';
import { quote } from '../sources/json-text.js';
import { isNull, isString, stringText } from './json-bytes.js';
import type { PathTree } from './path-tree.js';

/** The envelope fields that a template may name, in the order of `Envelope.text`. */
export const ENVELOPE_NAMES = [
  'entity_type',
  'entity_id',
  'event_id',
  'event_type',
  'tenant_id',
  'actor',
  'action',
  'severity',
] as const;
export type EnvelopeName = (typeof ENVELOPE_NAMES)[number];

/** Where envelope fields come from: the fold's row or an AuditEvent. An empty text counts as not found. */
export interface Envelope {
  text(name: EnvelopeName): string;
}

/** A range of canonical JSON; `bytes` belongs to whoever filled it and is valid until the next event. */
export interface Found {
  bytes: Buffer;
  start: number;
  end: number;
}

/** One template. Paths and items name the slot of the tree they were compiled into. */
type Source =
  | { readonly kind: 'path'; readonly slot: number }
  | { readonly kind: 'item'; readonly slot: number }
  | { readonly kind: 'envelope'; readonly name: EnvelopeName }
  | { readonly kind: 'constant'; readonly json: Buffer };

/** A compiled list of templates. `slot` ≥ 0: just one payload pointer, the case that the hot path takes. */
export interface Lookup {
  readonly slot: number;
  readonly sources: readonly Source[];
}

/** What lookups are evaluated against: one event, and for rules with `forEach` one item of it. */
export interface Subject {
  readonly bytes: Buffer;
  readonly paths: PathTree;
  readonly envelope: Envelope;
  /** null outside `forEach`. */
  readonly items: PathTree | null;
}

export function compileLookup(templates: Templates, paths: PathTree, items: PathTree | null): Lookup {
  const list = typeof templates === 'string' ? [templates] : templates;
  const sources = list.map((template) => compileTemplate(template, paths, items));
  const only = sources.length === 1 ? sources[0]! : undefined;
  return { slot: only?.kind === 'path' ? only.slot : -1, sources };
}

function compileTemplate(template: string, paths: PathTree, items: PathTree | null): Source {
  switch (template[0]) {
    case '/':
      return { kind: 'path', slot: paths.add(template) };
    case '@':
      return { kind: 'item', slot: items!.add(template.slice(1)) };
    case '$':
      return { kind: 'envelope', name: template.slice(1) as EnvelopeName };
    default:
      return { kind: 'constant', json: Buffer.from(quote(template.slice(1))) };
  }
}

/** Finds the first template with a value other than null; a null that was found counts when nothing better follows. */
export function lookUp(lookup: Lookup, subject: Subject, found: Found): boolean {
  let any = false;
  for (const source of lookup.sources) {
    if (!lookUpSource(source, subject, found, any)) continue;
    any = true;
    if (!isNull(found.bytes, found.start)) return true;
  }
  return any;
}

/** Leaves `found` alone where it finds nothing, or (`orBetter`) nothing but a null. */
function lookUpSource(source: Source, subject: Subject, found: Found, orBetter: boolean): boolean {
  if (source.kind === 'path' || source.kind === 'item') {
    const tree = source.kind === 'path' ? subject.paths : subject.items;
    if (tree === null) return false;
    const start = tree.starts[source.slot]!;
    if (start < 0 || (orBetter && isNull(subject.bytes, start))) return false;
    found.bytes = subject.bytes;
    found.start = start;
    found.end = tree.ends[source.slot]!;
    return true;
  }
  let json: Buffer;
  if (source.kind === 'constant') json = source.json;
  else {
    const text = subject.envelope.text(source.name);
    if (text === '') return false;
    json = Buffer.from(quote(text));
  }
  found.bytes = json;
  found.start = 0;
  found.end = json.length;
  return true;
}

/** Text of an entity type or id: strings as they are, numbers and booleans as canonical text, all else empty. */
export function foundText(found: Found): string {
  const { bytes, start, end } = found;
  if (isString(bytes, start)) return stringText(bytes, start, end);
  const first = bytes[start]!;
  const structure = first === 0x7b || first === 0x5b || first === 0x6e;
  return structure ? '' : bytes.toString('latin1', start, end);
}
