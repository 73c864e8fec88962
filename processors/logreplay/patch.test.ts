import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RewindError } from '../../schemas/errors.js';
import { canonicalTreeText, parseTree } from '../versions/json-tree.js';
import { applyPatch, parsePatch } from './patch.js';

const patched = (document: string, patch: string) =>
  canonicalTreeText(applyPatch(parseTree(document), parsePatch(patch, '/patches'), '/patches'));

/** The examples of RFC 6902, appendix A. */
it.each([
  ['{"foo":"bar"}', '[{"op":"add","path":"/baz","value":"qux"}]', '{"baz":"qux","foo":"bar"}'],
  ['{"foo":["bar","baz"]}', '[{"op":"add","path":"/foo/1","value":"qux"}]', '{"foo":["bar","qux","baz"]}'],
  ['{"baz":"qux","foo":"bar"}', '[{"op":"remove","path":"/baz"}]', '{"foo":"bar"}'],
  ['{"foo":["bar","qux","baz"]}', '[{"op":"remove","path":"/foo/1"}]', '{"foo":["bar","baz"]}'],
  [
    '{"baz":"qux","foo":"bar"}',
    '[{"op":"replace","path":"/baz","value":"boo"}]',
    '{"baz":"boo","foo":"bar"}',
  ],
  [
    '{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}',
    '[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]',
    '{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}',
  ],
  [
    '{"foo":["all","grass","cows","eat"]}',
    '[{"op":"move","from":"/foo/1","path":"/foo/3"}]',
    '{"foo":["all","cows","eat","grass"]}',
  ],
  [
    '{"baz":"qux","foo":["a",2,"c"]}',
    '[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]',
    '{"baz":"qux","foo":["a",2,"c"]}',
  ],
  [
    '{"foo":"bar"}',
    '[{"op":"add","path":"/child","value":{"grandchild":{}}}]',
    '{"child":{"grandchild":{}},"foo":"bar"}',
  ],
  ['{"/":9,"~1":10}', '[{"op":"test","path":"/~01","value":10}]', '{"/":9,"~1":10}'],
  [
    '{"foo":["bar"]}',
    '[{"op":"add","path":"/foo/-","value":["abc","def"]}]',
    '{"foo":["bar",["abc","def"]]}',
  ],
  // One thing more than the RFC, and numbers of any length.
  [
    '{"foo":"bar"}',
    '[{"op":"add","path":"/baz/bat","value":12345678901234567890.50}]',
    '{"baz":{"bat":12345678901234567890.5},"foo":"bar"}',
  ],
])('%s after %s', (document, patch, expected) => {
  expect(patched(document, patch)).toBe(expected);
});

const failure = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof RewindError) return `${error.code} ${error.pointer}`;
    throw error;
  }
  return 'none';
};

describe('what does not fit', () => {
  it.each([
    ['{"baz":"qux"}', '[{"op":"test","path":"/baz","value":"bar"}]', 'patch_failed /patches/0'],
    ['{"/":9,"~1":10}', '[{"op":"test","path":"/~01","value":"10"}]', 'patch_failed /patches/0'],
    [
      '{"a":[]}',
      '[{"op":"add","path":"/b","value":1},{"op":"add","path":"/a/1","value":1}]',
      'patch_failed /patches/1',
    ],
    ['{"a":1}', '[{"op":"remove","path":"/b"}]', 'patch_failed /patches/0'],
    ['{"a":1}', '[{"op":"replace","path":"/b","value":1}]', 'patch_failed /patches/0'],
    ['{"a":1}', '[{"op":"add","path":"/a/b","value":1}]', 'patch_failed /patches/0'],
    ['{}', '[{"op":"add","path":"a","value":1}]', 'patch_invalid /patches/0/path'],
    ['{}', '[{"op":"add","path":"/a"}]', 'patch_invalid /patches/0/value'],
    ['{"a":{}}', '[{"op":"move","from":"/a","path":"/a/b"}]', 'patch_invalid /patches/0/path'],
  ])('%s after %s: %s', (document, patch, expected) => {
    expect(failure(() => patched(document, patch))).toBe(expected);
  });

  it('leaves nothing half done and never another error', () => {
    const pointer = fc
      .array(fc.constantFrom('a', 'b', '0', '1', '-', '__proto__'), { maxLength: 3 })
      .map((names) => names.map((name) => `/${name}`).join(''));
    const operation = fc.record({
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
      path: pointer,
      from: pointer,
      value: fc.jsonValue({ maxDepth: 2 }),
    });
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.array(operation, { maxLength: 4 }), (document, patch) => {
        const text = canonicalTreeText(parseTree(JSON.stringify(document)));
        const tree = parseTree(text);
        const outcome = failure(() => applyPatch(tree, parsePatch(JSON.stringify(patch), ''), ''));
        expect(outcome).toMatch(/^(none|patch_failed .*|patch_invalid .*)$/);
        expect(canonicalTreeText(tree)).toBe(text);
      }),
    );
  });
});
