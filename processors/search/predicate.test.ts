/** Conditions as people write them, and what holds for a value: examples, and JavaScript's own arithmetic as the judge. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareNumbers } from '../reducers/exact-number.js';
import { canonicalJson } from '../sources/canonical-json.js';
import { holds, valueAt } from './evaluate.js';
import { parsePredicate } from './predicate.js';

const holdsFor = (where: string, field: unknown): boolean => {
  const [condition] = parsePredicate(where);
  const top =
    field === undefined ? '' : canonicalJson(typeof field === 'string' ? field : JSON.stringify(field));
  return holds(condition!, valueAt(condition!, top));
};

test('conditions are pointers, operators and JSON, or words, joined by and', () => {
  expect(parsePredicate('/status eq published and /a~1b/0/c gt 1.50 and "/x y" exists')).toEqual([
    { tokens: ['status'], operator: 'eq', value: '"published"' },
    { tokens: ['a/b', '0', 'c'], operator: 'gt', value: '1.5' },
    { tokens: ['x y'], operator: 'exists', value: '' },
  ]);
  expect(parsePredicate('  /t eq "a and b"  and /o ne {"b":1,"a":[2," and "]} ')).toEqual([
    { tokens: ['t'], operator: 'eq', value: '"a and b"' },
    { tokens: ['o'], operator: 'ne', value: '{"a":[2," and "],"b":1}' },
  ]);
  expect(parsePredicate('/n matches 12.*')[0]!.value).toBe('"12.*"');
  expect(parsePredicate('/n matches 12')[0]!.value).toBe('"12"');
});

test.each([
  '',
  '/a',
  '/a eq',
  'a eq 1',
  '/a is 1',
  '/a eq 1 /b eq 2',
  '/a eq 1 and',
  '/a eq "x',
  '/a eq {"b"}',
  '/a~2 eq 1',
  '/a eq "\\ud800"',
])('%s is refused with the parameter named', (where) => {
  expect(() => parsePredicate(where)).toThrow(
    expect.objectContaining({ code: 'field_invalid', pointer: '/where' }),
  );
});

test.each<[string, unknown, boolean]>([
  ['/f eq 1', 1, true],
  ['/f eq 9007199254740993', '9007199254740992', false],
  ['/f gt 9007199254740992', '9007199254740993', true],
  ['/f le 0.1', '0.10000000000000000000000001', false],
  ['/f gt 1e400', '1e401', true],
  ['/f lt 10', '"9"', false],
  ['/f lt "10"', '"09"', true],
  ['/f gt 1', null, false],
  ['/f eq null', null, true],
  ['/f exists', null, true],
  ['/f exists', undefined, false],
  ['/f missing', undefined, true],
  ['/f ne 1', undefined, false],
  ['/f ne 1', '"1"', true],
  ['/f/a/1 eq true', { a: [false, true] }, true],
  ['/f/a/01 exists', { a: [false, true] }, false],
  ['/f/a/2 missing', { a: [false, true] }, true],
  ['/f/__proto__ missing', { a: 1 }, true],
  ['/f contains b', '"abc"', true],
  ['/f contains 2', [1, 2], true],
  ['/f contains 2', [1, [2]], false],
  ['/f contains key', { key: 1 }, true],
  ['/f contains constructor', { key: 1 }, false],
  ['/f contains 1', 1, false],
])('%s for %j is %j', (where, field, expected) => {
  expect(holdsFor(where, field)).toBe(expected);
});

test('numbers are ordered as exact decimals, however they are written', () => {
  const decimal = fc.tuple(
    fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
    fc.integer({ min: 0, max: 30 }),
  );
  fc.assert(
    fc.property(decimal, decimal, ([a, scaleA], [b, scaleB]) => {
      const [x, y] = [a * 10n ** BigInt(scaleB), b * 10n ** BigInt(scaleA)];
      const sign = Math.sign(
        compareNumbers(canonicalJson(`${a}e-${scaleA}`), canonicalJson(`${b}e-${scaleB}`)),
      );
      expect(sign).toBe(x < y ? -1 : x > y ? 1 : 0);
    }),
  );
});
