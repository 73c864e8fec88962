/**
 * Writes an AuditEvent in registry Avro, in the order of the fields of schemas/avro/audit-event.avsc (a test reads the
 * bytes back with avsc and that file). Used by ingest and generate.
 */
import type { EventDraft } from './normalise.js';
import { WIRE_HEADER_BYTES } from './wire-schemas.js';

/** Longest zigzag varint of 64 bits, with the byte of a union branch. */
const PREFIX_MAX = 11;

/** The value of a record: byte 0, the schema id, the datum. Empty texts are written as null where that is allowed. */
export function encodeAuditEvent(event: EventDraft, schemaId: number): Buffer {
  const optional = [event.entityType, event.entityId, event.actor, event.action, event.severity];
  let size = WIRE_HEADER_BYTES + PREFIX_MAX * 11;
  for (const text of optional) size += text.length * 3;
  size += (event.eventId.length + event.tenantId.length + event.eventType.length) * 3;
  size += Buffer.byteLength(event.payload) + Buffer.byteLength(event.decision);
  const writer = new DatumWriter(Buffer.allocUnsafe(size), schemaId);
  writer.optional(event.eventId);
  writer.text(event.tenantId);
  writer.text(event.eventType);
  for (const text of optional) writer.optional(text);
  writer.long(event.occurredAtNs);
  writer.optional(event.decision);
  writer.text(event.payload);
  return writer.bytes();
}

/** Texts below this many characters are written without a native call. */
const SHORT = 64;

class DatumWriter {
  readonly #buffer: Buffer;
  #at = WIRE_HEADER_BYTES;

  constructor(buffer: Buffer, schemaId: number) {
    this.#buffer = buffer;
    buffer[0] = 0;
    buffer.writeInt32BE(schemaId, 1);
  }

  optional(text: string): void {
    // Branch 0 is null, branch 1 string; both as zigzag.
    this.#buffer[this.#at++] = text === '' ? 0 : 2;
    if (text !== '') this.text(text);
  }

  text(text: string): void {
    if (text.length < SHORT && this.#ascii(text)) return;
    const size = Buffer.byteLength(text);
    this.#length(size);
    this.#at += this.#buffer.write(text, this.#at, 'utf8');
  }

  /** Short ASCII texts dominate; writing them byte by byte beats the call into native code. */
  #ascii(text: string): boolean {
    const buffer = this.#buffer;
    let at = this.#at;
    // A length below 64 is one byte as a zigzag long.
    buffer[at++] = text.length << 1;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      buffer[at++] = code;
    }
    this.#at = at;
    return true;
  }

  /** A length below 2^30. */
  #length(size: number): void {
    let rest = size << 1;
    for (; rest >= 0x80; rest >>>= 7) this.#buffer[this.#at++] = (rest & 0x7f) | 0x80;
    this.#buffer[this.#at++] = rest;
  }

  long(value: bigint): void {
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    for (; rest >= 0x80n; rest >>= 7n) this.#buffer[this.#at++] = Number(rest & 0x7fn) | 0x80;
    this.#buffer[this.#at++] = Number(rest);
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }
}
