/**
 * The full reader of canonical JSON: takes any JSON text, writes its canonical form, names what is wrong and where.
 * Used where the fast check (canonical-check.ts) says no. It builds no objects: each value is either the slice of the
 * input as it stands (null: unchanged) or new text, so that a text whose keys merely are not sorted costs little.
 */
import { excerpt, RewindError } from '../../schemas/errors.js';
import { canonicalNumber } from './canonical-number.js';
import { compareCodePoints, quote, unquote } from './json-text.js';

/** What a number token may hold, also where it is malformed (-Infinity, 0x1F). */
const NUMBER_LIKE = /[-+.0-9A-Za-z]*/y;

/** The reader recurses: whatever is configured, it stops well before the call stack does. */
const DEPTH_LIMIT = 1000;

/** Up to here an insertion sort beats the general one: most objects have few keys. */
const INSERTION_MAX = 24;

function insertionSort(order: number[], keys: readonly string[]): void {
  for (let i = 1; i < order.length; i++) {
    const moved = order[i]!;
    const key = keys[moved]!;
    let at = i;
    for (; at > 0 && compareCodePoints(keys[order[at - 1]!]!, key) > 0; at--) order[at] = order[at - 1]!;
    order[at] = moved;
  }
}

export class CanonicalReader {
  readonly #text: string;
  readonly #depthMax: number;
  #at = 0;
  /** Of the string read last: whether it held an escape. */
  #escaped = false;
  /** Of the key read last: its characters. */
  #name = '';

  constructor(text: string, depthMax: number) {
    this.#text = text;
    this.#depthMax = Math.min(depthMax, DEPTH_LIMIT);
  }

  /** The canonical text of the whole input. */
  read(): string {
    this.#space();
    const start = this.#at;
    const changed = this.#value(this.#depthMax);
    const end = this.#at;
    this.#space();
    if (this.#at < this.#text.length) throw this.#invalid('text after the value');
    return changed ?? this.#text.slice(start, end);
  }

  /** Reads one value; null: its slice of the input is canonical. */
  #value(depth: number): string | null {
    switch (this.#text.charCodeAt(this.#at)) {
      case 0x22:
        return this.#string();
      case 0x7b:
        return this.#object(depth - 1);
      case 0x5b:
        return this.#array(depth - 1);
      case 0x74:
        return this.#word('true');
      case 0x66:
        return this.#word('false');
      case 0x6e:
        return this.#word('null');
      default:
        return this.#number();
    }
  }

