/** Rego's values as trees over canonical texts, and the order in which Rego sorts them. Pure. */
import { compareCodePoints, quote } from '../sources/json-text.js';

export type RegoValue =
  /** `json`: canonical. */
  | { readonly kind: 'null' | 'boolean' | 'number'; readonly json: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'array' | 'set'; readonly items: readonly RegoValue[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [RegoValue, RegoValue])[] };

const ORDER: readonly RegoValue['kind'][] = ['null', 'boolean', 'number', 'string', 'array', 'object', 'set'];

/** Items of sets and members of objects are expected in order already (`sorted`). */
export function compareRego(a: RegoValue, b: RegoValue): number {
  if (a.kind !== b.kind) return ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind);
  if ('json' in a && 'json' in b)
    return a.kind === 'number' ? compareNumbers(a.json, b.json) : compareText(a.json, b.json);
  if ('text' in a && 'text' in b) return compareCodePoints(a.text, b.text);
  if ('items' in a && 'items' in b) return compareLists(a.items, b.items);
  if ('members' in a && 'members' in b) return compareLists(a.members.flat(), b.members.flat());
  return 0;
}

function compareLists(a: readonly RegoValue[], b: readonly RegoValue[]): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const order = compareRego(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** `false` comes before `true`. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Canonical number texts; beyond what a double tells apart, by their digits. */
function compareNumbers(a: string, b: string): number {
  if (a === b) return 0;
  const difference = Number(a) - Number(b);
  if (difference !== 0 && !Number.isNaN(difference)) return difference;
  const left = scaled(a);
  const right = scaled(b);
  const gap = left.exponent - right.exponent;
  if (Math.abs(gap) > GAP_MAX) return (gap < 0 ? -1 : 1) * (left.unscaled < 0n ? -1 : 1);
  const x = gap > 0 ? left.unscaled * 10n ** BigInt(gap) : left.unscaled;
  const y = gap < 0 ? right.unscaled * 10n ** BigInt(-gap) : right.unscaled;
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Numbers that a double cannot tell apart and whose exponents are further apart are both beyond all doubles. */
const GAP_MAX = 10_000;

function scaled(json: string): { unscaled: bigint; exponent: number } {
  const [mantissa = '0', power = '0'] = json.split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { unscaled: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}

export function sortedSet(items: readonly RegoValue[]): RegoValue {
  return { kind: 'set', items: [...items].sort(compareRego) };
}

export function sortedObject(members: readonly (readonly [RegoValue, RegoValue])[]): RegoValue {
  return { kind: 'object', members: [...members].sort(([a], [b]) => compareRego(a, b)) };
}

/** As OPA writes it into decision logs: sets as arrays in Rego's order, keys that are no strings as their JSON. */
export function jsonOfRego(value: RegoValue): string {
  if ('json' in value) return value.json;
  if ('text' in value) return quote(value.text);
  if ('items' in value) return `[${value.items.map(jsonOfRego).join(',')}]`;
  const names = value.members.map(([key, item]) => {
    return [key.kind === 'string' ? key.text : jsonOfRego(key), jsonOfRego(item)] as const;
  });
  // A key that is no string may read like another one that is: the last in Rego's order stays, as in OPA.
  const unique = [...new Map(names)].sort(([a], [b]) => compareCodePoints(a, b));
  return `{${unique.map(([name, json]) => `${quote(name)}:${json}`).join(',')}}`;
}
