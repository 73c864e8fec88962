/**
 * JSON as a tree that loses nothing: numbers keep every digit, members keep the order in which they were written. For
 * definitions that people write (encodings, rules, sources), where both can carry meaning. Pure.
 */
import { canonicalJson, objectText } from '../sources/canonical-json.js';
import { canonicalNumber } from '../sources/canonical-number.js';
import { quote } from '../sources/json-text.js';

export type JsonTree =
  | { readonly kind: 'scalar'; readonly json: string }
  | { readonly kind: 'array'; readonly items: readonly JsonTree[] }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, JsonTree> };

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const PLAIN = /true|false|null/y;
const NUMBER = /-?[0-9.eE+-]+/y;

/** Errors: as canonicalJson (malformed text, repeated keys, too much depth). */
export function parseTree(text: string): JsonTree {
  // The strict reader judges the text; what follows may trust it.
  canonicalJson(text);
  return new TreeReader(text).read();
}

class TreeReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): JsonTree {
    this.#take(SPACE);
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return { kind: 'scalar', json: quote(this.#string()) };
      default: {
        const plain = this.#take(PLAIN);
        return { kind: 'scalar', json: plain === '' ? canonicalNumber(this.#take(NUMBER)) : plain };
      }
    }
  }

  #object(): JsonTree {
    const members = new Map<string, JsonTree>();
    for (let next = this.#open(); next !== '}'; next = this.#next()) {
      const name = this.#string();
      this.#take(SPACE);
      // The colon.
      this.#at++;
      members.set(name, this.read());
    }
    this.#at++;
    return { kind: 'object', members };
  }

  #array(): JsonTree {
    const items: JsonTree[] = [];
    for (let next = this.#open(); next !== ']'; next = this.#next()) items.push(this.read());
    this.#at++;
    return { kind: 'array', items };
  }

  /** Steps over the bracket; the first character inside. */
  #open(): string | undefined {
    this.#at++;
    this.#take(SPACE);
    return this.#text[this.#at];
  }

  /** Steps over the comma behind a value, if there is one; the character that follows. */
  #next(): string | undefined {
    this.#take(SPACE);
    return this.#text[this.#at] === ',' ? this.#open() : this.#text[this.#at];
  }

  #string(): string {
    return JSON.parse(this.#take(STRING)) as string;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}

/** Compact text with members in their written order. */
export function treeText(tree: JsonTree): string {
  if (tree.kind === 'scalar') return tree.json;
  if (tree.kind === 'array') return `[${tree.items.map(treeText).join(',')}]`;
  return `{${[...tree.members].map(([name, value]) => `${quote(name)}:${treeText(value)}`).join(',')}}`;
}

/** Canonical text: members sorted. */
export function canonicalTreeText(tree: JsonTree): string {
  if (tree.kind === 'scalar') return tree.json;
  if (tree.kind === 'array') return `[${tree.items.map(canonicalTreeText).join(',')}]`;
  return objectText([...tree.members].map(([name, value]) => [name, canonicalTreeText(value)] as const));
}
