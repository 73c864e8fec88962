import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RewindError } from '../../schemas/errors.js';
import { CANONICAL_ASCII, checkCanonical, NOT_CANONICAL } from './canonical-check.js';
import { canonicalJson, canonicalOf } from './canonical-json.js';
import { canonicalNumber, decimalText } from './canonical-number.js';

/** The code of the error that `run` raises. */
function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RewindError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('canonical JSON by example', () => {
  const table: [string, string, string][] = [
    ['sorts keys and drops white space', ' { "b" : 1 ,\n "a" : [ 1 , 2 ] } ', '{"a":[1,2],"b":1}'],
    ['sorts nested keys', '{"z":{"b":1,"a":2}}', '{"z":{"a":2,"b":1}}'],
    ['sorts by code point, not by UTF-16 unit', '{"😀":1,"\uff5a":2}', '{"\uff5a":2,"😀":1}'],
    ['sorts a prefix first', '{"aa":1,"a":2,"":3}', '{"":3,"a":2,"aa":1}'],
    ['plain characters lose their escapes', '"\\u0041\\/\\u00e9\\u2028"', '"A/é\u2028"'],
    ['pairs of surrogates become one character', '"\\ud83d\\ude00"', '"😀"'],
    ['control characters take the short form', '"\\u000a\\u0008\\u001F"', '"\\n\\b\\u001f"'],
    ['DEL stays raw', '"\\u007f"', '"\u007f"'],
    ['quote and backslash stay escaped', '"\\u0022\\u005c"', '"\\"\\\\"'],
    [
      'hostile names are data',
      '{"toString":1,"__proto__":{"x":1},"constructor":2}',
      '{"__proto__":{"x":1},"constructor":2,"toString":1}',
    ],
    ['sorts escaped keys by what they mean', '{"b":1,"\\u0061":2}', '{"a":2,"b":1}'],
    ['a newline sorts before a letter', '{"a":1,"\\n":2}', '{"\\n":2,"a":1}'],
    ['empty containers', '[ { } , [ ] ]', '[{},[]]'],
    ['words', '[true,false,null]', '[true,false,null]'],
  ];
  it.each(table)('%s', (_, input, expected) => {
    expect(canonicalJson(input)).toBe(expected);
    expect(canonicalJson(Buffer.from(input))).toBe(expected);
    expect(canonicalJson(expected)).toBe(expected);
  });

  const numbers: [string, string][] = [
    ['0', '0'],
    ['-0', '0'],
    ['-0.000e17', '0'],
    ['1.0', '1'],
    ['1e2', '100'],
    ['100', '100'],
    ['10e-1', '1'],
    ['1.50', '1.5'],
    ['-12.5E+1', '-125'],
    ['12345678901234567890123456789012345678901', '12345678901234567890123456789012345678901'],
    ['9007199254740993', '9007199254740993'],
    ['0.1000000000000000055511151231257827', '0.1000000000000000055511151231257827'],
    ['100000000000000000000', '100000000000000000000'],
    ['1000000000000000000000', '1e+21'],
    ['1E21', '1e+21'],
    ['0.000001', '0.000001'],
    ['0.0000001', '1e-7'],
    ['1.25e-7', '1.25e-7'],
    ['1e400', '1e+400'],
    ['0.00001e405', '1e+400'],
    ['-1e999999999', '-1e+999999999'],
  ];
  it.each(numbers)('number %s is %s', (input, expected) => {
    expect(canonicalJson(input)).toBe(expected);
    expect(canonicalJson(Buffer.from(`[${input}]`))).toBe(`[${expected}]`);
    expect(canonicalNumber(expected)).toBe(expected);
  });

  it('spells JavaScript doubles as JavaScript does where digits fit', () => {
    for (const value of [1e21, 1e-7, 1e300, 5e-324, 0.1, 123456.789, 1e20, 0.000001]) {
      expect(canonicalOf(value)).toBe(String(value));
    }
  });

  it('writes decimals exactly', () => {
    expect(decimalText(12345n, 2)).toBe('123.45');
    expect(decimalText(-1200n, 2)).toBe('-12');
    expect(decimalText(5n, 10)).toBe('5e-10');
  });
});

