/** What a run of the benchmark leaves: `bench/results.json`, and the figures in `bench/README.md`. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../processors/package-root.js';
import type { RaceResult, RaceRun } from './race.js';

export interface Summary {
  readonly name: string;
  readonly rounds: number;
  /** Median, and the smallest and largest of all rounds. */
  readonly eventsPerSecond: number;
  readonly spread: readonly [number, number];
  readonly cpuSecondsPerMillion: number;
  readonly peakRssBytes: number;
}

/** One line for each contestant, in the order in which they ran. */
export function summaries(runs: readonly RaceRun[]): Summary[] {
  const names = [...new Set(runs.map(({ name }) => name))];
  return names.map((name) => {
    const own = runs.filter((run) => run.name === name);
    const rates = own.map(({ eventsPerSecond }) => eventsPerSecond);
    return {
      name,
      rounds: own.length,
      eventsPerSecond: median(rates),
      spread: [Math.min(...rates), Math.max(...rates)],
      cpuSecondsPerMillion: round2(median(own.map((run) => (run.cpuSeconds * 1e6) / run.events))),
      peakRssBytes: Math.max(...own.map((run) => run.peakRssBytes)),
    };
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * The claims: medians of one run against each other. A peer's best is the fastest of its settings. "Kafka Streams,
 * default" is the tuned program, "Kafka Streams, usual" the one as it is usually written.
 */
export function ratiosOf(runs: readonly RaceRun[]): Record<string, number | null> {
  const rates = new Map(summaries(runs).map(({ name, eventsPerSecond }) => [name, eventsPerSecond]));
  const best = (prefix: string): number =>
    Math.max(0, ...[...rates].filter(([name]) => name.startsWith(prefix)).map(([, rate]) => rate));
  const ratio = (a: number, b: number): number | null => (a > 0 && b > 0 ? round2(a / b) : null);
  const streamsDefault = best('Kafka Streams, default');
  const streamsUsual = best('Kafka Streams, usual');
  const workers = best('Rewind, archive, worker fold');
  return {
    archiveSqlVsKafkaStreamsDefault: ratio(best('Rewind, archive, fold in ClickHouse'), streamsDefault),
    archiveWorkersVsKafkaStreamsDefault: ratio(workers, streamsDefault),
    coldVsKafkaStreamsDefault: ratio(best('Rewind, cold'), streamsDefault),
    archiveSqlVsKafkaStreamsUsual: ratio(best('Rewind, archive, fold in ClickHouse'), streamsUsual),
    archiveWorkersVsKafkaStreamsUsual: ratio(workers, streamsUsual),
    coldVsKafkaStreamsUsual: ratio(best('Rewind, cold'), streamsUsual),
    coldVsKafkaStreamsBest: ratio(best('Rewind, cold'), best('Kafka Streams')),
    coldVsClickHouseByHand: ratio(best('Rewind, cold'), best('ClickHouse by hand')),
    collectVsRawConsumer: ratio(best('Rewind, collect alone'), best('raw: kafka-consumer-perf-test')),
    twoWorkersVsOne: ratio(
      best('Rewind, archive, worker fold, 2 workers'),
      best('Rewind, archive, worker fold, 1 worker'),
    ),
  };
}

export function machine(): Record<string, unknown> {
  return {
    cpu: cpus()[0]?.model ?? '',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
  };
}

export function versions(): Record<string, string> {
  const lock = JSON.parse(readFileSync(join(packageRoot(), 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string }>;
  };
  const of = (name: string): string => lock.packages[`node_modules/${name}`]?.version ?? '';
  const pom = readFileSync(join(packageRoot(), 'deploy/local/kafka/pom.xml'), 'utf8');
  const java = spawnSync('java', ['-version']).stderr.toString();
  return {
    node: process.version,
    kafka: /<kafka\.version>([^<]+)/.exec(pom)?.[1] ?? '',
    kafkajs: of('kafkajs'),
    chdb: of('chdb'),
    java: /version "([^"]+)/.exec(java)?.[1] ?? '',
  };
}

const RESULTS = 'bench/results.json';

/** What bench/policy.ts measures: nanoseconds of a decision. */
export interface PolicyRow {
  readonly policy: string;
  readonly opaNs: number;
  readonly rewindNs: number;
  readonly ratio: number;
}

/** Takes what a suite measured into bench/results.json; other suites' figures stay as they were, their ratios too. */
export function saveResults({
  ratios,
  ...figures
}: Readonly<Record<string, unknown> & { ratios?: Readonly<Record<string, number | null>> }>): Record<
  string,
  unknown
> {
  const path = join(packageRoot(), RESULTS);
  const known = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>) : {};
  const all = {
    ...known,
    machine: machine(),
    versions: versions(),
    ratios: { ...(known.ratios as object | undefined), ...ratios },
    ...figures,
  };
  writeFileSync(path, `${JSON.stringify(all, null, 2)}\n`);
  return all;
}

export function raceFigures(result: RaceResult) {
  return {
    runs: result.runs,
    ratios: ratiosOf(result.runs),
    bytesPerSnapshot: result.bytesPerSnapshot,
  };
}

export function raceTable(runs: readonly RaceRun[]): string {
  const all = summaries(runs);
  const base = Math.max(
    1,
    ...all.filter(({ name }) => name.startsWith('Kafka Streams, default')).map((row) => row.eventsPerSecond),
  );
  const lines = [
    '| | events/s (median) | spread | × Kafka Streams, default | CPU s per million | peak RSS |',
    '|---|---:|---:|---:|---:|---:|',
  ];
  for (const { name, eventsPerSecond, spread, cpuSecondsPerMillion, peakRssBytes } of all) {
    const cells = [
      name,
      thousands(eventsPerSecond),
      `${thousands(spread[0])}–${thousands(spread[1])}`,
      (eventsPerSecond / base).toFixed(2),
      cpuSecondsPerMillion === 0 ? '' : cpuSecondsPerMillion.toFixed(2),
      peakRssBytes === 0 ? '' : `${Math.round(peakRssBytes / 2 ** 20)} MiB`,
    ];
    lines.push(`| ${cells.join(' | ')} |`);
  }
  return `${lines.join('\n')}\n`;
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
