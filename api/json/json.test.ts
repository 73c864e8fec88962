import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Line, lineBatches } from './lines.js';
import { prettyJson } from './pretty.js';
import { RawJson, toJsonText } from './raw-json.js';
import { isArrayText, splitArray, splitObject } from './split.js';

const spaced = (value: unknown) => JSON.stringify(value, null, 2);

describe('split', () => {
  it('gives the items of any array, whatever is in its strings', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.boolean(), (items, wide) => {
        const text = Buffer.from(wide ? spaced(items) : JSON.stringify(items));
        expect(isArrayText(text)).toBe(true);
        expect(splitArray(text).map((item) => JSON.parse(item.toString()))).toEqual(
          JSON.parse(JSON.stringify(items)),
        );
      }),
    );
  });

  it('gives the members of any object in order', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (object) => {
        const text = spaced(object);
        const members = splitObject(Buffer.from(text)).map(([name, value]) => [
          name,
          JSON.parse(value.toString()),
        ]);
        expect(members).toEqual(Object.entries(JSON.parse(text) as object));
      }),
    );
  });

  it.each(['[1 2]', '[1,]', '[,1]', '[', '["a', '[{]', '[1]x', '{}', '', '[1}', '[[1]'])(
    'refuses %s',
    (text) => {
      expect(() => splitArray(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'json_invalid' }));
    },
  );

  it.each(['{"a" 1}', '{a:1}', '{"a":}', '{"a":1', '[]', '{"a":1}}', '{"a":1,}'])('refuses %s', (text) => {
    expect(() => splitObject(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'json_invalid' }));
  });

  it('takes nesting that would overflow a stack', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    expect(splitArray(Buffer.from(deep)).length).toBe(1);
  });
});

describe('lines', () => {
  async function linesOf(text: Buffer, cut: number, max: number): Promise<Line[]> {
    async function* chunks() {
      for (let at = 0; at < text.length; at += cut) yield text.subarray(at, at + cut);
    }
    const found: Line[] = [];
    for await (const batch of lineBatches(chunks(), max)) found.push(...batch);
    return found;
  }

  it('are the same however the stream is cut', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'ü', ' ', '"'), maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 30 }), async (lines, cut) => {
        const text = Buffer.from(lines.join('\n'));
        const expected = lines
          .map((content, index) => [index + 1, content] as const)
          .filter(([, content]) => content.trim() !== '');
        const found = await linesOf(text, cut, 1000);
        expect(found.map((item) => [item.number, item.text?.toString()])).toEqual(expected);
      }),
    );
  });

  it('that are too long are dropped, told apart and passed over', async () => {
    const text = Buffer.from(`short\n${'x'.repeat(100)}\nend`);
    for (const cut of [1, 7, 1000]) {
      const found = await linesOf(text, cut, 50);
      expect(found.map((item) => [item.number, item.text?.toString() ?? null, item.endOffset])).toEqual([
        [1, 'short', 6],
        [2, null, 107],
        [3, 'end', 110],
      ]);
    }
  });
});

it('splices raw JSON and lays it out without touching a digit', () => {
  const big = '123456789012345678901234567890.10';
  const text = toJsonText({
    a: new RawJson(big),
    b: [1n, undefined, new Date(0)],
    c: undefined,
    d: { e: [], f: {} },
  });
  expect(text).toBe(`{"a":${big},"b":["1",null,"1970-01-01T00:00:00.000Z"],"d":{"e":[],"f":{}}}`);
  expect(prettyJson(text)).toContain(`"a": ${big}`);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain = JSON.parse(JSON.stringify(value)) as unknown;
      expect(prettyJson(JSON.stringify(plain))).toBe(JSON.stringify(plain, null, 2));
    }),
  );
});
