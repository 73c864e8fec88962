/**
 * The fast path of canonical JSON: tells in one pass over UTF-8 bytes whether a text is canonical already, which is
 * the usual case for what Rewind itself produced. It allocates nothing and never throws; anything it is not sure of is
 * NOT_CANONICAL, and canonical-json.ts then reads it in full and says what is wrong.
 */
import { LEADING_ZEROS_MAX, TRAILING_ZEROS_MAX } from './canonical-number.js';
import type { MemberPlaces } from './event-places.js';

export const NOT_CANONICAL = 0;
export const CANONICAL_ASCII = 1;
/** Canonical as far as structure goes, with bytes above 0x7f: the caller still checks that they are UTF-8. */
export const CANONICAL_UTF8 = 2;

/** 1: an ordinary byte of a string; 2: ordinary, part of a multi-byte character; 0: quote, backslash or control. */
const STRING_BYTE = new Uint8Array(256);
for (let byte = 0x20; byte < 256; byte++) STRING_BYTE[byte] = byte < 0x80 ? 1 : 2;
STRING_BYTE[0x22] = 0;
STRING_BYTE[0x5c] = 0;

const DEPTH_SLOTS = 1024;
const keyStarts = new Int32Array(DEPTH_SLOTS);
const keyEnds = new Int32Array(DEPTH_SLOTS);
const inObject = new Uint8Array(DEPTH_SLOTS);

/**
 * Checks bytes start..end of `buffer`; containers may nest `depthMax` deep. `members` is filled with those of the
 * outermost object, where the text is canonical and is one.
 */
export function checkCanonical(
  buffer: Uint8Array,
  start: number,
  end: number,
  depthMax: number,
  members: MemberPlaces | null = null,
): number {
  if (members !== null) members.count = 0;
  const deepest = depthMax < DEPTH_SLOTS ? depthMax : DEPTH_SLOTS - 1;
  let at = start;
  let depth = 0;
  let wide = 0;
  for (;;) {
    // A value begins at `at`.
    const byte = at < end ? buffer[at]! : 0;
    if (byte === 0x22) {
      for (at++; at < end; at++) {
        const kind = STRING_BYTE[buffer[at]!]!;
        if (kind === 0) {
          if (buffer[at] === 0x22) break;
          at = canonicalEscape(buffer, at, end);
          if (at < 0) return NOT_CANONICAL;
        } else wide |= kind;
      }
      if (at >= end) return NOT_CANONICAL;
      at++;
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > deepest) return NOT_CANONICAL;
      inObject[depth] = byte === 0x7b ? 1 : 0;
      keyStarts[depth] = -1;
      at++;
      if (at < end && buffer[at] === byte + 2) {
        depth--;
        at++;
      } else if (byte === 0x5b) continue;
      else {
        at = keyAt(buffer, at, end, depth);
        if (at < 0) return NOT_CANONICAL;
        if (keyEnds[depth]! < 0) {
          wide |= 2;
          keyEnds[depth] = -keyEnds[depth]!;
        }
        continue;
      }
    } else {
      at =
        byte === 0x2d || (byte >= 0x30 && byte <= 0x39)
          ? numberEnd(buffer, at, end)
          : wordEnd(buffer, at, end);
      if (at < 0) return NOT_CANONICAL;
    }
    // A value has ended: close containers until one goes on.
    for (;;) {
      if (depth === 0)
        return at !== end ? NOT_CANONICAL : (wide & 2) !== 0 ? CANONICAL_UTF8 : CANONICAL_ASCII;
      if (at >= end) return NOT_CANONICAL;
      if (depth === 1 && members !== null) members.add(keyStarts[1]! - 1, keyEnds[1]! + 1, at);
      const next = buffer[at++]!;
      if (next === 0x2c) {
        if (inObject[depth] === 0) break;
        at = keyAt(buffer, at, end, depth);
        if (at < 0) return NOT_CANONICAL;
        if (keyEnds[depth]! < 0) {
          wide |= 2;
          keyEnds[depth] = -keyEnds[depth]!;
        }
        break;
      }
      if (next !== (inObject[depth] === 1 ? 0x7d : 0x5d)) return NOT_CANONICAL;
      depth--;
    }
  }
}

/**
 * Reads `"key":` at `at`, checks that it sorts after the key before it, and returns where its value begins; -1: no.
 * keyEnds is left negative where the key holds multi-byte characters. UTF-8 bytes sort as code points do. A key with
 * an escape is left to the full reader: its bytes do not sort as its characters.
 */
