/**
 * The operations of an encoding (set, increment, append, remove, merge, deleteEntity) on an entity's staged state.
 * They see what the operations before them staged; when one fails, the caller discards the whole event.
 */
import type { CompiledOperation } from '../encodings/compile.js';
import { eachMember, isArray, isObject, keyText } from '../encodings/json-bytes.js';
import { type Found, lookUp, type Subject } from '../encodings/lookup.js';
import type { EntityState } from '../snapshots/entity-state.js';
import { objectText } from '../sources/canonical-json.js';
import { quote } from '../sources/json-text.js';
import { addNumbers } from './exact-number.js';

const NO_BYTES = Buffer.alloc(0);
const given: Found = { bytes: NO_BYTES, start: 0, end: 0 };
const current: Found = { bytes: NO_BYTES, start: 0, end: 0 };

/**
 * Stages one operation. An operation whose template finds nothing does nothing; a null that is found is a value.
 * A field that is missing counts as 0, [] or {}. Returns why it does not fit the value, or null; without the values if
 * `hidesValues`.
 */
export function applyOperation(
  operation: CompiledOperation,
  state: EntityState,
  subject: Subject,
  hidesValues: boolean,
): string | null {
  if (operation.op === 'deleteEntity') {
    state.removeAll();
    return null;
  }
  if (operation.op === 'remove') {
    state.remove(state.cell(operation.field));
    return null;
  }
  if (operation.from === null || !lookUp(operation.from, subject, given)) return null;
  switch (operation.op) {
    case 'set':
      state.set(state.cell(operation.field), given.bytes, given.start, given.end);
      return null;
    case 'increment':
      return increment(operation.field, state, hidesValues);
    case 'append':
      return append(operation.field, state, hidesValues);
    case 'merge':
      return operation.field === ''
        ? mergeState(state, hidesValues)
        : mergeField(operation.field, state, hidesValues);
  }
}

function increment(field: string, state: EntityState, hidesValues: boolean): string | null {
  const cell = state.cell(field);
  const before = state.read(cell, current) ? textOf(current) : '0';
  const by = textOf(given);
  const sum = addNumbers(before, by);
  if (sum === null)
    return `increment of ${quote(field)}: ${hidesValues ? 'the values' : `${before} and ${by}`} have no sum`;
  stageText(field, state, sum);
  return null;
}

function append(field: string, state: EntityState, hidesValues: boolean): string | null {
  const cell = state.cell(field);
  const item = textOf(given);
  if (!state.read(cell, current)) {
    stageText(field, state, `[${item}]`);
    return null;
  }
  if (!isArray(current.bytes, current.start))
    return `append to ${quote(field)}: ${shown(current, hidesValues)} is no array`;
  const items = current.bytes.toString('utf8', current.start + 1, current.end - 1);
  stageText(field, state, items === '' ? `[${item}]` : `[${items},${item}]`);
  return null;
}

/** Shallow: each member given replaces the member of that name. */
function mergeField(field: string, state: EntityState, hidesValues: boolean): string | null {
  if (!isObject(given.bytes, given.start))
    return `merge into ${quote(field)}: ${shown(given, hidesValues)} is no object`;
  const members = new Map<string, string>();
  if (state.read(state.cell(field), current)) {
    if (!isObject(current.bytes, current.start))
      return `merge into ${quote(field)}: ${shown(current, hidesValues)} is no object`;
    addMembers(members, current);
  }
  addMembers(members, given);
  stageText(field, state, objectText([...members]));
  return null;
}

/** Each member given sets the field of that name. */
function mergeState(state: EntityState, hidesValues: boolean): string | null {
  const { bytes, start } = given;
  if (!isObject(bytes, start)) return `merge: ${shown(given, hidesValues)} is no object`;
  setMembers(state, bytes, start);
  return null;
}

/** Stages every member of the object that begins at `start` as a field. */
export function setMembers(state: EntityState, bytes: Buffer, start: number): void {
  eachMember(bytes, start, (keyStart, keyEnd, valueStart, valueEnd) => {
    state.set(state.cell(keyText(bytes, keyStart, keyEnd)), bytes, valueStart, valueEnd);
  });
}

function addMembers(members: Map<string, string>, { bytes, start }: Found): void {
  eachMember(bytes, start, (keyStart, keyEnd, valueStart, valueEnd) => {
    members.set(keyText(bytes, keyStart, keyEnd), bytes.toString('utf8', valueStart, valueEnd));
  });
}

function stageText(field: string, state: EntityState, text: string): void {
  const bytes = Buffer.from(text);
  state.set(state.cell(field), bytes, 0, bytes.length);
}

/** As an error names it. */
function shown(value: Found, hidesValues: boolean): string {
  return hidesValues ? 'the value' : textOf(value);
}

function textOf({ bytes, start, end }: Found): string {
  return bytes.toString('utf8', start, end);
}
