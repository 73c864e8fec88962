/** Reads and writes blocks of ClickHouse's Native format for tests, after its documentation and apart from the code under test. */

export type NativeRow = Readonly<Record<string, string | bigint>>;

/** `encoding` is that of strings: latin1 keeps every byte apart. */
export function readNative(bytes: Buffer, encoding: 'utf8' | 'latin1' = 'utf8'): NativeRow[] {
  let at = 0;
  const varint = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const text = () => {
    const size = varint();
    at += size;
    return bytes.toString(encoding, at - size, at);
  };
  const number = (size: number, signed: boolean) => {
    const value = bytes.subarray(at, at + size).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    at += size;
    return signed ? BigInt.asIntN(size * 8, value) : value;
  };
  const column = (type: string, rows: number): (string | bigint)[] => {
    const list = <T>(count: number, read: () => T) => Array.from({ length: count }, read);
    if (type === 'String') return list(rows, text);
    if (type.startsWith('DateTime64')) return list(rows, () => number(8, true));
    if (type.startsWith('Enum8')) return list(rows, () => number(1, true));
    const integer = /^(U?)Int(\d+)$/.exec(type);
    if (integer !== null) return list(rows, () => number(Number(integer[2]) / 8, integer[1] === ''));
    if (type !== 'LowCardinality(String)' || number(8, false) !== 1n) throw new Error(`column of ${type}`);
    const flags = Number(number(8, false));
    if (flags >> 8 !== 6) throw new Error(`flags ${flags}`);
    const keys = list(Number(number(8, false)), text);
    if (Number(number(8, false)) !== rows) throw new Error('another number of rows');
    return list(rows, () => keys[Number(number(2 ** (flags & 0xff), false))]!);
  };
  const found: Record<string, string | bigint>[] = [];
  while (at < bytes.length) {
    const columns = varint();
    const rows = varint();
    const block: Record<string, string | bigint>[] = Array.from({ length: rows }, () => ({}));
    for (let i = 0; i < columns; i++) {
      const name = text();
      for (const [row, value] of column(text(), rows).entries()) block[row]![name] = value;
    }
    found.push(...block);
  }
  return found;
}

export type NativeValue = bigint | number | string;

/** One block of the rows: for each column its name, its type, and the value of a row. LowCardinality as the engine answers it: the empty key first. */
export function encodeNative<Row>(
  columns: readonly (readonly [string, string, (row: Row) => NativeValue])[],
  rows: readonly Row[],
): Buffer {
  const parts = [varint(columns.length), varint(rows.length)];
  for (const [name, type, valueIn] of columns) {
    const values = rows.map(valueIn);
    parts.push(text(name), text(type));
    if (rows.length === 0) continue;
    if (type === 'String') parts.push(...values.map((value) => text(String(value))));
    else if (type === 'LowCardinality(String)') parts.push(...lowCardinality(values.map(String)));
    else {
      const size = type.startsWith('DateTime64') ? 8 : Number(/\d+/.exec(type)) / 8;
      parts.push(...values.map((value) => integer(value as bigint | number, size)));
    }
  }
  return Buffer.concat(parts);
}

function lowCardinality(values: readonly string[]): Buffer[] {
  const keys = [...new Set(['', ...values])];
  const width = keys.length <= 0x100 ? 0 : keys.length <= 0x10000 ? 1 : 2;
  return [
    integer(1, 8),
    integer(0x600 | width, 8),
    integer(keys.length, 8),
    ...keys.map(text),
    integer(values.length, 8),
    ...values.map((value) => integer(keys.indexOf(value), 2 ** width)),
  ];
}

function integer(value: bigint | number, bytes: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  return buffer.subarray(0, bytes);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(bytes.length), bytes]);
}
