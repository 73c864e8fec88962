/**
 * Reads what `opa_value_dump` writes: JSON, sets (`{1, 2}`, `set()`), objects whose keys are any value. Results are taken
 * in this form, since the JSON form has the items of a set in the order of their hashes, and OPA in Rego's.
 */
import { RewindError } from '../../schemas/errors.js';
import { canonicalJson } from '../sources/canonical-json.js';
import { canonicalNumber } from '../sources/canonical-number.js';
import { unquote } from '../sources/json-text.js';
import { jsonOfRego, type RegoValue, sortedObject, sortedSet } from './rego-order.js';

/** Results may nest so deep; the WebAssembly's own stack ends earlier. */
const DEPTH_MAX = 512;

/** Canonical JSON of a dumped value. */
export function jsonOfDump(dump: string): string {
  // No braces: neither sets nor objects. Most decisions.
  if (!dump.includes('{') && !dump.includes('set(')) return canonicalJson(dump, DEPTH_MAX);
  const reader = new Reader(dump);
  const value = reader.value(0);
  reader.end();
  return canonicalJson(jsonOfRego(value), DEPTH_MAX);
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  end(): void {
    this.#skip();
    if (this.#at !== this.#text.length) throw this.#wrong();
  }

  value(depth: number): RegoValue {
    if (depth > DEPTH_MAX) throw new RewindError('json_too_deep', 'a result nests too deep');
    this.#skip();
    switch (this.#text[this.#at]) {
      case '"':
        return { kind: 'string', text: this.#string() };
      case '[':
        this.#at++;
        return { kind: 'array', items: this.#items(']', depth) };
      case '{':
        this.#at++;
        return this.#braces(depth);
      default:
        return this.#atom();
    }
  }

  #atom(): RegoValue {
    if (this.#take('set()')) return { kind: 'set', items: [] };
    if (this.#take('null')) return { kind: 'null', json: 'null' };
    if (this.#take('true')) return { kind: 'boolean', json: 'true' };
    if (this.#take('false')) return { kind: 'boolean', json: 'false' };
    const start = this.#at;
    while (this.#at < this.#text.length && '+-.0123456789eE'.includes(this.#text[this.#at]!)) this.#at++;
    return { kind: 'number', json: canonicalNumber(this.#text.slice(start, this.#at)) };
  }

  #string(): string {
    const start = this.#at;
    for (this.#at++; this.#text[this.#at] !== '"'; this.#at++) {
      if (this.#at >= this.#text.length) throw this.#wrong();
      if (this.#text[this.#at] === '\\') this.#at++;
    }
    this.#at++;
    return unquote(this.#text.slice(start, this.#at));
  }

  #items(end: string, depth: number): RegoValue[] {
    const items: RegoValue[] = [];
    while (!this.#take(end)) {
      if (items.length > 0) this.#expect(',');
      items.push(this.value(depth + 1));
    }
    return items;
  }

  /** Behind the brace; the first member tells an object from a set. */
  #braces(depth: number): RegoValue {
    if (this.#take('}')) return { kind: 'object', members: [] };
    const first = this.value(depth + 1);
    if (this.#take(',')) return sortedSet([first, ...this.#items('}', depth)]);
    if (this.#take('}')) return sortedSet([first]);
    const members: [RegoValue, RegoValue][] = [];
    for (let key = first; ; key = this.value(depth + 1)) {
      this.#expect(':');
      members.push([key, this.value(depth + 1)]);
      if (this.#take('}')) return sortedObject(members);
      this.#expect(',');
    }
  }

  #take(token: string): boolean {
    this.#skip();
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw this.#wrong();
  }

  #skip(): void {
    while (this.#text[this.#at] === ' ') this.#at++;
  }

  #wrong(): RewindError {
    return new RewindError('internal', `a result that is no Rego value, at ${this.#at}`);
  }
}
