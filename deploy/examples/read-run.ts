/**
 * A reader of output topics, complete: every row of one replay run from one topic, each exactly once. The rule is in
 * docs/output-topics.md; nothing here but kafkajs, avsc and an LZ4 codec, so that it can be copied.
 *
 *   node dist/deploy/examples/read-run.js localhost:9092 http://localhost:8081 rewind.demo.snapshots run-0190…
 */
import { createHash, randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import avro from 'avsc';
import kafkajs, { CompressionTypes, Kafka, type KafkaMessage, logLevel } from 'kafkajs';
import { decompressFrame } from 'lz4-napi';

export interface ReadOptions {
  readonly brokers: string[];
  /** Text of a writer schema by its registry id; see `schemasOf`. */
  readonly schemaById: (id: number) => Promise<string>;
  readonly topic: string;
  readonly runId: string;
}

export interface RunRow {
  readonly partition: number;
  readonly offset: string;
  readonly key: Buffer | null;
  /** Registry Avro; of an `events` topic the producer's own bytes. */
  readonly value: Buffer | null;
  readonly headers: KafkaMessage['headers'];
}

/** What the end marker of a partition says; see schemas/avro/replay-end.avsc. */
interface End {
  readonly partition: number;
  readonly partitions: number;
  readonly start_offset: bigint;
  readonly rows: bigint;
  readonly digest: string;
  readonly units: readonly { readonly unit: string; readonly claim: string }[];
}

/** Waits for the run's end, then calls `onRow` for each of its rows. Rejects if the topic does not hold them all. */
export async function readRun(options: ReadOptions, onRow: (row: RunRow) => Promise<void>): Promise<number> {
  const ends = await findEnds(options);
  const left = new Set(ends.keys());
  const sums = new Map([...ends.keys()].map((partition) => [partition, { rows: 0n, digest: 0n }]));
  const claims = new Map(
    [...ends].map(([partition, { end }]) => [
      partition,
      new Set(end.units.map(({ unit, claim }) => `${unit} ${claim}`)),
    ]),
  );
  const from = new Map([...ends].map(([partition, { end }]) => [partition, end.start_offset.toString()]));
  await consume(options, from, async (partition, message) => {
    if (!left.has(partition)) return left.size > 0;
    if (message.offset === ends.get(partition)!.offset) left.delete(partition);
    const mine =
      header(message, 'replay-run-id') === options.runId && header(message, 'replay-record') === 'row';
    const written = `${header(message, 'replay-unit')} ${header(message, 'replay-claim')}`;
    // A unit may have been written more than once; the end marker names the one that counts.
    if (mine && claims.get(partition)!.has(written)) {
      const sum = sums.get(partition)!;
      sum.rows++;
      sum.digest += digestOf(message);
      const { offset, key, value, headers } = message;
      await onRow({ partition, offset, key, value, headers });
    }
    return left.size > 0;
  });
  let total = 0;
  for (const [partition, { end }] of ends) {
    const { rows, digest } = sums.get(partition)!;
    const text = BigInt.asUintN(64, digest).toString(16).padStart(16, '0');
    if (rows !== end.rows || text !== end.digest)
      throw new Error(`partition ${partition} holds ${rows} rows (${text}), not ${end.rows} (${end.digest})`);
    total += Number(rows);
  }
  return total;
}

/** The end marker of every partition and where it stands: the first one counts, should there be another. */
async function findEnds(options: ReadOptions): Promise<Map<number, { offset: string; end: End }>> {
  const ends = new Map<number, { offset: string; end: End }>();
  await consume(options, null, async (partition, message) => {
    const isEnd =
      header(message, 'replay-run-id') === options.runId && header(message, 'replay-record') === 'end';
    if (isEnd && !ends.has(partition) && message.value !== null)
      ends.set(partition, {
        offset: message.offset,
        end: (await decode(options.schemaById, message.value)) as End,
      });
    const [any] = ends.values();
    return any === undefined || ends.size < any.end.partitions;
  });
  return ends;
}

/** Reads partitions from the given offsets, or all from their start, until `onMessage` answers false. */
export async function consume(
  options: ReadOptions,
  from: ReadonlyMap<number, string> | null,
  onMessage: (partition: number, message: KafkaMessage) => Promise<boolean>,
): Promise<void> {
  const kafka = new Kafka({ brokers: options.brokers, logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `read-run-${randomUUID()}`, maxBytesPerPartition: 4 << 20 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic: options.topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      let open = true;
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
      consumer
        .run({
          autoCommit: false,
          eachMessage: async ({ partition, message }) => {
            if (!open) return;
            try {
              open = await onMessage(partition, message);
              if (!open) resolve();
            } catch (error) {
              open = false;
              reject(error);
            }
          },
        })
        .catch(reject);
      for (const [partition, offset] of from ?? [])
        consumer.seek({ topic: options.topic, partition, offset });
    });
  } finally {
    await consumer.disconnect();
  }
}

export function header(message: KafkaMessage, name: string): string {
  const value = message.headers?.[name];
  return value === undefined ? '' : Array.isArray(value) ? value.join() : value.toString();
}

/** The first eight bytes of SHA-256 over the row's id and its value. */
export function digestOf(message: KafkaMessage): bigint {
  const hash = createHash('sha256').update(header(message, 'replay-id'));
  return hash
    .update(message.value ?? '')
    .digest()
    .readBigUInt64BE(0);
}

/** Schemas of a registry; `url` is the base of its Confluent API. */
export function schemasOf(url: string): ReadOptions['schemaById'] {
  return async (id) =>
    ((await (await fetch(`${url}/schemas/ids/${id}`)).json()) as { schema: string }).schema;
}

const types = new Map<number, Promise<avro.Type>>();

/** Registry Avro: a zero byte, the schema's id in four bytes, the datum. */
export async function decode(schemaById: ReadOptions['schemaById'], value: Buffer): Promise<unknown> {
  const id = value.readInt32BE(1);
  let type = types.get(id);
  if (type === undefined) {
    type = schemaById(id).then((text) =>
      avro.Type.forSchema(JSON.parse(text) as avro.Schema, { registry: { long: BIGINT } }),
    );
    types.set(id, type);
  }
  return (await type).fromBuffer(value.subarray(5));
}

/** Nanoseconds are beyond what a JavaScript number holds. */
const BIGINT = avro.types.LongType.__with({
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

// kafkajs packs and unpacks gzip alone; output topics are packed with LZ4 unless outputs.compression says otherwise.
kafkajs.CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: () => Promise.reject(new Error('this program only reads')),
  decompress: (packed: Buffer) => decompressFrame(packed),
});

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [broker = '', registryUrl = '', topic = '', runId = ''] = process.argv.slice(2);
  const options = { brokers: [broker], schemaById: schemasOf(registryUrl), topic, runId };
  const total = await readRun(options, async ({ value }) => {
    const row = value === null ? null : await decode(options.schemaById, value);
    const text = JSON.stringify(row, (_, one: unknown) => (typeof one === 'bigint' ? one.toString() : one));
    process.stdout.write(`${text}\n`);
  });
  process.stderr.write(`${total} rows of ${runId}\n`);
}
