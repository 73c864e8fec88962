/**
 * From an encoding, as people write it, to what the fold and the map stage run: for each event type the rules that
 * may apply, the most specific first, with all their pointers in one path tree. Pure; compiled once per job.
 */
import { createHash } from 'node:crypto';
import type { Encoding, EncodingRule, Operation } from '../../schemas/encoding.js';
import { canonicalOf } from '../sources/canonical-json.js';
import { checkEncoding } from './check.js';
import { compileLookup, type Lookup } from './lookup.js';
import { type FieldMask, masksOf } from './mask.js';
import { PathTree } from './path-tree.js';

/** Event types beyond so many are compiled afresh when they come again: producers may invent any number of them. */
const PLANS_MAX = 10_000;

export interface Condition {
  readonly lookup: Lookup;
  /** Canonical JSON that must be found; null: only `exists` counts. */
  readonly equals: Buffer | null;
  readonly exists: boolean;
}

export interface CompiledOperation {
  readonly op: Operation['op'];
  /** Empty for deleteEntity and for a merge into the whole state. */
  readonly field: string;
  /** What it takes its value from; null for remove and deleteEntity. */
  readonly from: Lookup | null;
}

/** A rule as it applies to one event type. */
export interface PlannedRule {
  /** Position in the encoding's list. */
  readonly index: number;
  readonly conditions: readonly Condition[];
  /** Names of the tracked fields; `sources[i]` says where `fields[i]` comes from. */
  readonly fields: readonly string[];
  readonly sources: readonly Lookup[];
  readonly trackDocument: boolean;
  /** True: the event ends the state (an event type ending in `.deleted`, no operations of its own). */
  readonly ends: boolean;
  readonly operations: readonly CompiledOperation[];
  /** Fields that it may set and that are hidden; usually none. */
  readonly masks: readonly FieldMask[];
  /** The encoding hides fields: what goes wrong is said without values, which may hold what those hide. */
  readonly hidesValues: boolean;
  readonly entityType: Lookup | null;
  readonly entityId: Lookup | null;
  readonly forEach: ForEach | null;
}

export interface ForEach {
  readonly array: Lookup;
  readonly items: PathTree;
  /** Items for which one of these fails are no part of the result. */
  readonly conditions: readonly Condition[];
}

/** What an event type means: which rules to try, in order. Walk `paths` over the payload first. */
export interface EventPlan {
  readonly eventType: string;
  readonly paths: PathTree;
  readonly ignore: readonly (readonly Condition[])[];
  readonly rules: readonly PlannedRule[];
}

export interface TrackedFields {
  /** Of the rules that can belong to the entity type. */
  readonly own: readonly string[];
  /** Of all other rules: with `entity: envelope` any rule may meet an entity of any type. */
  readonly others: readonly string[];
}

export interface CompiledEncoding {
  readonly encoding: Encoding;
  /** True: some rule fans out, so that one record may stand several times in the rows of an entity. */
  readonly fansOut: boolean;
  /** null: no rule can apply, whatever the payload says. */
  planFor(eventType: string): EventPlan | null;
  /** Tracked fields in declared order; they come first in states and diffs. */
  trackedFields(entityType: string): TrackedFields;
}

/** Any value as an encoding. Errors: as compileEncoding. */
export function parseEncoding(value: unknown): Encoding {
  checkEncoding(value);
  return value;
}

/** Errors: encoding_invalid with the pointer of the first mistake; `facts.problems` lists all. */
export function compileEncoding(encoding: Encoding): CompiledEncoding {
  checkEncoding(encoding);
  const plans = new Map<string, EventPlan | null>();
  return {
    encoding,
    fansOut: encoding.rules.some((rule) => rule.forEach !== undefined),
    planFor(eventType) {
      let plan = plans.get(eventType);
      if (plan === undefined) {
        if (plans.size >= PLANS_MAX) plans.clear();
        plan = compilePlan(encoding, eventType);
        plans.set(eventType, plan);
      }
      return plan;
    },
    trackedFields: (entityType) => trackedFields(encoding, entityType),
  };
}

/**
 * SHA-256 (hex) of the canonical JSON of an encoding. The order of tracked fields is part of its meaning, and an
 * object's canonical form has none: `track` goes in as a list of [field, templates].
 */
export function encodingHash(encoding: Encoding): string {
  const rules = encoding.rules.map((rule) =>
    rule.track === undefined ? rule : { ...rule, track: Object.entries(rule.track) },
  );
  return createHash('sha256')
    .update(canonicalOf({ ...encoding, rules }))
    .digest('hex');
}