describe('what is refused', () => {
  const table: [string, string | Buffer, string][] = [
    ['duplicate key', '{"a":1,"b":2,"a":1}', 'json_duplicate_key'],
    ['duplicate key by escape', '{"a":1,"\\u0061":1}', 'json_duplicate_key'],
    ['duplicate key in order', '{"a":1,"a":2}', 'json_duplicate_key'],
    ['duplicate __proto__', '{"__proto__":1,"__proto__":2}', 'json_duplicate_key'],
    ['escaped high surrogate', '"\\ud800"', 'json_lone_surrogate'],
    ['escaped low surrogate', '"\\udc00x"', 'json_lone_surrogate'],
    ['two high surrogates', '"\\ud800\\ud800"', 'json_lone_surrogate'],
    ['raw lone surrogate in text', '"\ud800"', 'json_lone_surrogate'],
    ['raw lone surrogate in a key', '{"\udc00":1}', 'json_lone_surrogate'],
    ['surrogate in UTF-8 bytes', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'json_lone_surrogate'],
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'json_invalid'],
    ['overlong UTF-8', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'json_invalid'],
    ['byte order mark', Buffer.from([0xef, 0xbb, 0xbf, 0x31]), 'json_invalid'],
    ['NaN', '{"a":NaN}', 'json_number_invalid'],
    ['-Infinity', '[-Infinity]', 'json_number_invalid'],
    ['leading zero', '01', 'json_number_invalid'],
    ['plus sign', '+1', 'json_number_invalid'],
    ['point without digits', '1.', 'json_number_invalid'],
    ['hexadecimal', '0x1F', 'json_number_invalid'],
    ['absurd exponent', '1e1000000000', 'json_number_invalid'],
    ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`, 'json_too_deep'],
    ['100,000 levels', '['.repeat(100_000), 'json_too_deep'],
    ['empty', '', 'json_invalid'],
    ['only space', ' \n', 'json_invalid'],
    ['trailing comma', '[1,]', 'json_invalid'],
    ['trailing comma in an object', '{"a":1,}', 'json_invalid'],
    ['two values', '1 2', 'json_invalid'],
    ['single quotes', "{'a':1}", 'json_invalid'],
    ['raw newline', '"a\nb"', 'json_invalid'],
    ['unknown escape', '"\\x41"', 'json_invalid'],
    ['short escape', '"\\u00g0"', 'json_invalid'],
    ['open string', '"abc', 'json_invalid'],
    ['open string after backslash', '"abc\\', 'json_invalid'],
    ['open object', '{"a":1', 'json_invalid'],
    ['mismatched brackets', '[1}', 'json_invalid'],
    ['word', 'nul', 'json_invalid'],
    ['comment', '/* */1', 'json_invalid'],
    ['non-breaking space', '\u00a01', 'json_invalid'],
  ];
  it.each(table)('%s', (_, input, code) => {
    expect(codeOf(() => canonicalJson(input))).toBe(code);
    if (typeof input === 'string' && !/[\ud800-\udfff]/.test(input)) {
      expect(codeOf(() => canonicalJson(Buffer.from(input)))).toBe(code);
    }
  });

  it('takes 64 levels', () => {
    const text = `${'['.repeat(64)}${']'.repeat(64)}`;
    expect(canonicalJson(text)).toBe(text);
  });

  it('names the position', () => {
    expect(() => canonicalJson('{"a": 1, "b": ?}')).toThrow('character 14');
    expect(() => canonicalJson(Buffer.from([0x22, 0x61, 0x62, 0xff, 0x22]))).toThrow('byte 3');
  });
});

/** A JSON value as a tree with exact numbers, written here apart from the code under test. */
type Tree = { n: [bigint, number] } | { s: string } | { a: Tree[] } | { o: [string, Tree][] } | { w: string };

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.tuple(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.integer({ min: -40, max: 40 })).map((n) => ({ n })),
    fc.string({ unit: 'binary', maxLength: 8 }).map((s) => ({ s })),
    fc.constantFrom('true', 'false', 'null').map((w) => ({ w })),
    fc.array(tie('tree'), { maxLength: 5 }).map((a) => ({ a })),
    fc
      .uniqueArray(
        fc.tuple(
          fc.oneof(
            fc.constantFrom('__proto__', 'constructor', 'toString', '', 'a', 'aa', '\uffff', '😀'),
            fc.string({ unit: 'binary', maxLength: 5 }),
          ),
          tie('tree'),
        ),
        { maxLength: 6, selector: ([name]) => name },
      )
      .map((o) => ({ o })),
  ),
}));

/** Slow and plain: sorts by Buffer.compare, numbers as (digits, exponent) pairs made unique with BigInt. */
function reference(value: Tree): string {
  if ('w' in value) return value.w;
  if ('s' in value) return JSON.stringify(value.s);
  if ('a' in value) return `[${value.a.map(reference).join(',')}]`;
  if ('o' in value) {
    const sorted = [...value.o].sort((x, y) => Buffer.compare(Buffer.from(x[0]), Buffer.from(y[0])));
    return `{${sorted.map(([name, item]) => `${JSON.stringify(name)}:${reference(item)}`).join(',')}}`;
  }
  let [digits, exponent] = value.n;
  if (digits === 0n) return '0';
  while (digits % 10n === 0n) {
    digits /= 10n;
    exponent++;
  }
  const sign = digits < 0n ? '-' : '';
  const text = (digits < 0n ? -digits : digits).toString();
  const point = text.length + exponent;
  if (exponent >= 0 && exponent <= 20) return sign + text + '0'.repeat(exponent);
  if (exponent < 0 && point > 0) return `${sign}${text.slice(0, point)}.${text.slice(point)}`;
  if (exponent < 0 && point > -6) return `${sign}0.${'0'.repeat(-point)}${text}`;
  const rest = text.length > 1 ? `.${text.slice(1)}` : '';
  return `${sign}${text[0]}${rest}e${point > 0 ? '+' : ''}${point - 1}`;
}

/** Another spelling of the same value: chosen by `pick`. */
function scribble(value: Tree, pick: () => number): string {
  const space = () => ['', ' ', '\n\t', ''][pick() % 4]!;
  const string = (text: string) =>
    `"${[...text].map((c) => (pick() % 3 === 0 ? [...Array(c.length)].map((_, i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join('') : JSON.stringify(c).slice(1, -1))).join('')}"`;
  if ('w' in value) return value.w;
  if ('s' in value) return string(value.s);
  if ('a' in value)
    return `[${space()}${value.a.map((item) => scribble(item, pick) + space()).join(`,${space()}`)}]`;
  if ('o' in value) {
    const members = value.o.map(
      ([name, item]) => `${string(name)}${space()}:${space()}${scribble(item, pick)}${space()}`,
    );
    return `{${space()}${members.join(`,${space()}`)}}`;
  }
  const [digits, exponent] = value.n;
  const zeros = pick() % 5;
  const scaled = digits * 10n ** BigInt(zeros);
  return pick() % 2 === 0 ? `${digits}E${exponent}` : `${scaled}.000e${exponent - zeros}`;
}

describe('properties', () => {
  it('every spelling of a value has the one canonical text', () => {
    fc.assert(
      fc.property(tree, fc.infiniteStream(fc.nat(1000)), (value, picks) => {
        const pick = () => picks.next().value as number;
        const text = scribble(value, pick);
        const expected = reference(value);
        expect(canonicalJson(text)).toBe(expected);
        expect(canonicalJson(Buffer.from(text))).toBe(expected);
        expect(canonicalJson(Buffer.from(expected))).toBe(expected);
        expect(JSON.parse(expected)).toEqual(JSON.parse(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('the fast check accepts exactly what the full reader leaves as it is (escaped keys aside)', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(255), (value, where, byte) => {
        const bytes = Buffer.from(reference(value));
        bytes[where % bytes.length] = byte;
        const fast = checkCanonical(bytes, 0, bytes.length, 64);
        let full: string | undefined;
        try {
          full = canonicalJson(bytes.toString('utf8'));
        } catch {
          full = undefined;
        }
        const same = full !== undefined && Buffer.from(full).equals(bytes);
        if (fast === CANONICAL_ASCII) expect(same).toBe(true);
        if (fast === NOT_CANONICAL && same) expect(full).toMatch(/\\[^:]*":|e[-+]/);
      }),
      { numRuns: 20_000 },
    );
  });

  it('agrees with JSON.parse on what is JSON at all', () => {
    const alphabet = fc.constantFrom(...'{}[]",:\\u0012eE+-. \ntruefalsn'.split(''));
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 12 }), (text) => {
        let parsed: unknown;
        let valid = true;
        try {
          parsed = JSON.parse(text);
        } catch {
          valid = false;
        }
        const code = codeOf(() => canonicalJson(text));
        if (!valid) expect(code).not.toBe('no error');
        else if (code === 'no error')
          expect(JSON.stringify(JSON.parse(canonicalJson(text)))).toBe(
            JSON.stringify(JSON.parse(canonicalOf(parsed))),
          );
        else expect(['json_duplicate_key', 'json_lone_surrogate', 'json_number_invalid']).toContain(code);
      }),
      { numRuns: 50_000 },
    );
  });

  it('values and their JSON text have the same canonical form', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 4 }), (value) => {
        expect(canonicalOf(value)).toBe(canonicalJson(JSON.stringify(value)));
      }),
    );
  });
});

describe('canonicalOf', () => {
  it('keeps every digit of bigints, takes maps, bytes and hostile names', () => {
    expect(canonicalOf(2n ** 64n)).toBe('18446744073709551616');
    expect(
      canonicalOf(
        new Map<string, unknown>([
          ['__proto__', 1n],
          ['a', undefined],
        ]),
      ),
    ).toBe('{"__proto__":1}');
    expect(canonicalOf(Buffer.from([1, 2, 255]))).toBe('"AQL/"');
    expect(canonicalOf(JSON.parse('{"__proto__":1,"b":[null]}'))).toBe('{"__proto__":1,"b":[null]}');
  });
  it('refuses what has no JSON form', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(codeOf(() => canonicalOf(Number.NaN))).toBe('json_number_invalid');
    expect(codeOf(() => canonicalOf(cycle))).toBe('json_too_deep');
    expect(codeOf(() => canonicalOf('\ud800'))).toBe('json_lone_surrogate');
    expect(codeOf(() => canonicalOf(undefined))).toBe('json_invalid');
    expect(codeOf(() => canonicalOf(new Date(0)))).toBe('json_invalid');
  });
});
