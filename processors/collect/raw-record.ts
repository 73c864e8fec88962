/**
 * The record as it was produced, from its row in the archive. A value of our own Avro says nothing that the row's
 * columns do not say too, so its bytes are not stored beside them where writing the columns again, by the same writer
 * schema, gives exactly the same bytes (`raw_value_is = 'encoded'`, decided by avro-locator.ts for each record).
 */
import { RewindError } from '../../schemas/errors.js';
import { type ShortStep, shortPlan } from '../sources/avro-locator.js';
import { parseAvroSchema } from '../sources/avro-schema.js';
import { OCCURRED_AT, PAYLOAD, SLOTS } from '../sources/event-places.js';
import { payloadText } from '../sources/payload-members.js';
import { WIRE_HEADER_BYTES } from '../sources/wire-schemas.js';

/** Where a record's key and value are: the columns raw_key_is and raw_value_is, by name and number. */
export const RAW_KEY_IS = { stored: 0, entity_id: 1, null: 2, dropped: 3 } as const;
export const RAW_VALUE_IS = { stored: 0, encoded: 1, null: 2, dropped: 3 } as const;

/** What is read of a row; texts as in the columns of the same names. */
export interface RawRow {
  readonly entity_type: string;
  readonly entity_id: string;
  /** Nanoseconds since 1970. */
  readonly occurred_at: bigint;
  readonly event_id: string;
  readonly tenant_id: string;
  readonly event_type: string;
  readonly declared_entity_type: string;
  readonly actor: string;
  readonly action: string;
  readonly severity: string;
  readonly decision: string;
  readonly payload_shape: string;
  readonly payload_values: string;
  readonly schema_id: number;
  readonly raw_key_is: keyof typeof RAW_KEY_IS;
  readonly raw_value_is: keyof typeof RAW_VALUE_IS;
  readonly raw_key: Buffer;
  readonly raw_value: Buffer;
}

/** Undefined: the bytes were not kept (collect.keepRaw, or a row that is not the record's first). */
export interface RawBytes {
  readonly key: Buffer | null | undefined;
  readonly value: Buffer | null | undefined;
}

/**
 * Key and value of the record that a row was made of. `schema` is the text that the registry holds for the row's
 * schema_id; only a value that is 'encoded' needs it. Errors: schema_invalid, where it is the text of another id.
 */
export function rawRecord(row: RawRow, schema: string): RawBytes {
  return { key: bytesOfKey(row), value: bytesOfValue(row, schema) };
}

function bytesOfKey(row: RawRow): Buffer | null | undefined {
  switch (row.raw_key_is) {
    case 'stored':
      return row.raw_key;
    case 'entity_id':
      return Buffer.from(row.entity_id);
    case 'null':
      return null;
    case 'dropped':
      return undefined;
  }
}

function bytesOfValue(row: RawRow, schema: string): Buffer | null | undefined {
  switch (row.raw_value_is) {
    case 'stored':
      return row.raw_value;
    case 'encoded':
      return encoded(row, schema);
    case 'null':
      return null;
    case 'dropped':
      return undefined;
  }
}

function encoded(row: RawRow, schema: string): Buffer {
  const steps = stepsOf(schema);
  if (steps === null || steps.length === 0)
    throw new RewindError('schema_invalid', `schema ${row.schema_id} did not write this record`);
  const header = Buffer.alloc(WIRE_HEADER_BYTES);
  header.writeInt32BE(row.schema_id, 1);
  return Buffer.concat([header, ...steps.flatMap((step) => field(row, step))]);
}

/** Plans by schema text: a range of events has a handful of writers. Emptied when full. */
const plans = new Map<string, ReturnType<typeof shortPlan>>();
const PLANS_MAX = 100;

function stepsOf(schema: string): ReturnType<typeof shortPlan> {
  const known = plans.get(schema);
  if (known !== undefined) return known;
  const writer = parseAvroSchema(schema);
  const fields = writer.kind === 'record' ? writer.fields : [];
  const steps = shortPlan(
    fields.map(({ name, type }) => ({ slot: (SLOTS as readonly string[]).indexOf(name), type })),
  );
  if (plans.size >= PLANS_MAX) plans.clear();
  plans.set(schema, steps);
  return steps;
}

function field(row: RawRow, { slot, nullByte, textByte }: ShortStep): Buffer[] {
  if (slot === OCCURRED_AT) return [long(row.occurred_at)];
  const text = Buffer.from(textOf(row, slot));
  if (nullByte < 0) return [long(BigInt(text.length)), text];
  if (text.length === 0) return [Buffer.from([nullByte])];
  return [Buffer.from([textByte]), long(BigInt(text.length)), text];
}

function textOf(row: RawRow, slot: number): string {
  if (slot === PAYLOAD) return payloadText(row.payload_shape, row.payload_values);
  const name = SLOTS[slot] as Exclude<(typeof SLOTS)[number], 'payload' | 'occurred_at'>;
  // The column holds what the event type decides; what the record declared otherwise stands beside it.
  if (name === 'entity_type' && row.declared_entity_type !== '') return row.declared_entity_type;
  return row[name];
}

/** Zigzag, in as few bytes as it takes. */
function long(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}
