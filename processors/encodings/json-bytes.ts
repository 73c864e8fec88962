/**
 * Scanning canonical JSON as bytes, without making values: the fold and the entity mapping stand on it. The input is
 * trusted to be canonical (see processors/sources/canonical-json.ts): no whitespace, keys sorted by their UTF-8
 * bytes and unique, one escape form per character. Nothing here checks that again.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const LINE_FEED = 0x0a;

/** The buffer scanned last, usually the same chunk for thousands of strings, and the view that reads words of it. */
let scanned: Buffer = Buffer.alloc(0);
let words = new DataView(scanned.buffer, scanned.byteOffset, scanned.length);
/** Up to here a whole word can be read. */
let wordsEnd = 0;

/** Index after the closing quote of a string whose first byte after the opening quote stands at `at`. */
export function skipString(bytes: Buffer, at: number): number {
  if (bytes !== scanned) scan(bytes);
  let i = at;
  while (i < wordsEnd) {
    // Four bytes at once: the highest bit of a byte is set where it is a quote or a backslash. A byte above the
    // first such one may be set in error; the first never is.
    const word = words.getInt32(i, true);
    const quotes = word ^ 0x22222222;
    const escapes = word ^ 0x5c5c5c5c;
    const hits = (((quotes - 0x01010101) & ~quotes) | ((escapes - 0x01010101) & ~escapes)) & 0x80808080;
    if (hits === 0) {
      i += 4;
      continue;
    }
    i += (31 - Math.clz32(hits & -hits)) >> 3;
    if (bytes[i] === QUOTE) return i + 1;
    i += 2;
  }
  for (;;) {
    const byte = bytes[i++]!;
    if (byte === QUOTE) return i;
    if (byte === BACKSLASH) i++;
  }
}

function scan(bytes: Buffer): void {
  scanned = bytes;
  words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  wordsEnd = bytes.length - 3;
}

/** Index after the value that begins at `at`. */
export function skipValue(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  if (first === QUOTE) return skipString(bytes, at + 1);
  if (first === OPEN_OBJECT || first === OPEN_ARRAY) return skipToClose(bytes, at + 1);
  let i = at + 1;
  for (; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) break;
  }
  return i;
}

/** Index after the bracket that closes the object or array in which `at` stands. */
export function skipToClose(bytes: Buffer, at: number): number {
  let depth = 1;
  let i = at;
  for (;;) {
    const byte = bytes[i++]!;
    if (byte === QUOTE) i = skipString(bytes, i);
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (--depth === 0) return i;
    }
  }
}

/** The place of the next line feed from `at` on, or `end`: canonical JSON holds none, so it ends a value among others. */
export function lineEnd(bytes: Buffer, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i] !== LINE_FEED) i++;
  return i;
}

export function isObject(bytes: Buffer, start: number): boolean {
  return bytes[start] === OPEN_OBJECT;
}

export function isArray(bytes: Buffer, start: number): boolean {
  return bytes[start] === OPEN_ARRAY;
}

export function isString(bytes: Buffer, start: number): boolean {
  return bytes[start] === QUOTE;
}

export function isNull(bytes: Buffer, start: number): boolean {
  return bytes[start] === 0x6e;
}

/**
 * Calls `visit` for each member of the object that begins at `at`. The key's range is its text between the quotes,
 * still escaped. Returns the index after the object.
 */
export function eachMember(
  bytes: Buffer,
  at: number,
  visit: (keyStart: number, keyEnd: number, valueStart: number, valueEnd: number) => void,
): number {
  let i = at + 1;
  if (bytes[i] === CLOSE_OBJECT) return i + 1;
  for (;;) {
    const keyStart = i + 1;
    const keyEnd = skipString(bytes, keyStart) - 1;
    const valueStart = keyEnd + 2;
    const valueEnd = skipValue(bytes, valueStart);
    visit(keyStart, keyEnd, valueStart, valueEnd);
    if (bytes[valueEnd] !== COMMA) return valueEnd + 1;
    i = valueEnd + 1;
  }
}

/** Ranges of the items of the array that begins at `at`, as start, end pairs. */
export function arrayItems(bytes: Buffer, at: number): number[] {
  const ranges: number[] = [];
  let i = at + 1;
  if (bytes[i] === CLOSE_ARRAY) return ranges;
  for (;;) {
    const end = skipValue(bytes, i);
    ranges.push(i, end);
    if (bytes[end] !== COMMA) return ranges;
    i = end + 1;
  }
}

/** The text of a JSON string whose range includes both quotes. */
export function stringText(bytes: Buffer, start: number, end: number): string {
  return keyText(bytes, start + 1, end - 1);
}

/** The text of an escaped key or string body, without its quotes. */
export function keyText(bytes: Buffer, start: number, end: number): string {
  for (let i = start; i < end; i++) {
    if (bytes[i] === BACKSLASH) return JSON.parse(`"${bytes.toString('utf8', start, end)}"`) as string;
  }
  return bytes.toString('utf8', start, end);
}

/** True when both ranges hold the same bytes. */
export function sameBytes(
  a: Buffer,
  aStart: number,
  aEnd: number,
  b: Buffer,
  bStart: number,
  bEnd: number,
): boolean {
  const size = aEnd - aStart;
  if (size !== bEnd - bStart) return false;
  if (size > 96) return a.compare(b, bStart, bEnd, aStart, aEnd) === 0;
  for (let i = 0; i < size; i++) if (a[aStart + i] !== b[bStart + i]) return false;
  return true;
}
