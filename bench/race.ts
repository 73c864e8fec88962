/**
 * The race: the same topic, read and folded by everyone in turn, several rounds. A round goes through all contestants, so
 * that what the machine does meanwhile hits all of them; a contestant whose final states are not those of the independent
 * fold (expected.ts) ends the run.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchCluster, startBenchCluster } from './cluster.js';
import { expectedDigest } from './expected.js';
import { Ours, type OursResult } from './ours.js';
import { runClickHouseByHand } from './peers/clickhouse-by-hand.js';
import { runKafkaStreams, type StreamsMode, type StreamsStyle } from './peers/kafka-streams.js';
import type { PeerResult } from './peers/peer.js';
import { consumerPerfTest, kafkajsNothing } from './raw.js';
import { type BenchEvents, fillTopic } from './topic.js';

export interface RaceOptions {
  readonly events: number;
  readonly entities: number;
  readonly rounds: number;
  /** Leaves out what no ratio needs. */
  readonly quick: boolean;
  readonly workDir: string;
  readonly log: (line: string) => void;
}

/** One contestant in one round. */
export interface RaceRun {
  readonly name: string;
  readonly round: number;
  readonly events: number;
  readonly seconds: number;
  readonly eventsPerSecond: number;
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
  /** Further figures of the contestant. */
  readonly more: Readonly<Record<string, unknown>>;
}

export interface RaceResult {
  readonly runs: readonly RaceRun[];
  /** Bytes on disk of snapshots with their timeline, after all merges and as the jobs left them, for each snapshot. */
  readonly bytesPerSnapshot: { readonly asWritten: number; readonly merged: number };
}

const PARTITIONS = 8;
const TOPIC = 'bench-events';

export async function race(options: RaceOptions): Promise<RaceResult> {
  const { log } = options;
  const cluster = await startBenchCluster(log);
  try {
    const run = new Race(options, cluster);
    await run.fill();
    for (let round = 1; round <= options.rounds; round++) await run.round(round);
    return run.result;
  } finally {
    await cluster.stop();
  }
}

class Race {
  readonly #options: RaceOptions;
  readonly #cluster: BenchCluster;
  readonly #runs: RaceRun[] = [];
  readonly #input: BenchEvents;
  #bytes = { asWritten: 0, merged: 0 };
  #digest = '';

  constructor(options: RaceOptions, cluster: BenchCluster) {
    this.#options = options;
    this.#cluster = cluster;
    this.#input = { events: options.events, entities: options.entities, partitions: PARTITIONS, seed: 1 };
  }

