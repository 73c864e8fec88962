import { describe, expect, it } from 'vitest';
import { NotJson, parseJson, text } from './json.js';

describe('canonical JSON of the oracle', () => {
  it.each([
    ['{"b":1,"a":[ true , null ]}', '{"a":[true,null],"b":1}'],
    ['"\\u0041\\/\\n\\u0001é"', '"A/\\n\\u0001é"'],
    ['-0', '0'],
    ['1.0', '1'],
    ['10e-1', '1'],
    ['1.50', '1.5'],
    ['12345678901234567890123456789', '12345678901234567890123456789'],
    ['1e20', '100000000000000000000'],
    ['1e21', '1e+21'],
    ['-12.5E+400', '-1.25e+401'],
    ['0.000001', '0.000001'],
    ['0.0000001', '1e-7'],
    ['0.00000015', '1.5e-7'],
    ['123456789.000000001', '123456789.000000001'],
    ['{"\\ud83d\\ude00":1,"\uffff":2}', '{"\uffff":2,"😀":1}'],
    ['{"__proto__":1,"constructor":2,"":3}', '{"":3,"__proto__":1,"constructor":2}'],
  ])('%s is %s', (from, to) => {
    expect(text(parseJson(from))).toBe(to);
  });

  it.each([
    '{"a":1,"a":2}',
    '"\\ud800"',
    'NaN',
    '01',
    '1 2',
    '{"a":1,}',
    '[',
    '"\n"',
    '',
    `${'['.repeat(65)}${']'.repeat(65)}`,
  ])('refuses %s', (wrong) => {
    expect(() => parseJson(wrong)).toThrow(NotJson);
  });
});
