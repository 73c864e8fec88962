/**
 * Decodes our own AuditEvent in registry Avro (decoder `rewind-avro`): any writer schema of its history is resolved to
 * the fields of schemas/avro/audit-event.avsc by name; fields we do not know are stepped over. `locate` is the hot path;
 * `decode` reads what it leaves, and says what is wrong with a record.
 */
import { randomInt } from 'node:crypto';
import { RewindError } from '../../schemas/errors.js';
import type { AuditEvent, RawRecord } from '../../schemas/event.js';
import type { SchemaReader } from '../kafka/registry.js';
import { AvroCursor } from './avro-cursor.js';
import { type AvroLimits, branchOf, skipDatum, symbolOf, timestampUnitNs } from './avro-json.js';
import { AvroLocator, type ShortStep, shortPlan } from './avro-locator.js';
import { type AvroType, parseAvroSchema } from './avro-schema.js';
import { CANONICAL_ASCII, checkCanonical } from './canonical-check.js';
import { canonicalFrom } from './canonical-json.js';
import { DECISION, type EventPlaces, OCCURRED_AT, PAYLOAD, SLOTS } from './event-places.js';
import type { LogRecords, RecordPart } from './log-records.js';
import { coordinateId, normalise } from './normalise.js';
import type { Decoded, Decoder } from './source.js';
import { WIRE_HEADER_BYTES, WireSchemas, wireSchemaId } from './wire-schemas.js';

export interface DecodeLimits extends AvroLimits {
  readonly recordMaxBytes: number;
}

const SKIP = -1;

interface Step {
  readonly name: string;
  readonly slot: number;
  readonly type: AvroType;
}

interface Plan {
  readonly steps: readonly Step[];
  /** Null: records of this schema are always read in full. */
  readonly short: readonly ShortStep[] | null;
}

/** What the reader schema takes from each kind of writer type, as Avro resolves them; an enum gives its symbol. */
const TEXT_KINDS = new Set<string>(['null', 'string', 'bytes', 'enum']);
const TIME_KINDS = new Set<string>(['null', 'int', 'long']);

function compilePlan(schemaText: string): Plan {
  const writer = parseAvroSchema(schemaText);
  if (writer.kind !== 'record')
    throw new RewindError('schema_invalid', `AuditEvent is a record, not ${writer.kind}`);
  const steps = writer.fields.map(({ name, type }) => ({
    name,
    slot: (SLOTS as readonly string[]).indexOf(name),
    type,
  }));
  for (const { name, slot, type } of steps) {
    if (slot === SKIP) continue;
    const allowed = slot === OCCURRED_AT ? TIME_KINDS : TEXT_KINDS;
    for (const { kind } of type.kind === 'union' ? type.branches : [type]) {
      if (!allowed.has(kind))
        throw new RewindError('schema_invalid', `field ${name} of the writer is ${kind}`);
    }
  }
  for (const slot of [2, PAYLOAD, OCCURRED_AT]) {
    if (steps.some((step) => step.slot === slot)) continue;
    throw new RewindError('schema_invalid', `the writer schema ${writer.name} lacks ${SLOTS[slot]}`);
  }
  return { steps, short: shortPlan(steps) };
}

export class RewindAvroDecoder implements Decoder {
  readonly #schemas: WireSchemas<Plan>;
  readonly #limits: DecodeLimits;
  readonly #tenantId: string;
  readonly #cursor = new AvroCursor();
  readonly #locator: AvroLocator;
  /** Texts of the record at hand by slot; reused. */
  readonly #texts: string[] = new Array<string>(OCCURRED_AT).fill('');
  #field = '';

  /** `tenantId` stands where a record names no tenant; empty: it must. */
  constructor(registry: SchemaReader, limits: DecodeLimits, tenantId: string) {
    this.#schemas = new WireSchemas(registry, compilePlan);
    this.#limits = limits;
    this.#tenantId = tenantId;
    this.#locator = new AvroLocator(limits.depthMax, randomInt(2 ** 31));
  }

  prepare(records: LogRecords): Promise<void> {
    return this.#schemas.prepare(records);
  }

