/**
 * Cuts JSON text into its members without parsing them: events of a request keep the very bytes that were sent, and
 * the command line shows numbers with every digit. Only brackets and strings are looked at; whoever takes a member
 * checks it in full.
 */
import { RewindError } from '../../schemas/errors.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** True when the first character that is no white space opens an array. */
export function isArrayText(json: Buffer): boolean {
  return json[skipSpace(json, 0)] === OPEN_ARRAY;
}

/**
 * The items of a JSON array, as slices of the input.
 * @throws RewindError json_invalid with the byte position
 */
export function splitArray(json: Buffer): Buffer[] {
  const items: Buffer[] = [];
  let at = expect(json, skipSpace(json, 0), OPEN_ARRAY, 'an array');
  if (json[at] === CLOSE_ARRAY) {
    end(json, at + 1);
    return items;
  }
  for (;;) {
    const stop = skipValue(json, at);
    items.push(json.subarray(at, stop));
    at = skipSpace(json, stop);
    if (json[at] === CLOSE_ARRAY) break;
    at = expect(json, at, COMMA, 'a comma or ]');
  }
  end(json, at + 1);
  return items;
}

/**
 * The members of a JSON object in order, names parsed, values as slices of the input.
 * @throws RewindError json_invalid with the byte position
 */
export function splitObject(json: Buffer): [string, Buffer][] {
  const members: [string, Buffer][] = [];
  let at = expect(json, skipSpace(json, 0), OPEN_OBJECT, 'an object');
  if (json[at] === CLOSE_OBJECT) {
    end(json, at + 1);
    return members;
  }
  for (;;) {
    if (json[at] !== QUOTE) throw malformed(json, at, 'a name in quotes');
    const nameEnd = skipString(json, at);
    const name = JSON.parse(json.toString('utf8', at, nameEnd)) as string;
    at = expect(json, skipSpace(json, nameEnd), COLON, 'a colon');
    const stop = skipValue(json, at);
    members.push([name, json.subarray(at, stop)]);
    at = skipSpace(json, stop);
    if (json[at] === CLOSE_OBJECT) break;
    at = expect(json, at, COMMA, 'a comma or }');
  }
  end(json, at + 1);
  return members;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function skipSpace(json: Buffer, from: number): number {
  let at = from;
  while (isSpace(json[at])) at++;
  return at;
}

/** Checks one byte and gives the position of what follows it, behind white space. */
function expect(json: Buffer, at: number, byte: number, what: string): number {
  if (json[at] !== byte) throw malformed(json, at, what);
  return skipSpace(json, at + 1);
}

function end(json: Buffer, from: number): void {
  const at = skipSpace(json, from);
  if (at < json.length) throw malformed(json, at, 'nothing more');
}

/** Position behind the string that starts at `at`. */
function skipString(json: Buffer, at: number): number {
  let next = at + 1;
  while (next < json.length) {
    const byte = json[next];
    if (byte === QUOTE) return next + 1;
    next += byte === BACKSLASH ? 2 : 1;
  }
  throw malformed(json, json.length, 'the end of a string');
}

/** Position behind the value that starts at `at`. Loops, so nesting costs no stack. */
function skipValue(json: Buffer, at: number): number {
  let depth = 0;
  let next = at;
  while (next < json.length) {
    const byte = json[next];
    if (byte === QUOTE) {
      next = skipString(json, next);
      if (depth === 0) return next;
      continue;
    }
    if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth++;
    else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
      if (depth === 0) break;
      if (--depth === 0) return next + 1;
    } else if (depth === 0 && (byte === COMMA || isSpace(byte))) break;
    next++;
  }
  if (depth > 0) throw malformed(json, json.length, 'a closing bracket');
  if (next === at) throw malformed(json, at, 'a value');
  return next;
}

function malformed(json: Buffer, at: number, wanted: string): RewindError {
  const found = at >= json.length ? 'the end of the text' : JSON.stringify(json.toString('utf8', at, at + 1));
  return new RewindError('json_invalid', `expected ${wanted}, found ${found} at byte ${at}`);
}
