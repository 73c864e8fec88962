import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../sources/canonical-json.js';
import { arrayItems, eachMember, keyText, skipValue } from './json-bytes.js';
import { PathTree, pointerTokens } from './path-tree.js';
import { PayloadShape } from './payload-shape.js';

const name = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'ab',
    '',
    '__proto__',
    'constructor',
    'x/y',
    '~',
    '"',
    '\\',
    '0',
    '1',
    'é',
    '😀',
    '\u0001',
  ),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
);
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom(null, true, false, 0, -1.5, 1e30),
    fc.string({ unit: 'grapheme', maxLength: 120 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

/** All pointers into a value, and some that lead nowhere. */
function pointers(value: unknown, at = ''): string[] {
  const step = (key: string): string => `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const inner =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, item]) => pointers(item, step(key)))
      : [];
  return [...(at === '' ? [] : [at]), ...inner, step('not there')];
}

function resolve(value: unknown, pointer: string): unknown {
  let current = value;
  for (const token of pointerTokens(pointer)) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, token)) return undefined;
    if (Array.isArray(current) && token === 'length') return undefined;
    current = (current as Record<string, unknown>)[token];
  }
  return current;
}

describe('path tree', () => {
  it('finds what walking the parsed value finds, all pointers in one pass', () => {
    fc.assert(
      fc.property(json, fc.nat(), fc.string({ maxLength: 5 }), (value, pick, around) => {
        const text = canonicalJson(JSON.stringify(value));
        const parsed = JSON.parse(text) as unknown;
        const wanted = pointers(parsed).filter((_, i) => (pick >> (i % 20)) % 2 === 0);
        const tree = new PathTree();
        const slots = wanted.map((pointer) => tree.add(pointer));
        const before = Buffer.from(around);
        const bytes = Buffer.concat([before, Buffer.from(text), Buffer.from(`,${around}`)]);
        for (let pass = 0; pass < 2; pass++) {
          tree.walk(bytes, before.length, before.length + Buffer.byteLength(text));
          for (const [i, pointer] of wanted.entries()) {
            const start = tree.starts[slots[i]!]!;
            const found =
              start < 0 ? undefined : JSON.parse(bytes.toString('utf8', start, tree.ends[slots[i]!]!));
            expect(found).toEqual(resolve(parsed, pointer));
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('finds the same in the values of the members of an object', () => {
    const object = fc.array(fc.tuple(name, json), { maxLength: 6 }).map((all) => Object.fromEntries(all));
    fc.assert(
      fc.property(object, fc.nat(), fc.string({ maxLength: 5 }), (value, pick, around) => {
        const parsed = JSON.parse(canonicalJson(JSON.stringify(value))) as Record<string, unknown>;
        const members = Object.entries(parsed).map(([key, of]) => [
          JSON.stringify(key),
          canonicalJson(JSON.stringify(of)),
        ]);
        const shape = new PayloadShape(Buffer.from(`\n${members.map(([key]) => `${key}\n`).join('')}`));
        const values = Buffer.from(members.map(([, of]) => of).join('\n'));
        const wanted = pointers(parsed).filter((_, i) => (pick >> (i % 20)) % 2 === 0);
        const tree = new PathTree();
        const slots = wanted.map((pointer) => tree.add(pointer));
        const before = Buffer.from(around);
        const bytes = Buffer.concat([before, values, Buffer.from(`\n${around}`)]);
        for (let pass = 0; pass < 2; pass++) {
          shape.walk(tree, bytes, before.length, before.length + values.length);
          for (const [i, pointer] of wanted.entries()) {
            const start = tree.starts[slots[i]!]!;
            const found =
              start < 0 ? undefined : JSON.parse(bytes.toString('utf8', start, tree.ends[slots[i]!]!));
            expect(found).toEqual(resolve(parsed, pointer));
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives a pointer one slot and forgets what an earlier walk found', () => {
    const tree = new PathTree();
    const slot = tree.add('/a/b');
    expect(tree.add('/a/b')).toBe(slot);
    tree.walk(Buffer.from('{"a":{"b":1}}'), 0, 13);
    expect(tree.starts[slot]).toBe(10);
    tree.walk(Buffer.from('{"a":[1]}'), 0, 9);
    expect(tree.starts[slot]).toBe(-1);
  });
});

describe('scanning', () => {
  it('splits objects and arrays into what they hold', () => {
    fc.assert(
      fc.property(json, (value) => {
        const bytes = Buffer.from(canonicalJson(JSON.stringify(value)));
        const parsed = JSON.parse(bytes.toString()) as unknown;
        if (typeof parsed === 'object' && parsed !== null) expect(skipValue(bytes, 0)).toBe(bytes.length);
        if (Array.isArray(parsed)) {
          const ranges = arrayItems(bytes, 0);
          const items = parsed.map(
            (_, i) => JSON.parse(bytes.toString('utf8', ranges[2 * i], ranges[2 * i + 1])) as unknown,
          );
          expect(items).toEqual(parsed);
          expect(ranges).toHaveLength(2 * parsed.length);
        } else if (typeof parsed === 'object' && parsed !== null) {
          const members: [string, unknown][] = [];
          eachMember(bytes, 0, (keyStart, keyEnd, start, end) => {
            members.push([keyText(bytes, keyStart, keyEnd), JSON.parse(bytes.toString('utf8', start, end))]);
          });
          expect(Object.fromEntries(members)).toEqual(parsed);
        }
      }),
      { numRuns: 500 },
    );
  });
});
