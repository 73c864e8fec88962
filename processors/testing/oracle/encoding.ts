/**
 * How the oracle reads an encoding (schemas/encoding.ts): templates, conditions, which rule reads an event, and what
 * it does to a state. The state is a Map from field to value, as plain as can be.
 */
import type { Conditions, Encoding, EncodingRule, Operation, Templates } from '../../../schemas/encoding.js';
import { add, byBytes, Decimal, isObject, type Json, parseJson, pointTo, text } from './json.js';

/** What templates look at: an event with its payload, and inside forEach one item. */
export interface Subject {
  readonly envelope: Readonly<Record<string, string>>;
  readonly payload: Json;
  readonly item: Json | undefined;
}

export type State = Map<string, Json>;

export class OperationFailed extends Error {}

/** The first template that finds a value other than null; a null found counts if there is nothing better. */
export function find(templates: Templates, subject: Subject): Json | undefined {
  const found = [templates].flat().map((template) => findOne(template, subject));
  return found.find((value) => value !== undefined && value !== null) ?? found.find((v) => v === null);
}

function findOne(template: string, subject: Subject): Json | undefined {
  const rest = template.slice(1);
  if (template[0] === '/') return pointTo(subject.payload, template);
  if (template[0] === '@') return subject.item === undefined ? undefined : pointTo(subject.item, rest);
  if (template[0] === '=') return rest;
  const value = subject.envelope[rest] ?? '';
  return value === '' ? undefined : value;
}

/** Entity types and ids: strings as they are, numbers and booleans by their canonical text, all else none. */
export function findText(templates: Templates, subject: Subject): string {
  const value = find(templates, subject);
  if (typeof value === 'string') return value;
  return value instanceof Decimal || typeof value === 'boolean' ? text(value) : '';
}

function holds(conditions: readonly (readonly [string, unknown])[], subject: Subject): boolean {
  return conditions.every(([template, expected]) => {
    const value = find(template, subject);
    const wanted = parseJson(JSON.stringify(expected));
    const exists = isObject(wanted) && wanted.size === 1 ? wanted.get('exists') : undefined;
    if (typeof exists === 'boolean') return (value !== undefined) === exists;
    return value !== undefined && text(value) === text(wanted);
  });
}

function conditionsOf(where: Conditions | undefined, ofItem: boolean) {
  return Object.entries(where ?? {}).filter(([template]) => template.startsWith('@') === ofItem);
}

/** Exact beats prefix, a longer prefix a shorter one; -1: no match. */
function specificity(match: string, eventType: string): number {
  if (match === eventType) return Number.POSITIVE_INFINITY;
  if (match.endsWith('*') && eventType.startsWith(match.slice(0, -1))) return match.length;
  return -1;
}

/** The rule that reads the event; undefined: ignored, or none does. */
export function ruleFor(encoding: Encoding, eventType: string, subject: Subject): EncodingRule | undefined {
  const ignored = (encoding.ignore ?? []).some(
    ({ match, where }) =>
      (match === undefined || specificity(match, eventType) >= 0) &&
      holds(Object.entries(where ?? {}), subject),
  );
  if (ignored) return undefined;
  let best: EncodingRule | undefined;
  let bestRank = -1;
  for (const rule of encoding.rules) {
    const rank = specificity(rule.match, eventType);
    if (rank > bestRank && holds(conditionsOf(rule.where, false), subject)) {
      best = rule;
      bestRank = rank;
    }
  }
  return best;
}

/** What the rule applies to: the event once, or each item for which the item conditions hold. */
export function subjectsOf(rule: EncodingRule, subject: Subject): Subject[] {
  if (rule.forEach === undefined) return [subject];
  const items = pointTo(subject.payload, rule.forEach);
  if (!Array.isArray(items)) return [];
  return (items as Json[])
    .map((item) => ({ ...subject, item }))
    .filter((one) => holds(conditionsOf(rule.where, true), one));
}

/** The state after the event; `exists` false: it ended the entity. Throws OperationFailed. */
export function apply(rule: EncodingRule, eventType: string, before: State, subject: Subject) {
  if (rule.operations === undefined && eventType.endsWith('.deleted'))
    return { after: new Map() as State, exists: false };
  const after: State = new Map(before);
  const document = subject.item ?? subject.payload;
  if (rule.trackDocument === true && isObject(document))
    for (const [field, value] of document) after.set(field, value);
  for (const [field, templates] of Object.entries(rule.track ?? {})) {
    const value = find(templates, subject);
    if (value !== undefined) after.set(field, value);
  }
  let ended = false;
  for (const operation of rule.operations ?? []) {
    operate(operation, after, subject);
    if (operation.op === 'deleteEntity') ended = true;
  }
  return { after, exists: !ended || after.size > 0 };
}

/** An operation whose template finds nothing does nothing; a missing field counts as 0, [] or {}. */
function operate(operation: Operation, state: State, subject: Subject): void {
  if (operation.op === 'deleteEntity') {
    state.clear();
    return;
  }
  if (operation.op === 'remove') {
    state.delete(operation.field);
    return;
  }
  const given =
    operation.op === 'increment'
      ? typeof operation.by === 'number'
        ? parseJson(String(operation.by))
        : find(operation.by, subject)
      : find(operation.from, subject);
  if (given === undefined) return;
  if (operation.op === 'set') state.set(operation.field, given);
  else if (operation.op === 'increment') {
    const now = state.has(operation.field) ? state.get(operation.field) : new Decimal(0n, 0);
    if (!(now instanceof Decimal) || !(given instanceof Decimal)) throw new OperationFailed('not numbers');
    state.set(operation.field, add(now, given));
  } else if (operation.op === 'append') {
    const now = state.has(operation.field) ? state.get(operation.field) : [];
    if (!Array.isArray(now)) throw new OperationFailed('not an array');
    state.set(operation.field, [...(now as Json[]), given]);
  } else {
    if (!isObject(given)) throw new OperationFailed('not an object');
    merge(operation.field, given, state);
  }
}

function merge(field: string | undefined, given: ReadonlyMap<string, Json>, state: State): void {
  if (field === undefined) {
    for (const [name, value] of given) state.set(name, value);
    return;
  }
  const now = state.has(field) ? state.get(field) : new Map<string, Json>();
  if (!isObject(now)) throw new OperationFailed('not an object');
  state.set(field, new Map([...now, ...given]));
}

/**
 * Fields in the order of states and diffs: tracked fields of rules that may belong to the entity type, in declared
 * order; tracked fields of other rules; then all others by the bytes of their names.
 */
export function fieldOrder(encoding: Encoding, entityType: string): (a: string, b: string) => number {
  const mayBelong = (rule: EncodingRule) =>
    rule.entityType === undefined ||
    [rule.entityType].flat().some((one) => !one.startsWith('=') || one.slice(1) === entityType);
  const own = encoding.rules.filter(mayBelong);
  const others = encoding.rules.filter((rule) => !mayBelong(rule));
  const declared = new Set([...own, ...others].flatMap((rule) => Object.keys(rule.track ?? {})));
  const ranks = new Map([...declared].map((field, rank) => [field, rank]));
  const rank = (field: string) => ranks.get(field) ?? Number.MAX_SAFE_INTEGER;
  return (a, b) => rank(a) - rank(b) || byBytes(a, b);
}
