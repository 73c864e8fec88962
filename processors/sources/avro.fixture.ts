/** Records, schemas and an in-memory registry for the tests of the Avro decoders; avsc writes the bytes. */
import avro from 'avsc';
import { RewindError } from '../../schemas/errors.js';
import type { RawRecord } from '../../schemas/event.js';
import type { SchemaReader } from '../kafka/registry.js';
import { createDecoder } from './decoder.js';
import { LogRecords } from './log-records.js';
import type { Decoded } from './source.js';

export const limits = { recordMaxBytes: 1 << 20, arrayMaxItems: 100_000, depthMax: 64 };

/** avsc's own 64-bit longs as bigint. */
export const longType = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

/** avsc takes our long only where a schema says plainly `long`. */
export function typeOf(schema: unknown): avro.Type {
  const plain: unknown = JSON.parse(
    JSON.stringify(schema, (_, value) =>
      value?.type === 'long' && value.name === undefined ? 'long' : (value as unknown),
    ),
  );
  return avro.Type.forSchema(plain as avro.Schema, { registry: { long: longType }, wrapUnions: true });
}

export class MemoryRegistry implements SchemaReader {
  readonly schemas = new Map<number, string>();
  down = false;
  async schemaById(id: number): Promise<string> {
    if (this.down) throw new RewindError('registry_unavailable', 'down');
    const text = this.schemas.get(id);
    if (text === undefined) throw new RewindError('schema_unknown', `id ${id}`);
    return text;
  }
  async register(): Promise<number> {
    throw new RewindError('internal', 'not part of this test');
  }
}

export function wire(id: number, datum: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.writeInt32BE(id, 1);
  return Buffer.concat([header, datum]);
}

export function record(value: Buffer | null, more: Partial<RawRecord> = {}): RawRecord {
  return {
    topicId: 'T',
    topic: 'audit',
    partition: 3,
    offset: 42n,
    recordTimeMs: 1000n,
    key: null,
    headers: [],
    value,
    ...more,
  };
}

/** Records of one partition as a log reader hands them over. */
export function logRecords(...records: readonly RawRecord[]): LogRecords {
  return LogRecords.of(records[0] ?? { topicId: 'T', topic: 'audit', partition: 3 }, records);
}

export async function decodeWith(
  decoder: 'rewind-avro' | 'avro',
  schema: unknown,
  value: Buffer | null,
  mapping?: Record<string, unknown>,
): Promise<Decoded> {
  const registry = new MemoryRegistry();
  registry.schemas.set(0, typeof schema === 'string' ? schema : JSON.stringify(schema));
  const source = { name: 's', topics: ['audit'], decoder, tenantId: 'home', ...(mapping ? { mapping } : {}) };
  const decoding = createDecoder(source as Parameters<typeof createDecoder>[0], registry, limits);
  const one = record(value);
  await decoding.prepare(logRecords(one));
  return decoding.decode(one);
}
