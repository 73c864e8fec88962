/**
 * The program of the peer "plain ClickHouse by hand". Argument: ByHandOptions as JSON; prints a ByHandReport as one
 * line. It ends when its standard input does.
 */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import avsc from 'avsc';
import type { Batch } from 'kafkajs';
import { openStore } from '../../processors/store/client.js';
import { startEngine } from '../../processors/store/embedded.js';
import { RowBinaryWriter } from '../../processors/store/rowbinary.js';
import type { Store } from '../../processors/store/store.js';
import { benchClient, withAdmin } from '../cluster.js';
import { usageOf } from '../measure.js';
import type { ByHandOptions, ByHandReport } from './clickhouse-by-hand.js';
import { CREATE_EVENTS, CREATE_SNAPSHOTS, DIGEST, FOLD, LOADED } from './clickhouse-by-hand-sql.js';

/** Larger inserts are hardly faster and cost memory. */
const ROWS_PER_INSERT = 100_000;
const INSERT_BYTES = 48 << 20;
const WIRE_PREFIX = 5;
const QUERY_MAX_SECONDS = 1800;

interface Decoded {
  readonly event_id: string | null;
  readonly event_type: string;
  readonly entity_type: string | null;
  readonly entity_id: string | null;
  readonly occurred_at: bigint;
  readonly payload: string;
}

type Decode = (value: Buffer) => Decoded;

/** Nanoseconds do not fit into a double. */
const bigintLong = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

const READ = new Set(['event_id', 'event_type', 'entity_type', 'entity_id', 'occurred_at', 'payload']);

/** A decoder for a schema of the registry that skips the fields that nobody asks for. */
async function decoderOf(registryUrl: string, id: number): Promise<Decode> {
  const answer = await fetch(`${registryUrl}/schemas/ids/${id}`);
  const { schema } = (await answer.json()) as { schema: string };
  const registry = () => ({ long: bigintLong });
  const writer = JSON.parse(schema) as { fields: { name: string }[] };
  const writerType = avsc.Type.forSchema(writer as avsc.Schema, { registry: registry() });
  const wanted = { ...writer, fields: writer.fields.filter(({ name }) => READ.has(name)) };
  const readerType = avsc.Type.forSchema(wanted as avsc.Schema, { registry: registry() });
  const resolver = readerType.createResolver(writerType);
  return (value) => readerType.fromBuffer(value.subarray(WIRE_PREFIX), resolver) as Decoded;
}

/** Copies the topic as it is now into `events`. Resolves with the number of rows when all of them are there. */
async function load(options: ByHandOptions, store: Store, firstFetch: () => void): Promise<number> {
  const offsets = await withAdmin(options.brokers, (admin) => admin.fetchTopicOffsets(options.topic));
  const total = offsets.reduce((sum, { high }) => sum + Number(high), 0);
  let rows = new RowBinaryWriter(INSERT_BYTES);
  let spare = new RowBinaryWriter(INSERT_BYTES);
  const decoders = new Map<number, Decode>();
  let waiting = 0;
  let seen = 0;
  let inserting: Promise<void> = Promise.resolve();

  async function insert(): Promise<void> {
    // One insert is under way while the next is filled.
    await inserting;
    inserting = store.insertRowBinary('events', LOADED, [rows.view()]);
    inserting.catch(() => {});
    [rows, spare] = [spare, rows];
    rows.reset();
    waiting = 0;
  }

  async function take(batch: Batch): Promise<void> {
    for (const { value, offset } of batch.messages) {
      if (value === null) continue;
      const id = value.readInt32BE(1);
      let decode = decoders.get(id);
      if (decode === undefined) {
        decode = await decoderOf(options.registryUrl, id);
        decoders.set(id, decode);
      }
      const event = decode(value);
      rows.string(event.entity_type ?? '');
      rows.string(event.entity_id ?? '');
      rows.string(event.event_id ?? `${batch.partition}:${offset}`);
      rows.string(event.event_type);
      rows.i64(event.occurred_at);
      rows.u16(batch.partition);
      rows.u64Number(Number(offset));
      rows.string(event.payload);
      if (++waiting === ROWS_PER_INSERT) await insert();
    }
    seen += batch.messages.length;
  }

  const groupId = `bench-by-hand-${randomUUID()}`;
  const consumer = benchClient(options.brokers).consumer({ groupId });
  consumer.on('consumer.fetch_start', firstFetch);
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [options.topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
      const eachBatch = async ({ batch }: { batch: Batch }) => {
        await take(batch);
        if (seen >= total) resolve();
      };
      consumer.run({ autoCommit: false, eachBatch }).catch(reject);
    });
    await insert();
    await inserting;
    return seen;
  } finally {
    // Leaving the group is not part of the work that is measured.
    void consumer.disconnect().catch(() => {});
  }
}

async function run(options: ByHandOptions): Promise<ByHandReport> {
  const dataDir = join(options.workDir, `by-hand-${randomUUID()}`);
  const memoryMaxBytes = options.memoryMaxBytes ?? 4 * 2 ** 30;
  const engine = await startEngine({ dataDir, memoryMaxBytes, sessions: 4 });
  const { url, username, password } = engine;
  const store = openStore({ url, username, password, database: 'default' });
  try {
    const started = performance.now();
    const engineCpu = usageOf(engine.pid).cpuSeconds;
    await store.command(CREATE_EVENTS);
    await store.command(CREATE_SNAPSHOTS);
    let first = 0;
    const events = await load(options, store, () => {
      if (first === 0) first = performance.now();
    });
    const loaded = performance.now();
    await store.command(FOLD, {}, { maxSeconds: QUERY_MAX_SECONDS, maxMemoryBytes: memoryMaxBytes });
    const ended = performance.now();
    const own = process.cpuUsage();
    const used = usageOf(engine.pid);
    const [answer] = await store.query<{ digest: string; snapshots: string }>(
      DIGEST,
      {},
      { maxMemoryBytes: memoryMaxBytes },
    );
    return {
      events,
      snapshots: Number(answer?.snapshots ?? 0),
      seconds: (ended - first) / 1000,
      wallSeconds: (ended - started) / 1000,
      loadSeconds: (loaded - first) / 1000,
      querySeconds: (ended - loaded) / 1000,
      cpuSeconds: (own.user + own.system) / 1e6 + used.cpuSeconds - engineCpu,
      enginePeakRssBytes: used.peakRssBytes,
      digest: answer?.digest ?? '',
    };
  } finally {
    await store.close();
    await engine.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

process.stdin.on('end', () => process.exit(2)).resume();
const report = await run(JSON.parse(process.argv[2] ?? '{}') as ByHandOptions);
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