  #object(depth: number): string | null {
    this.#enter(depth);
    const start = this.#at++;
    const keys: string[] = [];
    const members: string[] = [];
    let unchanged = !this.#space();
    if (this.#text.charCodeAt(this.#at) === 0x7d) {
      this.#at++;
      return unchanged ? null : '{}';
    }
    let sorted = true;
    for (;;) {
      const memberStart = this.#at;
      const keyChanged = this.#key();
      const key = this.#name;
      if (keys.length > 0 && sorted) sorted = compareCodePoints(keys[keys.length - 1]!, key) < 0;
      const valueStart = this.#at;
      const changed = this.#value(depth);
      if (changed === null && keyChanged === null) members.push(this.#text.slice(memberStart, this.#at));
      else {
        unchanged = false;
        members.push(`${keyChanged ?? quote(key)}:${changed ?? this.#text.slice(valueStart, this.#at)}`);
      }
      keys.push(key);
      if (this.#space()) unchanged = false;
      if (!this.#another(0x7d, '}')) break;
      if (this.#space()) unchanged = false;
    }
    if (unchanged && sorted) return null;
    return `{${(sorted ? members : this.#inOrder(keys, members, start)).join(',')}}`;
  }

  /**
   * Reads `"key":` with its white space; the key is left in #name. Returns its quoted text where the input differs
   * from the canonical form, else null.
   */
  #key(): string | null {
    if (this.#text.charCodeAt(this.#at) !== 0x22) throw this.#invalid('a key in quotes is expected');
    const start = this.#at;
    const changed = this.#string();
    const end = this.#at;
    const spaceBefore = this.#space();
    if (this.#text.charCodeAt(this.#at) !== 0x3a) throw this.#invalid("':' is expected");
    this.#at++;
    const spaceAfter = this.#space();
    if (this.#escaped) this.#name = unquote(changed ?? this.#text.slice(start, end));
    else this.#name = this.#text.slice(start + 1, end - 1);
    return changed !== null ? changed : spaceBefore || spaceAfter ? this.#text.slice(start, end) : null;
  }

  #inOrder(keys: readonly string[], members: readonly string[], start: number): string[] {
    const order = keys.map((_, index) => index);
    if (order.length > INSERTION_MAX) order.sort((a, b) => compareCodePoints(keys[a]!, keys[b]!));
    else insertionSort(order, keys);
    for (let i = 1; i < order.length; i++) {
      const key = keys[order[i]!]!;
      if (key === keys[order[i - 1]!]) {
        const where = `in the object at character ${start}`;
        throw new RewindError('json_duplicate_key', `key "${excerpt(key)}" stands twice ${where}`);
      }
    }
    return order.map((index) => members[index]!);
  }

  #array(depth: number): string | null {
    this.#enter(depth);
    this.#at++;
    const items: string[] = [];
    let unchanged = !this.#space();
    if (this.#text.charCodeAt(this.#at) === 0x5d) {
      this.#at++;
      return unchanged ? null : '[]';
    }
    for (;;) {
      const start = this.#at;
      const changed = this.#value(depth);
      if (changed !== null) unchanged = false;
      items.push(changed ?? this.#text.slice(start, this.#at));
      if (this.#space()) unchanged = false;
      if (!this.#another(0x5d, ']')) break;
      if (this.#space()) unchanged = false;
    }
    return unchanged ? null : `[${items.join(',')}]`;
  }

  #enter(depth: number): void {
    if (depth >= 0) return;
    const message = `more than ${this.#depthMax} levels at character ${this.#at}`;
    throw new RewindError('json_too_deep', message);
  }

  /** After a member or item: true after a comma, false after the closing bracket. */
  #another(close: number, name: string): boolean {
    const code = this.#text.charCodeAt(this.#at);
    if (code !== 0x2c && code !== close) throw this.#invalid(`',' or '${name}' is expected`);
    this.#at++;
    return code === 0x2c;
  }

  #string(): string | null {
    const text = this.#text;
    const start = this.#at++;
    let escaped = false;
    this.#escaped = false;
    for (;;) {
      let at = this.#at;
      let code = text.charCodeAt(at);
      while (code >= 0x20 && code !== 0x22 && code !== 0x5c && (code < 0xd800 || code > 0xdfff)) {
        code = text.charCodeAt(++at);
      }
      this.#at = at;
      if (code === 0x22) break;
      if (code === 0x5c) {
        escaped = true;
        this.#escape();
      } else if (code >= 0xd800 && code <= 0xdfff) {
        const next = this.#text.charCodeAt(this.#at + 1);
        if (code >= 0xdc00 || !(next >= 0xdc00 && next <= 0xdfff)) throw this.#loneSurrogate();
        this.#at += 2;
      } else if (code < 0x20) throw this.#invalid('a control character in a string must be escaped');
      else throw this.#invalid('a string does not end');
    }
    this.#at++;
    if (!escaped) return null;
    this.#escaped = true;
    const token = this.#text.slice(start, this.#at);
    const canonical = quote(JSON.parse(token) as string);
    return canonical === token ? null : canonical;
  }

  /** Steps over one escape; a surrogate must be escaped together with its other half. */
  #escape(): void {
    const code = this.#text.charCodeAt(this.#at + 1);
    if (code !== 0x75) {
      if (!'"\\/bfnrt'.includes(String.fromCharCode(code)) || Number.isNaN(code)) {
        throw this.#invalid('an unknown escape');
      }
      this.#at += 2;
      return;
    }
    const unit = this.#hex(this.#at + 2);
    if (unit >= 0xd800 && unit <= 0xdfff) {
      const paired = unit < 0xdc00 && this.#text.startsWith('\\u', this.#at + 6);
      const low = paired ? this.#hex(this.#at + 8) : 0;
      if (low < 0xdc00 || low > 0xdfff) throw this.#loneSurrogate();
      this.#at += 6;
    }
    this.#at += 6;
  }

  #hex(at: number): number {
    const digits = this.#text.slice(at, at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#invalid('\\u takes four hexadecimal digits');
    return Number.parseInt(digits, 16);
  }

  #word(word: string): null {
    if (!this.#text.startsWith(word, this.#at)) return this.#number() as null;
    this.#at += word.length;
    return null;
  }

  #number(): string | null {
    if (this.#plainInteger()) return null;
    NUMBER_LIKE.lastIndex = this.#at;
    const token = NUMBER_LIKE.exec(this.#text)?.[0] ?? '';
    if (token === '')
      throw this.#invalid(this.#at >= this.#text.length ? 'the text ends early' : 'a value is expected');
    if (!/^[-+.]?(?:[0-9]|Infinity|NaN|\.)/i.test(token)) throw this.#invalid('a value is expected');
    let canonical: string;
    try {
      canonical = canonicalNumber(token);
    } catch (error) {
      if (!(error instanceof RewindError)) throw error;
      throw new RewindError(error.code, `${error.message} at character ${this.#at}`);
    }
    this.#at += token.length;
    return canonical === token ? null : canonical;
  }

  /** Steps over an integer of at most 15 digits that needs no rewriting: nearly all numbers are such. */
  #plainInteger(): boolean {
    let end = this.#at;
    let code = this.#text.charCodeAt(end);
    if (code >= 0x31 && code <= 0x39) {
      const last = end + 15;
      while (code >= 0x30 && code <= 0x39 && end < last) code = this.#text.charCodeAt(++end);
    } else if (code === 0x30) code = this.#text.charCodeAt(++end);
    else return false;
    if (code !== 0x2c && code !== 0x7d && code !== 0x5d && code !== 0x20) return false;
    this.#at = end;
    return true;
  }

  /** Steps over white space; true where there was some. */
  #space(): boolean {
    const start = this.#at;
    let at = start;
    for (; ; at++) {
      const code = this.#text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
    }
    this.#at = at;
    return at > start;
  }

  #loneSurrogate(): RewindError {
    return new RewindError('json_lone_surrogate', `half of a surrogate pair at character ${this.#at}`);
  }

  #invalid(what: string): RewindError {
    const near = this.#text.slice(this.#at, this.#at + 20);
    const found =
      near === '' ? 'at the end of the text' : `at character ${this.#at}, before ${excerpt(near)}`;
    return new RewindError('json_invalid', `${what} ${found}`);
  }
}