function keyAt(buffer: Uint8Array, at: number, end: number, depth: number): number {
  if (at >= end || buffer[at] !== 0x22) return -1;
  const start = at + 1;
  let wide = 0;
  let stop = start;
  for (; stop < end; stop++) {
    const kind = STRING_BYTE[buffer[stop]!]!;
    if (kind === 0) break;
    wide |= kind;
  }
  if (stop + 1 >= end || buffer[stop] !== 0x22 || buffer[stop + 1] !== 0x3a) return -1;
  const lastStart = keyStarts[depth]!;
  if (lastStart >= 0 && !isBefore(buffer, lastStart, keyEnds[depth]!, start, stop)) return -1;
  keyStarts[depth] = start;
  keyEnds[depth] = (wide & 2) !== 0 ? -stop : stop;
  return stop + 2;
}

/** Whether bytes a..aEnd sort strictly before b..bEnd. */
function isBefore(buffer: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  let i = a;
  let j = b;
  for (; i < aEnd && j < bEnd; i++, j++) {
    const difference = buffer[i]! - buffer[j]!;
    if (difference !== 0) return difference < 0;
  }
  return i === aEnd && j < bEnd;
}

/** The last byte of the canonical escape at `at`; -1: not canonical (or a raw control character). */
function canonicalEscape(buffer: Uint8Array, at: number, end: number): number {
  if (buffer[at] !== 0x5c || at + 1 >= end) return -1;
  switch (buffer[at + 1]) {
    case 0x22: // "
    case 0x5c: // \
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 1;
    case 0x75: {
      if (at + 5 >= end || buffer[at + 2] !== 0x30 || buffer[at + 3] !== 0x30) return -1;
      const high = buffer[at + 4]!;
      if (high !== 0x30 && high !== 0x31) return -1;
      const low = buffer[at + 5]!;
      const isDigit = low >= 0x30 && low <= 0x39;
      if (!isDigit && !(low >= 0x61 && low <= 0x66)) return -1;
      // \u0008, 9, a, c, d have short forms.
      const value = (high - 0x30) * 16 + (isDigit ? low - 0x30 : low - 0x57);
      return value === 8 || value === 9 || value === 10 || value === 12 || value === 13 ? -1 : at + 5;
    }
    default:
      return -1;
  }
}

/** The end of a plain canonical number at `at`; -1: not canonical, or an exponent that the full reader must judge. */
function numberEnd(buffer: Uint8Array, at: number, end: number): number {
  let digit = buffer[at] === 0x2d ? at + 1 : at;
  const start = digit;
  let lastNonZero = -1;
  for (; digit < end; digit++) {
    const byte = buffer[digit]!;
    if (byte < 0x30 || byte > 0x39) break;
    if (byte !== 0x30) lastNonZero = digit;
  }
  if (digit === start) return -1;
  const zero = buffer[start] === 0x30;
  if (zero && digit > start + 1) return -1;
  const next = digit < end ? buffer[digit]! : 0;
  if (next === 0x65 || next === 0x45) return -1;
  if (next !== 0x2e) {
    if (zero) return start === at ? digit : -1;
    return digit - 1 - lastNonZero <= TRAILING_ZEROS_MAX ? digit : -1;
  }
  const fraction = digit + 1;
  let firstNonZero = -1;
  for (digit = fraction; digit < end; digit++) {
    const byte = buffer[digit]!;
    if (byte < 0x30 || byte > 0x39) break;
    if (byte !== 0x30 && firstNonZero < 0) firstNonZero = digit;
  }
  if (firstNonZero < 0 || buffer[digit - 1] === 0x30) return -1;
  if (zero && firstNonZero - fraction > LEADING_ZEROS_MAX) return -1;
  const after = digit < end ? buffer[digit]! : 0;
  return after === 0x65 || after === 0x45 ? -1 : digit;
}

/** The end of true, false or null at `at`; -1: none of them. */
function wordEnd(buffer: Uint8Array, at: number, end: number): number {
  const first = at < end ? buffer[at]! : 0;
  const word = first === 0x74 ? TRUE : first === 0x66 ? FALSE : first === 0x6e ? NULL : undefined;
  if (word === undefined || at + word.length > end) return -1;
  for (let i = 1; i < word.length; i++) if (buffer[at + i] !== word[i]) return -1;
  return at + word.length;
}

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');
