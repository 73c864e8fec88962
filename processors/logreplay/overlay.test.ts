import { expect, it } from 'vitest';
import { overlaid, packageOf } from './overlay.js';

const A1 = 'package a.b\n\none := 1\n';
const A2 = 'package a.b # the other half\n\ntwo := 2\n';
const C = 'package c["d e"]\n\nthree := 3\n';
const bundle = new Map([
  ['/policies/a/one.rego', A1],
  ['/policies/a/two.rego', A2],
  ['/policies/c.rego', C],
]);
const after = (key: string, rego: string) => [...overlaid(bundle, new Map([[key, rego]])).keys()].sort();

it('puts a proposal in place of the file, else of the package, else adds it', () => {
  const rest = ['/policies/a/two.rego', '/policies/c.rego'];
  expect(after('policies/a/one.rego', A1)).toEqual([...rest, 'policies/a/one.rego']);
  expect(after('/policies/a/one', A1)).toEqual(['/policies/a/one', ...rest]);
  expect(after('a/one.rego', A1)).toEqual([...rest, 'a/one.rego']);
  expect(after('a/b', A1)).toEqual(['/policies/c.rego', 'a/b']);
  expect(after('renamed.rego', C)).toEqual(['/policies/a/one.rego', '/policies/a/two.rego', 'renamed.rego']);
  expect(after('new.rego', 'package x\n\ny := 1\n')).toHaveLength(4);
});

it('reads the package as it is written', () => {
  expect(packageOf(A2)).toBe('a/b');
  expect(packageOf(C)).toBe('c/d e');
  expect(packageOf('# package no\n  package yes\n')).toBe('yes');
  expect(packageOf('nothing')).toBeNull();
});
