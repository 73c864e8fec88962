/**
 * The peer "Kafka Streams": the same topic, the same fold, one snapshot for each event to an output topic, in a Java
 * process of its own (bench/kafka-streams, built on first use into the cache of deploy/local).
 */
import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, javaCommand, requireJava } from '../../deploy/local/java.js';
import { packageRoot } from '../../processors/package-root.js';
import { registerSchema, withAdmin } from '../cluster.js';
import { runMeasured } from '../measure.js';
import { createBenchTopic } from '../topic.js';
import type { PeerResult } from './peer.js';

const HEAP_MB = 1024;
const TIMEOUT_MS = 30 * 60_000;

/**
 * default: RocksDB and a changelog topic, at least once. memory: states in memory, no changelog. eos: as default, with
 * exactly_once_v2.
 */
export type StreamsMode = 'default' | 'memory' | 'eos';

/** tuned: bytes throughout. usual: typed serdes, Avro's generic records and Jackson's trees (Style.java). */
export type StreamsStyle = 'tuned' | 'usual';

export interface KafkaStreamsOptions {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly topic: string;
  readonly partitions: number;
  /** Created for the run and deleted after it. */
  readonly outputTopic: string;
  readonly mode: StreamsMode;
  /** Default: tuned. */
  readonly style?: StreamsStyle;
  readonly threads: 1 | 2;
  /** A directory below it holds the state stores while it runs. */
  readonly workDir: string;
  readonly heapMb?: number;
  /** Further settings of Kafka Streams, over ours (kafka-streams' Settings.java). */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Errors: preflight_failed (no Java, no Maven on the first run); the Java program's own words. */
export async function runKafkaStreams(options: KafkaStreamsOptions): Promise<PeerResult> {
  const jars = await kafkaStreamsJars();
  const application = `bench-streams-${randomUUID()}`;
  const stateDir = join(options.workDir, application);
  await mkdir(stateDir, { recursive: true });
  await createBenchTopic(options.brokers, options.outputTopic, options.partitions);
  const style = options.style ?? 'tuned';
  const snapshotFile = style === 'usual' ? 'snapshot-usual.avsc' : 'snapshot.avsc';
  const snapshotSchema = await readFile(join(sources(), 'src/main/resources', snapshotFile), 'utf8');
  const settings = {
    brokers: options.brokers.join(','),
    registry: options.registryUrl,
    topic: options.topic,
    'output-topic': options.outputTopic,
    application,
    mode: options.mode,
    style,
    threads: String(options.threads),
    'state-dir': stateDir,
    'event-schema': join(packageRoot(), 'schemas/avro/audit-event.avsc'),
    'snapshot-schema-id': String(
      await registerSchema(options.registryUrl, `${options.outputTopic}-value`, snapshotSchema),
    ),
  };
  const heap = `${options.heapMb ?? HEAP_MB}m`;
  const args = [
    // A heap that does not grow while it runs, and the collector that is made for throughput.
    `-Xms${heap}`,
    `-Xmx${heap}`,
    '-XX:+UseParallelGC',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
    '-cp',
    join(jars, '*'),
    'io.rewind.bench.Main',
    ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    ...Object.entries(options.settings ?? {}).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
  ];
  try {
    const run = await runMeasured(javaCommand(), args, { cwd: stateDir, timeoutMs: TIMEOUT_MS });
    const said = JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '') as Omit<PeerResult, 'peakRssBytes'>;
    return { ...said, peakRssBytes: run.peakRssBytes };
  } finally {
    await deleteLeftovers(options, application);
    await rm(stateDir, { recursive: true, force: true });
  }
}

/** The output topic, the changelogs and the consumer group. */
async function deleteLeftovers(options: KafkaStreamsOptions, application: string): Promise<void> {
  await withAdmin(options.brokers, async (admin) => {
    const topics = (await admin.listTopics()).filter(
      (name) => name === options.outputTopic || name.startsWith(`${application}-`),
    );
    await admin.deleteTopics({ topics });
    // After a crash its members are not gone yet; the group ends with the cluster.
    await admin.deleteGroups([application]).catch(() => {});
  });
}

function sources(): string {
  return join(packageRoot(), 'bench', 'kafka-streams');
}

/** Directory with the program and the jars that it needs. Built and downloaded (about 100 MB) when its sources changed. */
async function kafkaStreamsJars(): Promise<string> {
  await requireJava();
  const files = readdirSync(sources(), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file.slice(sources().length)}\0`).update(readFileSync(file));
  const name = `bench-kafka-streams-${hash.digest('hex').slice(0, 12)}`;
  return cached(
    name,
    () => {},
    (directory) => ({
      args: [
        '-f',
        join(sources(), 'pom.xml'),
        'package',
        'dependency:copy-dependencies',
        '-DincludeScope=runtime',
        `-DoutputDirectory=${directory}`,
        `-Drewind.build=${join(directory, 'build')}`,
      ],
      proof: () => readdirSync(directory).some((file) => file.startsWith('bench-kafka-streams')),
    }),
  );
}