  locate(records: LogRecords, { bytes, view }: RecordPart, i: number, places: EventPlaces): boolean {
    const start = records.valueStarts[i]!;
    const end = records.valueEnds[i]!;
    const size = start < 0 ? 0 : end - start;
    if (size < WIRE_HEADER_BYTES || size > this.#limits.recordMaxBytes || bytes[start] !== 0) return false;
    places.schemaId = view.getInt32(start + 1);
    const plan = this.#schemas.known(places.schemaId)?.short ?? null;
    if (plan === null) return false;
    return this.#locator.locate(plan, bytes, view, start + WIRE_HEADER_BYTES, end, places);
  }

  decode(record: RawRecord): Decoded {
    const schemaId = record.value === null ? -1 : wireSchemaId(record.value);
    this.#field = '';
    try {
      return { ok: true, events: [this.#event(record, schemaId)], schemaId };
    } catch (error) {
      return failure(error, schemaId, this.#field);
    }
  }

  #event(record: RawRecord, schemaId: number): AuditEvent {
    const value = wireValue(record, this.#limits);
    const plan = this.#schemas.plan(schemaId);
    const cursor = this.#cursor;
    const texts = this.#texts;
    cursor.reset(value, WIRE_HEADER_BYTES, value.length + this.#limits.arrayMaxItems);
    texts.fill('');
    let occurredAtNs: bigint | undefined;
    for (const { name, slot, type } of plan.steps) {
      this.#field = name;
      if (slot === SKIP) skipDatum(type, cursor, this.#limits);
      else if (slot === OCCURRED_AT) occurredAtNs = this.#time(type);
      else texts[slot] = slot === PAYLOAD || slot === DECISION ? this.#json(type) : this.#text(type);
    }
    this.#field = '';
    if (cursor.at !== cursor.end) throw cursor.failed(`${cursor.end - cursor.at} bytes behind the record`);
    if (occurredAtNs === undefined) throw new RewindError('field_missing', 'occurred_at is null');
    return normalise({
      eventId: texts[0] === '' ? coordinateId(record) : texts[0]!,
      tenantId: texts[1] === '' ? this.#tenantId : texts[1]!,
      eventType: texts[2]!,
      entityType: texts[3]!,
      entityId: texts[4]!,
      actor: texts[5]!,
      action: texts[6]!,
      severity: texts[7]!,
      occurredAtNs,
      decision: texts[DECISION] === 'null' ? '' : texts[DECISION]!,
      payload: texts[PAYLOAD]!,
    });
  }

  #text(type: AvroType): string {
    const branch = type.kind === 'union' ? branchOf(type.branches, this.#cursor) : type;
    if (branch.kind === 'null') return '';
    return branch.kind === 'enum' ? symbolOf(branch.symbols, this.#cursor) : this.#cursor.text();
  }

  /** JSON text, made canonical from the bytes where they lie. */
  #json(type: AvroType): string {
    const cursor = this.#cursor;
    const branch = type.kind === 'union' ? branchOf(type.branches, cursor) : type;
    if (branch.kind === 'null') return '';
    if (branch.kind === 'enum') return symbolOf(branch.symbols, cursor);
    const start = cursor.take(cursor.count());
    const { depthMax } = this.#limits;
    const verdict = checkCanonical(cursor.buffer, start, cursor.at, depthMax);
    if (verdict === CANONICAL_ASCII) return cursor.latin1.slice(start, cursor.at);
    return start === cursor.at ? '' : canonicalFrom(verdict, cursor.buffer, start, cursor.at, depthMax);
  }

  /** Nanoseconds since 1970; the writer's logical type may count in another unit. */
  #time(type: AvroType): bigint | undefined {
    const branch = type.kind === 'union' ? branchOf(type.branches, this.#cursor) : type;
    if (branch.kind !== 'long' && branch.kind !== 'int') return undefined;
    const value = this.#cursor.long();
    return branch.logical === '' ? value : value * (timestampUnitNs(branch.logical) ?? 1n);
  }
}

/** The value of a record that a decoder can begin with. Errors: tombstone, record_too_large, not_wire_format. */
export function wireValue(record: RawRecord, limits: DecodeLimits): Buffer {
  const value = presentValue(record, limits);
  if (value.length < WIRE_HEADER_BYTES || value[0] !== 0) {
    const first = value.length === 0 ? 'an empty value' : `first byte ${value[0]}, ${value.length} bytes`;
    throw new RewindError('not_wire_format', first);
  }
  return value;
}

/** Errors: tombstone, record_too_large. */
export function presentValue({ value }: RawRecord, limits: DecodeLimits): Buffer {
  if (value === null) throw new RewindError('tombstone', 'the record has no value');
  if (value.length > limits.recordMaxBytes) {
    throw new RewindError('record_too_large', `${value.length} bytes, more than ${limits.recordMaxBytes}`);
  }
  return value;
}

/** The outcome for a record that does not decode; anything but a RewindError is a bug and goes on up. */
export function failure(error: unknown, schemaId: number, field = ''): Decoded {
  if (!(error instanceof RewindError) || error.code === 'internal') throw error;
  const message = field === '' ? error.message : `${field}: ${error.message}`;
  return { ok: false, code: error.code, message, schemaId };
}
