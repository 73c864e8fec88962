/** Masks by themselves: what shows of a value, and what never does. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodingProblems } from './check.js';
import { masked } from './mask.js';

it('shows what each mask says, and null as null', () => {
  expect(masked('redact', 'f', '"secret"')).toBe('"***"');
  expect(masked('redact', 'f', '{"a":1}')).toBe('"***"');
  const hash = createHash('sha256').update('f\0"secret"').digest('hex').slice(0, 32);
  expect(masked('hash', 'f', '"secret"')).toBe(`"sha256:${hash}"`);
  expect(masked('last4', 'f', '"4111 1111 1111 1234"')).toBe('"***1234"');
  expect(masked('last4', 'f', '4111111111111234')).toBe('"***1234"');
  expect(masked('last4', 'f', '"12345678901"')).toBe('"***"');
  expect(masked('last4', 'f', '"ab\\"cdefgh😀😀😀"')).toBe('"***h😀😀😀"');
  for (const odd of ['true', '[1,2,3,4,5,6,7]', '{"card":"4111111111111234"}'])
    expect(masked('last4', 'f', odd)).toBe('"***"');
  for (const mask of ['redact', 'hash', 'last4'] as const) expect(masked(mask, 'f', 'null')).toBe('null');
});

it('never lets a value through, and hashes the same value of a field alike', () => {
  const value = fc.string({ minLength: 5, unit: 'grapheme' }).map((text) => `secret${text}`);
  fc.assert(
    fc.property(value, fc.constantFrom('redact', 'hash', 'last4'), (text, mask) => {
      const shown = JSON.parse(masked(mask as 'hash', 'f', JSON.stringify(text))) as string;
      expect(shown).not.toContain(text);
      expect([...shown.replace(/^\*\*\*/, '')].length).toBeLessThanOrEqual(mask === 'hash' ? 39 : 4);
    }),
  );
  expect(masked('hash', 'f', '1')).toBe(masked('hash', 'f', '1'));
  expect(masked('hash', 'f', '1')).not.toBe(masked('hash', 'g', '1'));
  expect(masked('hash', 'f', '1')).not.toBe(masked('hash', 'f', '"1"'));
});

it('refuses masks of fields that nobody sets, and of those that events add to', () => {
  const problems = (mask: object, rule: object) =>
    encodingProblems({ name: 'x', entity: 'envelope', mask, rules: [{ match: '*', ...rule }] }).map(
      ({ pointer }) => pointer,
    );
  expect(problems({ a: 'hash' }, { track: { a: '/a' } })).toEqual([]);
  expect(problems({ a: 'hash' }, { trackDocument: true })).toEqual([]);
  expect(problems({ a: 'hash' }, { operations: [{ op: 'set', field: 'a', from: '/a' }] })).toEqual([]);
  expect(problems({ b: 'hash' }, { track: { a: '/a' } })).toEqual(['/mask/b']);
  expect(problems({ a: 'hidden' }, { track: { a: '/a' } })).not.toEqual([]);
  const adds = { track: { a: '/a' }, operations: [{ op: 'increment', field: 'a', by: 1 }] };
  expect(problems({ a: 'hash' }, adds)).toEqual(['/mask/a']);
});
