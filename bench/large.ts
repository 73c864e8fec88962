/**
 * `npm run bench:large`: a history large enough that sizes show (10 million events by default): does the time grow with
 * the events and no faster, what do the stages cost, and how fast does the API answer from such a run, idle and while
 * another job runs.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { apiLatencies, type Latency } from './api-latency.js';
import { type BenchCluster, startBenchCluster } from './cluster.js';
import { expectedDigest } from './expected.js';
import { writeFigures } from './figures.js';
import { Ours, type OursResult } from './ours.js';
import { saveResults } from './results.js';
import { fillTopic } from './topic.js';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '10000000' },
    entities: { type: 'string', default: '100000' },
    requests: { type: 'string', default: '300' },
    'no-save': { type: 'boolean', default: false },
  },
});
const PARTITIONS = 8;
/** The small history that the large one is compared with. */
const SMALL = { events: 1_000_000, entities: 10_000 };

const started = performance.now();
const log = (line: string): void => {
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(7)} s  ${line}\n`);
};

interface Costs {
  readonly events: number;
  readonly entities: number;
  /** CPU seconds of Node and engine per million events, and events a second. */
  readonly cold: Cost;
  readonly archive: Cost;
}

interface Cost {
  readonly nodePerMillion: number;
  readonly enginePerMillion: number;
  readonly eventsPerSecond: number;
  readonly stageSeconds: Readonly<Record<string, number>>;
  readonly peakRssBytes: number;
}

function costOf(result: OursResult): Cost {
  const perMillion = (seconds: number): number => Math.round((seconds * 1e8) / result.events) / 100;
  return {
    nodePerMillion: perMillion(result.nodeCpuSeconds),
    enginePerMillion: perMillion(result.engineCpuSeconds),
    eventsPerSecond: Math.round(result.events / result.seconds),
    stageSeconds: result.stageSeconds,
    peakRssBytes: result.peakRssBytes,
  };
}

/** Replays a history cold and from the archive, then hands the server to `then`. */
async function replay(
  cluster: BenchCluster,
  workDir: string,
  size: { events: number; entities: number },
  then: (ours: Ours, archive: OursResult) => Promise<void>,
): Promise<Costs> {
  const topic = `bench-${size.events}`;
  const input = { ...size, partitions: PARTITIONS, seed: 1 };
  await fillTopic(cluster, { ...input, topic });
  const { digest } = expectedDigest(input);
  log(`${size.events} events of ${size.entities} entities are in ${topic}`);
  const dataDir = join(workDir, topic);
  mkdirSync(dataDir, { recursive: true });
  const ours = await Ours.start(dataDir, {
    KAFKA_BROKERS: cluster.brokers.join(','),
    SCHEMA_REGISTRY_URL: cluster.registryUrl,
    REWIND_KAFKA_EVENTS_TOPIC: topic,
  });
  try {
    const runs: OursResult[] = [];
    for (const source of ['auto', 'archive'] as const) {
      const result = await ours.run({ source });
      if (result.snapshots !== size.events || result.digest !== digest)
        throw new Error(`${source}: ${result.snapshots} snapshots, ${result.digest}, not ${digest}`);
      log(`${source}: ${JSON.stringify(costOf(result))}`);
      runs.push(result);
    }
    const [cold, archive] = runs as [OursResult, OursResult];
    await then(ours, archive);
    return { ...size, cold: costOf(cold), archive: costOf(archive) };
  } finally {
    await ours.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const workDir = mkdtempSync(join(tmpdir(), 'rewind-bench-large-'));
  const cluster = await startBenchCluster(log);
  try {
    const size = { events: Number(values.events), entities: Number(values.entities) };
    const requests = Number(values.requests);
    const small = await replay(cluster, workDir, SMALL, async () => undefined);
    let idle: Record<string, Latency> = {};
    let busy: Record<string, Latency> = {};
    const large = await replay(cluster, workDir, size, async (ours, archive) => {
      idle = await apiLatencies(ours, archive.jobId, archive.snapshots, requests);
      log(`API, idle: ${JSON.stringify(idle)}`);
      const running = ours.run({ source: 'archive' });
      busy = await apiLatencies(ours, archive.jobId, archive.snapshots, Math.ceil(requests / 6));
      log(`API, while a job runs: ${JSON.stringify(busy)}`);
      await running;
    });
    const apiP99Ms = Object.fromEntries(Object.entries(idle).map(([route, { p99Ms }]) => [route, p99Ms]));
    const figures = { apiP99Ms, api: { snapshots: size.events, idle, busy }, growth: [small, large] };
    if (!values['no-save']) writeFigures(saveResults(figures));
    process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  } finally {
    await cluster.stop();
    rmSync(workDir, { recursive: true, force: true });
  }
}

await main();