function compilePlan(encoding: Encoding, eventType: string): EventPlan | null {
  const matching = encoding.rules
    .map((rule, index) => ({ rule, index, rank: matchRank(rule.match, eventType) }))
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => b.rank - a.rank || a.index - b.index);
  const ignores = (encoding.ignore ?? []).filter(
    ({ match }) => match === undefined || matchRank(match, eventType) >= 0,
  );
  if (matching.length === 0 || ignores.some(({ where }) => where === undefined)) return null;
  const paths = new PathTree();
  return {
    eventType,
    paths,
    ignore: ignores.map(({ where }) => compileConditions(where ?? {}, paths, null)),
    rules: matching.map(({ rule, index }) => compileRule(rule, index, eventType, paths, encoding.mask)),
  };
}

/** How specific a match is: exact beats any prefix, a longer prefix a shorter one. -1: no match. */
export function matchRank(match: string, eventType: string): number {
  if (!match.endsWith('*')) return match === eventType ? Number.MAX_SAFE_INTEGER : -1;
  const prefix = match.slice(0, -1);
  return eventType.startsWith(prefix) ? prefix.length : -1;
}

function compileRule(
  rule: EncodingRule,
  index: number,
  eventType: string,
  paths: PathTree,
  mask: Encoding['mask'],
): PlannedRule {
  const items = rule.forEach === undefined ? null : new PathTree();
  const optional = (templates: EncodingRule['entityId']): Lookup | null =>
    templates === undefined ? null : compileLookup(templates, paths, items);
  const where = Object.entries(rule.where ?? {});
  const ofEvent = Object.fromEntries(where.filter(([template]) => !template.startsWith('@')));
  const ofItem = Object.fromEntries(where.filter(([template]) => template.startsWith('@')));
  const track = Object.entries(rule.track ?? {});
  return {
    index,
    conditions: compileConditions(ofEvent, paths, items),
    fields: track.map(([field]) => field),
    sources: track.map(([, templates]) => compileLookup(templates, paths, items)),
    trackDocument: rule.trackDocument ?? false,
    ends: rule.operations === undefined && eventType.endsWith('.deleted'),
    operations: (rule.operations ?? []).map((operation) => compileOperation(operation, paths, items)),
    masks: masksOf(rule, mask),
    hidesValues: mask !== undefined && Object.keys(mask).length > 0,
    entityType: optional(rule.entityType),
    entityId: optional(rule.entityId),
    forEach:
      items === null
        ? null
        : {
            array: compileLookup(rule.forEach!, paths, null),
            items,
            conditions: compileConditions(ofItem, paths, items),
          },
  };
}

function compileOperation(operation: Operation, paths: PathTree, items: PathTree | null): CompiledOperation {
  const field = 'field' in operation ? (operation.field ?? '') : '';
  let from: Lookup | null = null;
  if (operation.op === 'increment') {
    from =
      typeof operation.by === 'number'
        ? constantLookup(operation.by)
        : compileLookup(operation.by, paths, items);
  } else if ('from' in operation) {
    from = compileLookup(operation.from, paths, items);
  }
  return { op: operation.op, field, from };
}

function constantLookup(value: number): Lookup {
  return { slot: -1, sources: [{ kind: 'constant', json: Buffer.from(canonicalOf(value)) }] };
}

function compileConditions(
  conditions: Readonly<Record<string, unknown>>,
  paths: PathTree,
  items: PathTree | null,
): Condition[] {
  return Object.entries(conditions).map(([template, expected]) => {
    const lookup = compileLookup(template, paths, items);
    const exists = existence(expected);
    return exists === undefined
      ? { lookup, equals: Buffer.from(canonicalOf(expected)), exists: true }
      : { lookup, equals: null, exists };
  });
}

/** `{ "exists": true | false }` asks for presence (null counts as present); any other value is compared. */
function existence(expected: unknown): boolean | undefined {
  if (typeof expected !== 'object' || expected === null || Array.isArray(expected)) return undefined;
  const entries = Object.entries(expected);
  const only = entries.length === 1 ? entries[0]! : undefined;
  return only?.[0] === 'exists' && typeof only[1] === 'boolean' ? only[1] : undefined;
}

function trackedFields(encoding: Encoding, entityType: string): TrackedFields {
  const own = new Set<string>();
  const others = new Set<string>();
  for (const rule of encoding.rules) {
    const fields = mayHaveType(rule, entityType) ? own : others;
    for (const field of Object.keys(rule.track ?? {})) fields.add(field);
  }
  return { own: [...own], others: [...others].filter((field) => !own.has(field)) };
}

function mayHaveType(rule: EncodingRule, entityType: string): boolean {
  if (rule.entityType === undefined) return true;
  const templates = typeof rule.entityType === 'string' ? [rule.entityType] : rule.entityType;
  return templates.some((template) => !template.startsWith('=') || template.slice(1) === entityType);
}
