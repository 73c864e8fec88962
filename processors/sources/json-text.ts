/**
 * Strings of canonical JSON: quoting, unquoting and the order of keys. Below canonical-json.ts, which defines the form.
 */
import { excerpt, RewindError } from '../../schemas/errors.js';

/** The canonical text of a string value, quotes included. Errors: json_lone_surrogate. */
export function quote(text: string): string {
  const escaped = JSON.stringify(text);
  // JSON.stringify writes lone surrogates as \udxxx and differs in nothing else; DEL and U+2028 stay raw in both.
  if (escaped.length !== text.length + 2 && LONE_SURROGATE.test(text)) {
    throw new RewindError('json_lone_surrogate', `lone surrogate in ${excerpt(escaped)}`);
  }
  return escaped;
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** The characters of a canonical string text (quotes included in the input). */
export function unquote(text: string): string {
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1);
}

/** Order of code points, which is the order of UTF-8 bytes; JavaScript's `<` puts U+E000–U+FFFF after the rest. */
export function compareCodePoints(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const xSurrogate = x >= 0xd800 && x <= 0xdfff;
    const ySurrogate = y >= 0xd800 && y <= 0xdfff;
    if (xSurrogate !== ySurrogate) return xSurrogate ? (y >= 0xe000 ? 1 : x - y) : x >= 0xe000 ? -1 : x - y;
    return x - y;
  }
  return a.length - b.length;
}