  get result(): RaceResult {
    return { runs: this.#runs, bytesPerSnapshot: this.#bytes };
  }

  async fill(): Promise<void> {
    const { log, events } = this.#options;
    const started = performance.now();
    const { bytes } = await fillTopic(this.#cluster, { ...this.#input, topic: TOPIC });
    const seconds = (performance.now() - started) / 1000;
    log(`${events} events, ${Math.round(bytes / events)} B each, produced in ${seconds.toFixed(1)} s`);
    const expected = expectedDigest(this.#input);
    this.#digest = expected.digest;
    log(`expected: ${expected.entities} entities, final states ${expected.digest}`);
  }

  async round(round: number): Promise<void> {
    const { quick } = this.#options;
    await this.#raw(round);
    await this.#streams(round, 'default', 1);
    await this.#streams(round, 'default', 2);
    if (!quick) await this.#streams(round, 'memory', 1);
    await this.#streams(round, 'memory', 2);
    if (!quick) await this.#streams(round, 'eos', 1);
    if (!quick) await this.#streams(round, 'default', 1, 'usual');
    await this.#streams(round, 'default', 2, 'usual');
    if (!quick) await this.#byHand(round);
    await this.#ours(round);
  }

  async #raw(round: number): Promise<void> {
    const { brokers } = this.#cluster;
    const topic = { brokers, topic: TOPIC, records: this.#options.events };
    const contestants = {
      'raw: kafka-consumer-perf-test': consumerPerfTest,
      'raw: kafkajs eachBatch': kafkajsNothing,
    };
    for (const [name, run] of Object.entries(contestants)) {
      const { records, seconds, cpuSeconds } = await run(topic);
      this.#add(name, round, { events: records, seconds, cpuSeconds, peakRssBytes: 0 });
    }
  }

  async #streams(
    round: number,
    mode: StreamsMode,
    threads: 1 | 2,
    style: StreamsStyle = 'tuned',
  ): Promise<void> {
    const { brokers, registryUrl } = this.#cluster;
    const workDir = this.#directory('streams');
    const outputTopic = `bench-out-${style}-${mode}-${threads}-${round}`;
    const result = await runKafkaStreams({
      brokers,
      registryUrl,
      topic: TOPIC,
      partitions: PARTITIONS,
      outputTopic,
      mode,
      style,
      threads,
      workDir,
    });
    const kind = style === 'usual' ? `usual, ${mode}` : mode;
    const name = `Kafka Streams, ${kind}, ${threads} thread${threads > 1 ? 's' : ''}`;
    this.#check(name, round, atWall(result), { steadySeconds: result.seconds });
    rmSync(workDir, { recursive: true, force: true });
  }

  async #byHand(round: number): Promise<void> {
    const { brokers, registryUrl } = this.#cluster;
    const workDir = this.#directory('by-hand');
    const result = await runClickHouseByHand({ brokers, registryUrl, topic: TOPIC, workDir });
    const { loadSeconds, querySeconds, seconds } = result;
    this.#check('ClickHouse by hand', round, atWall(result), {
      loadSeconds,
      querySeconds,
      steadySeconds: seconds,
    });
    rmSync(workDir, { recursive: true, force: true });
  }

  async #ours(round: number): Promise<void> {
    const dataDir = this.#directory('ours');
    const env = {
      KAFKA_BROKERS: this.#cluster.brokers.join(','),
      SCHEMA_REGISTRY_URL: this.#cluster.registryUrl,
      REWIND_KAFKA_EVENTS_TOPIC: TOPIC,
    };
    const on = async (more: Record<string, string>, work: (ours: Ours) => Promise<void>): Promise<void> => {
      const ours = await Ours.start(dataDir, { ...env, ...more });
      try {
        await work(ours);
      } finally {
        await ours.stop();
      }
    };
    await on({}, async (ours) => {
      this.#rewind('Rewind, cold: collect and fold', round, await ours.run({ source: 'auto' }));
      this.#rewind('Rewind, archive, fold in ClickHouse', round, await ours.run({ source: 'archive' }));
      const dry = await ours.run({ source: 'archive', jobType: 'DryRun' });
      this.#add('Rewind, archive, DryRun', round, dry, { stageSeconds: dry.stageSeconds });
    });
    for (const workers of ['2', '1']) {
      await on({ REWIND_REPLAY_FOLD_IN_STORE: 'false', REWIND_REPLAY_WORKERS: workers }, async (ours) => {
        const name = `Rewind, archive, worker fold, ${workers} worker${workers === '1' ? '' : 's'}`;
        this.#rewind(name, round, await ours.run({ source: 'archive' }));
        if (workers === '1' && round === this.#options.rounds) await this.#measureBytes(ours);
      });
    }
    rmSync(dataDir, { recursive: true, force: true });
  }

  #rewind(name: string, round: number, result: OursResult): void {
    const { stageSeconds, nodeCpuSeconds, engineCpuSeconds } = result;
    this.#check(name, round, result, { stageSeconds, nodeCpuSeconds, engineCpuSeconds });
    const { collect } = stageSeconds;
    if (!name.includes('cold') || collect === undefined) return;
    const { events } = result;
    this.#add('Rewind, collect alone', round, { events, seconds: collect, cpuSeconds: 0, peakRssBytes: 0 });
  }

  async #measureBytes(ours: Ours): Promise<void> {
    const perSnapshot = async (): Promise<number> => {
      const snapshots = await ours.tableSize('snapshots');
      const timeline = await ours.tableSize('snapshot_timeline');
      const index = await ours.tableSize('timeline_index');
      return (snapshots.bytes + timeline.bytes + index.bytes) / snapshots.rows;
    };
    const asWritten = await perSnapshot();
    for (const table of ['snapshots', 'snapshot_timeline', 'timeline_index'])
      await ours.store.command(`OPTIMIZE TABLE ${ours.store.t(table)} FINAL`, {}, { maxSeconds: 1800 });
    this.#bytes = { asWritten: round2(asWritten), merged: round2(await perSnapshot()) };
    this.#options.log(`bytes a snapshot: ${this.#bytes.asWritten} as written, ${this.#bytes.merged} merged`);
  }

  /** A figure counts only if the result is right. */
  #check(name: string, round: number, result: PeerResult, more: RaceRun['more'] = {}): void {
    const { events, snapshots, digest } = result;
    const wanted = this.#options.events;
    if (events !== wanted || snapshots !== wanted)
      throw new Error(`${name}: ${events} events and ${snapshots} snapshots, not ${wanted}`);
    if (digest !== this.#digest) throw new Error(`${name}: final states ${digest}, not ${this.#digest}`);
    this.#add(name, round, result, more);
  }

  #add(
    name: string,
    round: number,
    result: Pick<RaceRun, 'events' | 'seconds' | 'cpuSeconds' | 'peakRssBytes'>,
    more: RaceRun['more'] = {},
  ): void {
    const { events, seconds, cpuSeconds, peakRssBytes } = result;
    const eventsPerSecond = Math.round(events / seconds);
    this.#runs.push({ name, round, events, seconds, eventsPerSecond, cpuSeconds, peakRssBytes, more });
    const details = Object.keys(more).length === 0 ? '' : `  ${JSON.stringify(more)}`;
    this.#options.log(
      `round ${round}  ${name.padEnd(44)} ${seconds.toFixed(2)} s  ${eventsPerSecond}/s${details}`,
    );
  }

  #directory(name: string): string {
    const directory = join(this.#options.workDir, name);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    return directory;
  }
}

/** Everyone's time counts from the start of the work, joining groups and making tables included, as ours does. */
function atWall(result: PeerResult): PeerResult {
  return { ...result, seconds: result.wallSeconds };
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
