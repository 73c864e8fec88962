import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addNumbers } from './exact-number.js';

describe('exact sums', () => {
  const table: [string, string, string | null][] = [
    ['0.1', '0.2', '0.3'],
    ['9007199254740993', '1', '9007199254740994'],
    [
      '99999999999999999999999999999999',
      '1',
      '100000000000000000000000000000000'.replace(/0+$/, (z) => (z.length > 20 ? `e+${z.length}` : z)),
    ],
    ['-1.5', '1.5', '0'],
    ['1e+30', '1', '1000000000000000000000000000001'],
    ['1e-7', '1e-7', '2e-7'],
    ['1e+400', '-1e+400', '0'],
    ['1e+999999', '1', null],
    ['"1"', '1', null],
    ['true', '1', null],
    ['null', '1', null],
  ];
  it.each(table)('%s + %s = %s', (a, b, expected) => {
    expect(addNumbers(a, b)).toBe(expected);
    expect(addNumbers(b, a)).toBe(expected);
  });

  it('agrees with BigInt on integers of any length', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
        const text = addNumbers(String(a), String(b))!;
        const [, digits = '', exponent = '0'] = /^(-?[\d.]+)(?:e\+(\d+))?$/.exec(text)!;
        const [whole = '', fraction = ''] = digits.split('.');
        expect(BigInt(whole + fraction.padEnd(Number(exponent), '0'))).toBe(a + b);
      }),
    );
  });
});
