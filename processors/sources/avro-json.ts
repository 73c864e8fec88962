/**
 * Any Avro datum as canonical JSON text, straight from the bytes: no object is built, so no digit and no name is lost.
 *
 * | Avro | JSON |
 * |---|---|
 * | int, long | number, every digit |
 * | float, double | number as JavaScript prints the double; NaN and infinities are json_number_invalid |
 * | bytes, fixed | base64 string |
 * | decimal (bytes, fixed) | number, exact |
 * | timestamp-millis, -micros, -nanos | RFC 3339 string in UTC; a number beyond the years 0000–9999 |
 * | local-timestamp-… | the same without Z |
 * | date | `YYYY-MM-DD` string; a number beyond those years |
 * | time-millis, time-micros, duration, other logical types | as the type beneath |
 * | enum, uuid | string |
 * | union | the value alone, without the branch's name |
 * | map, record | object, names sorted; `__proto__` is a name like any other |
 */
import { RewindError } from '../../schemas/errors.js';
import type { AvroCursor } from './avro-cursor.js';
import type { AvroRecord, AvroType } from './avro-schema.js';
import { objectText } from './canonical-json.js';
import { canonicalNumber, decimalText } from './canonical-number.js';
import { compareCodePoints, quote } from './json-text.js';
import { formatRfc3339Ns, isPrintable } from './time.js';

export interface AvroLimits {
  /** Items of one array or map. */
  readonly arrayMaxItems: number;
  /** Nesting of arrays, maps and records. */
  readonly depthMax: number;
}

/**
 * Reads the datum at the cursor. Errors: decode_failed, array_too_long, json_too_deep, json_number_invalid,
 * json_duplicate_key (a map that holds a key twice).
 */
export function datumText(type: AvroType, cursor: AvroCursor, limits: AvroLimits, depth = 0): string {
  cursor.spend(1);
  switch (type.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return cursor.boolean() ? 'true' : 'false';
    case 'int':
      return dateText(cursor.long(), type.logical);
    case 'long':
      return timestampText(cursor.long(), type.logical);
    case 'float':
      return floatText(cursor.float());
    case 'double':
      return floatText(cursor.double());
    case 'string':
      return quote(cursor.text());
    case 'bytes':
      return bytesText(cursor, cursor.count(), type);
    case 'fixed':
      return bytesText(cursor, type.size, type);
    case 'enum':
      return quote(symbolOf(type.symbols, cursor));
    case 'union':
      return datumText(branchOf(type.branches, cursor), cursor, limits, depth);
    case 'array': {
      const items: string[] = [];
      const inner = enter(depth, limits, cursor);
      forEachItem(cursor, limits, () => items.push(datumText(type.items, cursor, limits, inner)));
      return `[${items.join(',')}]`;
    }
    case 'map': {
      const entries: [string, string][] = [];
      const inner = enter(depth, limits, cursor);
      forEachItem(cursor, limits, () =>
        entries.push([cursor.text(), datumText(type.items, cursor, limits, inner)]),
      );
      return objectText(entries);
    }
    case 'record':
      return recordText(type, cursor, limits, enter(depth, limits, cursor));
  }
}

/** Steps over the datum at the cursor, with the same limits. */
export function skipDatum(type: AvroType, cursor: AvroCursor, limits: AvroLimits, depth = 0): void {
  cursor.spend(1);
  switch (type.kind) {
    case 'null':
      return;
    case 'boolean':
      cursor.boolean();
      return;
    case 'int':
    case 'long':
      cursor.long();
      return;
    case 'float':
      cursor.take(4);
      return;
    case 'double':
      cursor.take(8);
      return;
    case 'string':
      cursor.text();
      return;
    case 'bytes':
      cursor.take(cursor.count());
      return;
    case 'fixed':
      cursor.take(type.size);
      return;
    case 'enum':
      symbolOf(type.symbols, cursor);
      return;
    case 'union':
      skipDatum(branchOf(type.branches, cursor), cursor, limits, depth);
      return;
    case 'array':
    case 'map': {
      const inner = enter(depth, limits, cursor);
      forEachItem(cursor, limits, () => {
        if (type.kind === 'map') cursor.text();
        skipDatum(type.items, cursor, limits, inner);
      });
      return;
    }
    case 'record': {
      const inner = enter(depth, limits, cursor);
      for (const field of type.fields) skipDatum(field.type, cursor, limits, inner);
    }
  }
}

