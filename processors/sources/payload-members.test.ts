import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalOf } from './canonical-json.js';
import { payloadMembers, payloadText } from './payload-members.js';

test('names and values of a payload', () => {
  expect(payloadMembers('{"a":1,"b":"x,\\"}","c":{"d":[1,{"e":2}]},"f":null}')).toEqual({
    shape: '\n"a"\n"b"\n"c"\n"f"\n',
    values: '1\n"x,\\"}"\n{"d":[1,{"e":2}]}\nnull',
  });
  expect(payloadMembers('{}')).toEqual({ shape: '\n', values: '' });
  expect(payloadMembers('')).toEqual({ shape: '', values: '' });
});

test('whatever the object, its members make it again', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const payload = canonicalOf(object);
      const { shape, values } = payloadMembers(payload);
      const names = shape === '\n' ? [] : shape.slice(1, -1).split('\n');
      expect(payloadText(shape, values)).toBe(payload);
      expect(names.map((name) => JSON.parse(name) as string).sort()).toEqual(Object.keys(object).sort());
    }),
  );
});
