/**
 * Canonical JSON text: the one form in which Rewind keeps, compares and emits values. Made once, at decode.
 *
 * - No white space. Object keys once each, sorted by code point (the order of their UTF-8 bytes).
 * - Strings are raw UTF-8; escaped are only `"`, `\` and control characters below U+0020 (`\b \f \n \r \t`, else
 *   `\u00xx` in lower case). `\u0041` and `\/` are written plainly.
 * - Numbers have one spelling per exact decimal value: see canonical-number.ts.
 * So two values are equal exactly when their texts are. Names such as `__proto__` are data: no object is ever built.
 *
 * Refused, with the position in characters: duplicate keys (json_duplicate_key), lone surrogates
 * (json_lone_surrogate), NaN and malformed numbers (json_number_invalid), deep nesting (json_too_deep), anything else
 * that RFC 8259 does not allow, a byte order mark too (json_invalid).
 */
import { isUtf8 } from 'node:buffer';
import { excerpt, RewindError } from '../../schemas/errors.js';
import { CANONICAL_ASCII, checkCanonical, NOT_CANONICAL } from './canonical-check.js';
import { canonicalNumber } from './canonical-number.js';
import { CanonicalReader } from './canonical-reader.js';
import { compareCodePoints, quote } from './json-text.js';

export const JSON_DEPTH_MAX = 64;

/** Canonical text of JSON given as text or UTF-8 bytes; text that is canonical already is returned as it is. */
export function canonicalJson(input: string | Uint8Array, depthMax = JSON_DEPTH_MAX): string {
  if (typeof input !== 'string') return canonicalRange(asBuffer(input), 0, input.length, depthMax);
  // Only plain ASCII may take the short way: encoding hides a lone surrogate behind U+FFFD.
  const bytes = Buffer.from(input);
  if (checkCanonical(bytes, 0, bytes.length, depthMax) === CANONICAL_ASCII) return input;
  return new CanonicalReader(input, depthMax).read();
}

/** Canonical text of the UTF-8 bytes start..end of a buffer. */
export function canonicalRange(buffer: Buffer, start: number, end: number, depthMax: number): string {
  return canonicalFrom(checkCanonical(buffer, start, end, depthMax), buffer, start, end, depthMax);
}

/** The same for a caller that has run checkCanonical already. */
export function canonicalFrom(
  verdict: number,
  buffer: Buffer,
  start: number,
  end: number,
  depthMax: number,
): string {
  if (verdict === CANONICAL_ASCII) return buffer.toString('latin1', start, end);
  if (!isUtf8(buffer.subarray(start, end))) throw notUtf8(buffer.subarray(start, end));
  const text = buffer.toString('utf8', start, end);
  return verdict === NOT_CANONICAL ? new CanonicalReader(text, depthMax).read() : text;
}

/** The error for bytes that are not UTF-8: json_lone_surrogate where they spell one, else json_invalid. */
export function notUtf8(bytes: Uint8Array): RewindError {
  for (let i = 0; i + 1 < bytes.length; i++) {
    if (bytes[i] === 0xed && bytes[i + 1]! >= 0xa0 && bytes[i + 1]! <= 0xbf) {
      return new RewindError('json_lone_surrogate', `surrogate in UTF-8 at byte ${i}`);
    }
  }
  let valid = 0;
  for (let size = bytes.length; size > 0; size >>= 1) {
    // Bisect to the longest valid prefix; a cut inside a character only moves the answer back by three bytes.
    while (valid + size <= bytes.length && isUtf8(bytes.subarray(valid, valid + size))) valid += size;
  }
  return new RewindError('json_invalid', `not UTF-8 at byte ${valid}`);
}

/**
 * Canonical text of a JavaScript value: null, boolean, finite number, bigint (every digit), string, bytes (base64),
 * array, Map with string keys, plain object. Members that are undefined are left out, as JSON.stringify does.
 */
export function canonicalOf(value: unknown, depthMax = JSON_DEPTH_MAX): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return canonicalNumber(value.toString());
    case 'number':
      if (!Number.isFinite(value))
        throw new RewindError('json_number_invalid', `not a JSON number: ${value}`);
      return canonicalNumber(String(value).replace('e+', 'e'));
    case 'object':
      return value === null ? 'null' : containerText(value, depthMax);
    default:
      throw new RewindError('json_invalid', `a ${typeof value} has no JSON form`);
  }
}

function containerText(value: object, depthMax: number): string {
  if (value instanceof Uint8Array) return quote(asBuffer(value).toString('base64'));
  if (depthMax <= 0) throw new RewindError('json_too_deep', 'value nests too deep');
  if (Array.isArray(value)) return `[${value.map((item) => canonicalOf(item, depthMax - 1)).join(',')}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!(value instanceof Map) && prototype !== Object.prototype && prototype !== null) {
    throw new RewindError('json_invalid', `a ${value.constructor?.name ?? 'value'} has no JSON form`);
  }
  const entries: [string, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
  return objectText(
    entries
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, canonicalOf(item, depthMax - 1)]),
  );
}

/** A canonical object from names and canonical value texts in any order. Errors: json_duplicate_key. */
export function objectText(entries: readonly (readonly [string, string])[]): string {
  const sorted = [...entries].sort((a, b) => compareCodePoints(a[0], b[0]));
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i]![0] === sorted[i - 1]![0]) {
      throw new RewindError('json_duplicate_key', `key ${excerpt(sorted[i]![0])} twice`);
    }
  }
  return `{${sorted.map(([key, text]) => `${quote(key)}:${text}`).join(',')}}`;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
