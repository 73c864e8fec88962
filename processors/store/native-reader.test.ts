/** Blocks that the fixture writes by the format's documentation; store-reads.contract.ts reads those of the engine. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeNative } from './native.fixture.js';
import { NativeReader } from './native-reader.js';

interface Row {
  readonly id: bigint;
  readonly small: number;
  readonly name: string;
  readonly kind: string;
}

const COLUMNS = [
  ['id', 'UInt64', (row: Row) => row.id],
  ['small', 'UInt16', (row: Row) => row.small],
  ['name', 'String', (row: Row) => row.name],
  ['kind', 'LowCardinality(String)', (row: Row) => row.kind],
] as const;

const row = fc.record({
  id: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  small: fc.nat({ max: 65_535 }),
  name: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.nat({ max: 40_000 }).map((size) => 'x'.repeat(size)),
  ),
  kind: fc.oneof(fc.constantFrom('', 'a', 'é'), fc.string({ unit: 'binary' })),
});

/** What the reader finds at hand, as rows. */
function rowsOf(reader: NativeReader): Row[] {
  const { bytes, view } = reader;
  const ids = reader.numbers('id', 8);
  const smalls = reader.numbers('small', 2);
  return Array.from({ length: reader.rows }, (_, i) => ({
    id: view.getBigUint64(ids.at + 8 * i, true),
    small: view.getUint16(smalls.at + 2 * i, true),
    name: reader.strings('name').text(bytes, i),
    kind: reader.dictionary('kind').text(bytes, i),
  }));
}

function read(chunks: readonly Buffer[]): Row[] {
  const reader = new NativeReader();
  const rows: Row[] = [];
  for (const chunk of chunks) {
    const copy = Buffer.from(chunk);
    reader.push(copy);
    copy.fill(0xff);
    while (reader.next()) rows.push(...rowsOf(reader));
  }
  reader.end();
  return rows;
}

describe('blocks of Native', () => {
  it('give their rows wherever the chunks are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(row, { maxLength: 40 }), { maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (blocks, cuts) => {
          const bytes = Buffer.concat(blocks.map((rows) => encodeNative(COLUMNS, rows)));
          const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
          const chunks = [0, ...places].map((place, i) => bytes.subarray(place, places[i]));
          expect(read(chunks)).toEqual(blocks.flat());
        },
      ),
      { numRuns: 300 },
    );
  });

  it('give their rows byte by byte, with dictionaries of any width', () => {
    for (const kinds of [3, 300]) {
      const rows = Array.from({ length: kinds }, (_, i) => ({
        id: BigInt(i),
        small: i,
        name: `n${i}`,
        kind: `kind ${i}`,
      }));
      const bytes = encodeNative(COLUMNS, rows);
      expect(read([...bytes].map((byte) => Buffer.of(byte)))).toEqual(rows);
    }
  });

  it('that are cut short, of other columns or of types that are not read are errors', () => {
    const rows = [{ id: 1n, small: 2, name: 'a', kind: 'b' }];
    const bytes = encodeNative(COLUMNS, rows);
    const failing = (chunk: Buffer) => {
      try {
        read([chunk]);
      } catch (error) {
        return (error as { code?: string }).code;
      }
      return 'none';
    };
    expect(failing(bytes)).toBe('none');
    for (let size = 1; size < bytes.length; size++)
      expect(failing(bytes.subarray(0, size)), `${size} bytes`).toBe('store_unavailable');
    const other = encodeNative([...COLUMNS.slice(0, 3), ['sort', 'LowCardinality(String)', () => '']], rows);
    expect(failing(Buffer.concat([bytes, other]))).toBe('store_rejected');
    expect(failing(encodeNative(COLUMNS.slice(0, 2), rows))).toBe('store_rejected');
    expect(failing(encodeNative([['f', 'Float32', () => 0]], rows))).toBe('store_rejected');
  });
});
