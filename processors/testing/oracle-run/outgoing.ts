/**
 * Random events as records, written by avsc in five schema versions: what the pipeline is sent, and beside it what the
 * oracle is told. Nothing here comes from the pipeline's own encoder.
 */
import avro from 'avsc';
import { AVRO_SCHEMAS, AVRO_VERSIONS, avroDatum } from '../../generate/avro-versions.js';
import { isGarbage } from '../../generate/event.js';
import { type RandomOptions, randomEvents } from '../../generate/random-events.js';
import type { SchemaRegistry } from '../../kafka/registry.js';
import type { LogAppender } from '../../replay/service.js';
import type { SentEvent, SentRecord } from '../oracle/types.js';

export interface OutgoingRecord {
  readonly topic: 0 | 1;
  readonly key: Buffer | null;
  /** null: a tombstone. */
  readonly value: Buffer | null;
  readonly recordTimeMs: bigint;
  /** null: no decoder can read it. */
  readonly event: SentEvent | null;
}

/** Registry ids of the five schema versions, by version; index 0 is not used. */
export type SchemaIds = readonly number[];

/** Registers the five versions under the events topic's subject, the oldest first, as a producer's team would. */
export async function registerVersions(registry: SchemaRegistry, topic: string): Promise<SchemaIds> {
  const ids = [0];
  for (let version = 1; version <= AVRO_VERSIONS; version++)
    ids.push(await registry.register(`${topic}-value`, AVRO_SCHEMAS[version]!, 'BACKWARD'));
  return ids;
}

const LONG = avro.types.LongType.__with({
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

export function* outgoing(options: RandomOptions, ids: SchemaIds): Generator<OutgoingRecord> {
  const types = Object.entries(AVRO_SCHEMAS).map(
    ([version, schema]) =>
      [
        Number(version),
        avro.Type.forSchema(JSON.parse(schema) as avro.Schema, { registry: { long: LONG } }),
      ] as const,
  );
  const typeOf = new Map(types);
  for (const { entry, topic, recordTimeMs, schemaVersion } of randomEvents(options)) {
    const key = entry.keyText === undefined ? null : Buffer.from(entry.keyText);
    if (isGarbage(entry)) {
      yield { topic, key, value: entry.garbage, recordTimeMs, event: null };
      continue;
    }
    const header = Buffer.alloc(5);
    header.writeInt32BE(ids[schemaVersion]!, 1);
    const datum = typeOf.get(schemaVersion)!.toBuffer(avroDatum(schemaVersion, entry));
    yield { topic, key, value: Buffer.concat([header, datum]), recordTimeMs, event: entry };
  }
}

const CHUNK = 5_000;

/** Sends the records to the embedded log, in order; resolves with what the oracle is told of them. */
export async function sendOutgoing(
  appender: LogAppender,
  records: Iterable<OutgoingRecord>,
): Promise<SentRecord[]> {
  const sent: SentRecord[] = [];
  let chunk: Parameters<LogAppender['append']>[0][number][] = [];
  const flush = async () => {
    await appender.append(chunk);
    chunk = [];
  };
  for (const { key, value, recordTimeMs, event } of records) {
    sent.push({ topicId: 'embedded', partition: 0, offset: BigInt(sent.length), recordTimeMs, event });
    // The embedded log takes no tombstones; no bytes are no event either.
    chunk.push({ key, value: value ?? Buffer.alloc(0), timestampMs: recordTimeMs });
    if (chunk.length === CHUNK) await flush();
  }
  if (chunk.length > 0) await flush();
  return sent;
}