export function branchOf(branches: readonly AvroType[], cursor: AvroCursor): AvroType {
  const index = cursor.count();
  return branches[index] ?? raise(cursor.failed(`union branch ${index} of ${branches.length}`));
}

export function symbolOf(symbols: readonly string[], cursor: AvroCursor): string {
  const index = cursor.count();
  const symbol = symbols[index] ?? raise(cursor.failed(`enum symbol ${index} of ${symbols.length}`));
  cursor.spend(symbol.length);
  return symbol;
}

/** Blocks of items: a count, or a negative count and the block's size in bytes; a count of 0 ends. */
function forEachItem(cursor: AvroCursor, limits: AvroLimits, item: () => void): void {
  let total = 0;
  for (let count = cursor.count(); count !== 0; count = cursor.count()) {
    if (count < 0) {
      count = -count;
      cursor.count();
    }
    total += count;
    if (total > limits.arrayMaxItems) {
      const message = `array or map of ${total} items, more than ${limits.arrayMaxItems}, at byte ${cursor.at}`;
      throw new RewindError('array_too_long', message);
    }
    for (let i = 0; i < count; i++) item();
  }
}

function enter(depth: number, limits: AvroLimits, cursor: AvroCursor): number {
  if (depth < limits.depthMax) return depth + 1;
  throw new RewindError('json_too_deep', `more than ${limits.depthMax} levels at byte ${cursor.at}`);
}

interface RecordLayout {
  /** `"name":` by position in the schema. */
  readonly prefixes: readonly string[];
  /** Positions in the schema, in the order of the names. */
  readonly order: readonly number[];
}

const layouts = new WeakMap<AvroRecord, RecordLayout>();

function layoutOf(record: AvroRecord): RecordLayout {
  let layout = layouts.get(record);
  if (layout === undefined) {
    const names = record.fields.map(({ name }) => name);
    const order = names.map((_, index) => index).sort((a, b) => compareCodePoints(names[a]!, names[b]!));
    layout = { prefixes: names.map((name) => `${quote(name)}:`), order };
    layouts.set(record, layout);
  }
  return layout;
}

function recordText(record: AvroRecord, cursor: AvroCursor, limits: AvroLimits, depth: number): string {
  const { prefixes, order } = layoutOf(record);
  const members = record.fields.map(({ type }, index) => {
    cursor.spend(prefixes[index]!.length);
    return prefixes[index]! + datumText(type, cursor, limits, depth);
  });
  return `{${order.map((index) => members[index]!).join(',')}}`;
}

function floatText(value: number): string {
  if (!Number.isFinite(value)) throw new RewindError('json_number_invalid', `${value} has no JSON form`);
  return canonicalNumber(String(value));
}

function bytesText(
  cursor: AvroCursor,
  size: number,
  type: { readonly logical: string; readonly scale: number },
): string {
  const start = cursor.take(size);
  const bytes = cursor.buffer.subarray(start, start + size);
  if (type.logical !== 'decimal') return `"${bytes.toString('base64')}"`;
  const unscaled = size === 0 ? 0n : BigInt.asIntN(size * 8, BigInt(`0x${bytes.toString('hex')}`));
  return decimalText(unscaled, type.scale);
}

const NS_PER_UNIT: Readonly<Record<string, bigint>> = { millis: 1_000_000n, micros: 1000n, nanos: 1n };

/** Nanoseconds in one unit of a timestamp's logical type; undefined: it is none. */
export function timestampUnitNs(logical: string): bigint | undefined {
  const unit = /^(?:local-)?timestamp-(millis|micros|nanos)$/.exec(logical)?.[1];
  return unit === undefined ? undefined : NS_PER_UNIT[unit];
}

function timestampText(value: bigint, logical: string): string {
  const unit = logical === '' ? undefined : timestampUnitNs(logical);
  if (unit === undefined || !isPrintable(value * unit)) return canonicalNumber(value.toString());
  const text = formatRfc3339Ns(value * unit);
  return `"${logical.startsWith('local-') ? text.slice(0, -1) : text}"`;
}

function dateText(days: bigint, logical: string): string {
  const ns = days * 86_400_000_000_000n;
  if (logical !== 'date' || !isPrintable(ns)) return canonicalNumber(days.toString());
  return `"${formatRfc3339Ns(ns).slice(0, 10)}"`;
}

function raise(error: RewindError): never {
  throw error;
}
