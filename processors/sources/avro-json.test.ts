import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeWith, typeOf, wire } from './avro.fixture.js';

describe('any Avro', () => {
  const mapping = { eventType: '=x.y', occurredAt: '=2024-01-01T00:00:00Z' };
  const asField = (type: unknown) => ({ type: 'record', name: 'R', fields: [{ name: 'v', type }] });
  const decodeDatum = async (type: unknown, datum: unknown) => {
    const schema = asField(type);
    const decoded = await decodeWith('avro', schema, wire(0, typeOf(schema).toBuffer({ v: datum })), mapping);
    return decoded.ok ? decoded.events[0]!.payload : decoded.code;
  };
  const table: [string, unknown, unknown, string][] = [
    ['a long past 2^53', 'long', 2n ** 63n - 1n, '9223372036854775807'],
    ['the least long', 'long', -(2n ** 63n), '-9223372036854775808'],
    ['a double', 'double', 0.1, '0.1'],
    ['minus zero', 'double', -0, '0'],
    ['a float', 'float', 0.5, '0.5'],
    ['bytes', 'bytes', Buffer.from([1, 2, 255]), '"AQL/"'],
    ['fixed', { type: 'fixed', name: 'F', size: 2 }, Buffer.from([0, 1]), '"AAE="'],
    [
      'decimal',
      { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 },
      Buffer.from([0xcf, 0xc7]),
      '-123.45',
    ],
    ['decimal 0', { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }, Buffer.alloc(0), '0'],
    [
      'timestamp',
      { type: 'long', logicalType: 'timestamp-millis' },
      1_705_314_600_001n,
      '"2024-01-15T10:30:00.001Z"',
    ],
    [
      'local timestamp',
      { type: 'long', logicalType: 'local-timestamp-micros' },
      1_705_314_600_000_000n,
      '"2024-01-15T10:30:00"',
    ],
    [
      'timestamp past 9999',
      { type: 'long', logicalType: 'timestamp-millis' },
      2n ** 60n,
      '1152921504606846976',
    ],
    ['date', { type: 'int', logicalType: 'date' }, 19_737, '"2024-01-15"'],
    ['enum', { type: 'enum', name: 'E', symbols: ['A', 'B'] }, 'B', '"B"'],
    ['union', ['null', 'string', 'int'], { int: 5 }, '5'],
    ['null of a union', ['null', 'string'], null, 'null'],
    ['map', { type: 'map', values: 'int' }, { b: 1, a: 2, constructor: 3 }, '{"a":2,"b":1,"constructor":3}'],
    ['array', { type: 'array', items: 'boolean' }, [true, false], '[true,false]'],
    [
      'sorted fields',
      {
        type: 'record',
        name: 'S',
        fields: [
          { name: 'z', type: 'int' },
          { name: 'a', type: 'int' },
        ],
      },
      { z: 1, a: 2 },
      '{"a":2,"z":1}',
    ],
  ];
  it.each(table)('%s', async (_, type, datum, expected) => {
    expect(await decodeDatum(type, datum)).toBe(`{"v":${expected}}`);
  });

  const bytesOf = (type: unknown, hex: string) =>
    decodeWith('avro', asField(type), wire(0, Buffer.from(hex, 'hex')), mapping);
  it('keeps a map key named __proto__', async () => {
    // One block of one item: key of 9 bytes, value 1; end.
    const decoded = await bytesOf(
      { type: 'map', values: 'int' },
      `0212${Buffer.from('__proto__').toString('hex')}0200`,
    );
    expect(decoded.ok && decoded.events[0]!.payload).toBe('{"v":{"__proto__":1}}');
  });

  const bombs: [string, unknown, string, string][] = [
    ['50,000,000 nulls in five bytes', { type: 'array', items: 'null' }, '80e1eb2f00', 'array_too_long'],
    ['nulls in many blocks', { type: 'array', items: 'null' }, 'c09a0cc09a0c00', 'array_too_long'],
    [
      'arrays of arrays of nulls',
      { type: 'array', items: { type: 'array', items: 'null' } },
      `c801${'c09a0c00'.repeat(100)}00`,
      'array_too_long',
    ],
    [
      'a record that holds itself',
      { type: 'record', name: 'Me', fields: [{ name: 'me', type: 'Me' }] },
      '00',
      'json_too_deep',
    ],
    [
      '10,000 levels',
      { type: 'record', name: 'Deep', fields: [{ name: 'd', type: ['null', 'Deep'] }] },
      '02'.repeat(10_000),
      'json_too_deep',
    ],
    ['NaN', 'double', '000000000000f87f', 'json_number_invalid'],
    ['boolean 2', 'boolean', '02', 'decode_failed'],
    ['enum symbol 9', { type: 'enum', name: 'E', symbols: ['A'] }, '12', 'decode_failed'],
    ['a map key twice', { type: 'map', values: 'null' }, '040261026100', 'json_duplicate_key'],
  ];
  it.each(bombs)('%s', async (_, type, hex, code) => {
    const decoded = await bytesOf(type, hex);
    expect(decoded.ok ? 'decoded' : decoded.code).toBe(code);
  });

  it('a schema that multiplies fields without bytes is stopped', async () => {
    const levels = Array.from({ length: 12 }, (_, level) => ({
      type: 'record',
      name: `L${level}`,
      fields: Array.from({ length: 10 }, (_unused, i) => ({
        name: `f${i}`,
        type: level === 0 ? 'null' : `L${level - 1}`,
      })),
    }));
    // Each level defines the one below in its first field and names it in the other nine.
    const build = (level: number): unknown => ({
      ...levels[level]!,
      fields: levels[level]!.fields.map((field, i) =>
        i === 0 && level > 0 ? { ...field, type: build(level - 1) } : field,
      ),
    });
    const decoded = await decodeWith('avro', build(11), wire(0, Buffer.alloc(0)), mapping);
    expect(decoded.ok ? 'decoded' : decoded.code).toBe('array_too_long');
  });

  it('agrees with avsc on random data', async () => {
    const schema = {
      type: 'record',
      name: 'Mix',
      fields: [
        { name: 'i', type: 'int' },
        { name: 'd', type: 'double' },
        { name: 's', type: 'string' },
        { name: 'b', type: 'boolean' },
        { name: 'a', type: { type: 'array', items: { type: 'map', values: 'string' } } },
        { name: 'u', type: ['null', 'string', { type: 'array', items: 'int' }] },
      ],
    };
    const type = typeOf(schema);
    const text = fc.string({ unit: 'binary', maxLength: 6 }).filter((key) => key !== '__proto__');
    const datum = fc.record({
      i: fc.integer(),
      d: fc.double({ noNaN: true, noDefaultInfinity: true }).map((d) => (d === 0 ? 0 : d)),
      s: text,
      b: fc.boolean(),
      a: fc.array(fc.dictionary(text, text, { noNullPrototype: true }), { maxLength: 4 }),
      u: fc.oneof(
        fc.constant(null),
        fc.record({ string: text }),
        fc.record({ array: fc.array(fc.integer()) }),
      ),
    });
    await fc.assert(
      fc.asyncProperty(datum, async (value) => {
        const decoded = await decodeWith('avro', schema, wire(0, type.toBuffer(value)), mapping);
        const u = value.u === null ? null : 'string' in value.u ? value.u.string : value.u.array;
        expect(decoded.ok && JSON.parse(decoded.events[0]!.payload)).toEqual({ ...value, u });
      }),
      { numRuns: 500 },
    );
  });
});
