import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DefinitionChange, diffTrees } from './diff.js';
import { canonicalTreeText, parseTree, treeText } from './json-tree.js';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const ordered = (pointer: string) => pointer.endsWith('/track');
const diff = (a: string, b: string) => diffTrees(parseTree(a), parseTree(b), ordered);

/** Applies changes one by one, as RFC 6902 says; `order` puts members where the list has them. */
function apply(document: Json, changes: readonly DefinitionChange[]): Json {
  const box: { root: Json } = { root: structuredClone(document) };
  for (const { op, pointer, before, after } of changes) {
    const path = ['root', ...pointer.split('/').slice(1)].map((token) =>
      token.replaceAll('~1', '/').replaceAll('~0', '~'),
    );
    const last = path.pop()!;
    let parent: Json = box as unknown as Json;
    for (const token of path) parent = (parent as Record<string, Json>)[token]!;
    const holder = parent as Record<string, Json>;
    const value = after === undefined ? null : (JSON.parse(after) as Json);
    if (op === 'order') {
      const members = holder[last] as Record<string, Json>;
      expect(JSON.parse(before!)).toEqual(Object.keys(members));
      holder[last] = Object.fromEntries((value as string[]).map((name) => [name, members[name]!]));
      continue;
    }
    if (op !== 'add') expect(JSON.stringify(holder[last])).toBe(JSON.stringify(JSON.parse(before!)));
    if (op === 'add' && Array.isArray(parent)) parent.splice(Number(last), 0, value);
    else if (op === 'remove' && Array.isArray(parent)) parent.splice(Number(last), 1);
    else if (op === 'remove') delete holder[last];
    else holder[last] = value;
  }
  return box.root;
}

/** Members in another order where that has no meaning count as equal. */
function sameMeaning(value: Json, pointer = ''): Json {
  if (Array.isArray(value)) return value.map((item, i) => sameMeaning(item, `${pointer}/${i}`));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(
    ([name, member]) => [name, sameMeaning(member, `${pointer}/${name}`)] as [string, Json],
  );
  return { members: ordered(pointer) ? members : members.sort(([a], [b]) => (a < b ? -1 : 1)) };
}

const names = fc.constantFrom('a', 'b', 'track', 'x/y', 't~0', 'deep');
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Json>(null, true, 0, 7, 'text', ''),
    fc.array(tie('json'), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(names, tie('json')), { selector: ([name]) => name, maxLength: 5 })
      .map((members) => Object.fromEntries(members) as Json),
  ),
}));

describe('the difference of two definitions', () => {
  it('makes the second of the first, and is empty only where they mean the same', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const changes = diff(JSON.stringify(a), JSON.stringify(b));
        expect(sameMeaning(apply(a, changes))).toEqual(sameMeaning(b));
        expect(changes.length === 0).toBe(JSON.stringify(sameMeaning(a)) === JSON.stringify(sameMeaning(b)));
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps items that both lists begin and end with', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), fc.array(fc.nat(9)), fc.nat(9), (head, tail, item) => {
        const without = JSON.stringify([...head, ...tail]);
        const inserted = JSON.stringify([...head, item, ...tail]);
        expect(diff(without, inserted)).toHaveLength(1);
        expect(diff(inserted, without)).toHaveLength(1);
      }),
    );
  });

  it('keeps every digit, and tells numbers by their value', () => {
    const big = '12345678901234567890.10';
    expect(diff(`{"n":${big}}`, `{"n":12345678901234567891}`)).toEqual([
      { op: 'replace', pointer: '/n', before: '12345678901234567890.1', after: '12345678901234567891' },
    ]);
    expect(diff('{"n":1.0}', '{"n":1e0}')).toEqual([]);
  });

  it('says where the order of fields changed', () => {
    expect(diff('{"track":{"a":1,"b":2}}', '{"track":{"c":3,"b":2,"a":1}}')).toEqual([
      { op: 'add', pointer: '/track/c', before: undefined, after: '3' },
      { op: 'order', pointer: '/track', before: '["a","b","c"]', after: '["c","b","a"]' },
    ]);
    expect(diff('{"other":{"a":1,"b":2}}', '{"other":{"b":2,"a":1}}')).toEqual([]);
  });
});

describe('a tree', () => {
  it('says what was written, whatever its white space', () => {
    fc.assert(
      fc.property(json, fc.constantFrom('', '  ', '\t'), (value, space) => {
        const tree = parseTree(JSON.stringify(value, null, space));
        expect(JSON.stringify(JSON.parse(treeText(tree)))).toBe(JSON.stringify(value));
        expect(JSON.parse(canonicalTreeText(tree))).toEqual(value);
      }),
    );
  });

  it('is not made of text that is no JSON', () => {
    for (const text of ['', '{', '{"a":1,"a":2}', '[1,]', 'nul', '"\\ud800"'])
      expect(() => parseTree(text)).toThrow();
  });
});
