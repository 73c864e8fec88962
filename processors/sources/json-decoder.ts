/**
 * Decoders for records of any shape: JSON (decoder `json`) and registry Avro of any schema (decoder `avro`). Both make
 * one canonical JSON document of the value and read the envelope from it: by the source's mapping, or, without one,
 * by the field names of our own events.
 */
import { RewindError } from '../../schemas/errors.js';
import type { RawRecord } from '../../schemas/event.js';
import type { SchemaReader } from '../kafka/registry.js';
import { AvroCursor } from './avro-cursor.js';
import { type DecodeLimits, failure, presentValue, wireValue } from './avro-decoder.js';
import { datumText } from './avro-json.js';
import { type AvroType, parseAvroSchema } from './avro-schema.js';
import { canonicalRange } from './canonical-json.js';
import { readEventJson } from './event-json.js';
import type { LogRecords } from './log-records.js';
import type { Mapping } from './mapping.js';
import { coordinateId, normalise } from './normalise.js';
import type { Decoded, Decoder } from './source.js';
import { WIRE_HEADER_BYTES, WireSchemas, wireSchemaId } from './wire-schemas.js';

/** Characters and values that one byte of Avro may become, on top of the limit for empty items. */
const EXPANSION_MAX = 16;

/** Turns a canonical document into the record's event. */
export interface DocumentReader {
  /** Undefined: the document has the fields of our own events. */
  readonly mapping: Mapping | undefined;
  /** Stands where a document names no tenant; empty: it must. */
  readonly tenantId: string;
}

export class JsonDecoder implements Decoder {
  readonly #reader: DocumentReader;
  readonly #limits: DecodeLimits;

  constructor(reader: DocumentReader, limits: DecodeLimits) {
    this.#reader = reader;
    this.#limits = limits;
  }

  async prepare(): Promise<void> {}

  decode(record: RawRecord): Decoded {
    let schemaId = -1;
    try {
      const value = presentValue(record, this.#limits);
      // Registry serializers for JSON put the same five bytes in front; no JSON text begins with byte 0.
      schemaId = wireSchemaId(value);
      const start = schemaId >= 0 ? WIRE_HEADER_BYTES : 0;
      const text = canonicalRange(value, start, value.length, this.#limits.depthMax);
      return documentEvent(text, record, schemaId, this.#reader);
    } catch (error) {
      return failure(error, schemaId);
    }
  }
}

export class AvroDecoder implements Decoder {
  readonly #schemas: WireSchemas<AvroType>;
  readonly #reader: DocumentReader;
  readonly #limits: DecodeLimits;
  readonly #cursor = new AvroCursor();

  constructor(registry: SchemaReader, reader: DocumentReader, limits: DecodeLimits) {
    this.#schemas = new WireSchemas(registry, parseAvroSchema);
    this.#reader = reader;
    this.#limits = limits;
  }

  prepare(records: LogRecords): Promise<void> {
    return this.#schemas.prepare(records);
  }

  decode(record: RawRecord): Decoded {
    const schemaId = record.value === null ? -1 : wireSchemaId(record.value);
    try {
      const value = wireValue(record, this.#limits);
      const type = this.#schemas.plan(schemaId);
      const cursor = this.#cursor;
      cursor.reset(value, WIRE_HEADER_BYTES, value.length * EXPANSION_MAX + this.#limits.arrayMaxItems * 10);
      const text = datumText(type, cursor, this.#limits);
      if (cursor.at !== cursor.end) throw cursor.failed(`${cursor.end - cursor.at} bytes behind the datum`);
      return documentEvent(text, record, schemaId, this.#reader);
    } catch (error) {
      return failure(error, schemaId);
    }
  }
}

function documentEvent(text: string, record: RawRecord, schemaId: number, reader: DocumentReader): Decoded {
  if (text.charCodeAt(0) !== 0x7b) {
    throw new RewindError('payload_not_object', 'the document is not an object', { pointer: '' });
  }
  const { mapping, tenantId } = reader;
  const draft = mapping === undefined ? readEventJson(text) : mapping(text, { record, tenantId });
  const event = normalise({
    ...draft,
    tenantId: draft.tenantId === '' ? tenantId : draft.tenantId,
    eventId: draft.eventId === '' ? coordinateId(record) : draft.eventId,
  });
  return { ok: true, events: [event], schemaId };
}
