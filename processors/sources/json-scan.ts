/**
 * A pull reader over canonical JSON text: slices of names and values, nothing parsed, nothing copied but slices.
 * It trusts its input (canonical-json.ts made it); on other text the answers are undefined.
 */
import { quote, unquote } from './json-text.js';

/** A member of an object: `name` as characters, `value` as canonical text. */
export interface JsonMember {
  readonly name: string;
  readonly value: string;
}

/** The index behind the value that begins at `at`. */
export function valueEnd(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === 0x22) return stringEnd(text, at);
  if (first !== 0x7b && first !== 0x5b) {
    let end = at;
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (code === 0x2c || code === 0x7d || code === 0x5d) break;
    }
    return end;
  }
  let depth = 0;
  for (let i = at; ; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) i = stringEnd(text, i) - 1;
    else if (code === 0x7b || code === 0x5b) depth++;
    else if ((code === 0x7d || code === 0x5d) && --depth === 0) return i + 1;
  }
}

function stringEnd(text: string, at: number): number {
  let end = text.indexOf('"', at + 1);
  while (text.charCodeAt(end - 1) === 0x5c && escapedAt(text, end)) end = text.indexOf('"', end + 1);
  return end + 1;
}

/** Whether an odd number of backslashes stands before `at`. */
function escapedAt(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++;
  return slashes % 2 === 1;
}

/** The members of an object, in order; nothing for any other value. */
export function* topLevelFields(text: string): Generator<JsonMember> {
  if (text.charCodeAt(0) !== 0x7b) return;
  for (let at = 1; text.charCodeAt(at) === 0x22; ) {
    const nameEnd = stringEnd(text, at);
    const end = valueEnd(text, nameEnd + 1);
    yield { name: unquote(text.slice(at, nameEnd)), value: text.slice(nameEnd + 1, end) };
    at = end + 1;
  }
}

/** The items of an array, in order; nothing for any other value. */
export function* arrayItems(text: string): Generator<string> {
  if (text.charCodeAt(0) !== 0x5b || text.charCodeAt(1) === 0x5d) return;
  for (let at = 1; at < text.length; ) {
    const end = valueEnd(text, at);
    yield text.slice(at, end);
    at = end + 1;
  }
}

/** One step of a JSON pointer, ready for both kinds of container. */
export interface PointerStep {
  /** The quoted name with its colon, as canonical text has it. */
  readonly member: string;
  /** The array index that the step spells, or -1. */
  readonly index: number;
}

/** The steps of an RFC 6901 pointer; undefined where it is none (it must be empty or begin with `/`). */
export function parsePointer(pointer: string): readonly PointerStep[] | undefined {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((token) => {
      const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
      return { member: `${quote(name)}:`, index: /^(?:0|[1-9][0-9]{0,8})$/.test(name) ? Number(name) : -1 };
    });
}

/** The canonical text of the value that a pointer names; undefined where the text has none. */
export function resolvePointer(text: string, pointer: string): string | undefined {
  const steps = parsePointer(pointer);
  return steps === undefined ? undefined : resolveSteps(text, steps);
}

/** As resolvePointer, with the pointer parsed beforehand. */
export function resolveSteps(text: string, steps: readonly PointerStep[]): string | undefined {
  let at = 0;
  for (const step of steps) {
    const code = text.charCodeAt(at);
    at =
      code === 0x7b ? memberValue(text, at, step.member) : code === 0x5b ? itemAt(text, at, step.index) : -1;
    if (at < 0) return undefined;
  }
  return steps.length === 0 ? text : text.slice(at, valueEnd(text, at));
}

/** Where the value of `member` begins in the object at `at`; -1: no such member. */
function memberValue(text: string, at: number, member: string): number {
  for (let next = at + 1; text.charCodeAt(next) === 0x22; ) {
    if (text.startsWith(member, next)) return next + member.length;
    next = valueEnd(text, stringEnd(text, next) + 1);
    if (text.charCodeAt(next) !== 0x2c) return -1;
    next++;
  }
  return -1;
}

/** Where item `index` begins in the array at `at`; -1: no such item. */
function itemAt(text: string, at: number, index: number): number {
  if (index < 0 || text.charCodeAt(at + 1) === 0x5d) return -1;
  let next = at + 1;
  for (let i = 0; i < index; i++) {
    next = valueEnd(text, next);
    if (text.charCodeAt(next) !== 0x2c) return -1;
    next++;
  }
  return next;
}
