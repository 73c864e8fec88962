/**
 * `npm run bench:scale`: loads N events of K entities into an embedded archive, rebuilds all of them, and says how fast
 * each stage went and how much memory each process took along the way. Data and processes are its own and gone after.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../processors/config/load.js';
import { SCALE_ENCODING, SCALE_TENANT } from '../processors/generate/scale.js';
import type { JobView } from '../processors/replay/service.js';
import { createTelemetry } from '../processors/telemetry.js';
import { openRewind, type Rewind } from '../processors/topology.js';
import { saveResults } from './results.js';
import { benchEvents, encode } from './topic.js';

const BATCH = 20_000;
const SAMPLE_MS = 500;

interface MemorySample {
  readonly stage: string;
  readonly process: string;
  readonly bytes: number;
}

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '5000000' },
    entities: { type: 'string', default: '1000000' },
    workers: { type: 'string', default: '2' },
    'no-save': { type: 'boolean', default: false },
  },
});
const events = Number(values.events);
const entities = Number(values.entities);

const dataDir = mkdtempSync(join(tmpdir(), 'rewind-scale-'));
const samples: MemorySample[] = [];
let stage = 'start';

/** Resident memory in bytes from Linux's own count; 0 where there is no /proc. */
function residentBytes(pid: number): number {
  try {
    const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match === null ? 0 : Number(match[1]) * 1024;
  } catch {
    return 0;
  }
}

function enginePid(): number {
  const file = JSON.parse(readFileSync(join(dataDir, 'engine', 'engine.json'), 'utf8')) as { pid: number };
  return file.pid;
}

/** Bytes of all files; what a merge removes meanwhile does not count. */
function directoryBytes(path: string): number {
  let sum = 0;
  for (const entry of namesIn(path)) {
    const child = join(path, entry);
    const stats = statSync(child, { throwIfNoEntry: false });
    if (stats?.isDirectory() === true) sum += directoryBytes(child);
    else sum += stats?.size ?? 0;
  }
  return sum;
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function load(rewind: Rewind): Promise<void> {
  let batch: { key: Buffer | null; value: Buffer; timestampMs: bigint }[] = [];
  for (const { event } of benchEvents({ seed: 1, events, entities, partitions: 8 })) {
    const value = encode(event, rewind.schemaId ?? 0);
    batch.push({ key: null, value, timestampMs: event.occurredAtNs / 1_000_000n });
    if (batch.length === BATCH) {
      await rewind.appender.append(batch);
      batch = [];
    }
  }
  if (batch.length > 0) await rewind.appender.append(batch);
}

async function rebuild(rewind: Rewind): Promise<JobView> {
  const { version } = await rewind.encodings.save(SCALE_TENANT, SCALE_ENCODING, 'bench');
  const job = await rewind.replay.create(
    SCALE_TENANT,
    {
      job_type: 'StateRebuild',
      encoding_version: version,
      rule_version: 1,
      time_range_start: '2000-01-01T00:00:00Z',
      time_range_end: '2100-01-01T00:00:00Z',
    },
    'bench',
  );
  for (;;) {
    const view = await rewind.replay.get(SCALE_TENANT, job.jobId);
    stage = view.progress.stage;
    if (view.status === 'Complete') return view;
    if (view.status === 'Failed') throw new Error(`${view.error?.code}: ${view.error?.message}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Largest value of each quarter of a stage: flat memory shows as four equal numbers. */
function quarters(name: string, process: string): number[] {
  const of = samples.filter((sample) => sample.stage === name && sample.process === process);
  return [0, 1, 2, 3].map((quarter) => {
    const part = of.slice(Math.floor((of.length * quarter) / 4), Math.ceil((of.length * (quarter + 1)) / 4));
    return Math.round(Math.max(0, ...part.map((sample) => sample.bytes)) / 2 ** 20);
  });
}

/** The most that all processes together had at one moment. */
function peakBytes(): number {
  let peak = 0;
  for (let i = 0; i + 1 < samples.length; i += 2)
    peak = Math.max(peak, samples[i]!.bytes + samples[i + 1]!.bytes);
  return peak;
}

async function main(): Promise<void> {
  const { config } = loadConfig({ env: {}, cwd: dataDir, flags: { dataDir } });
  const rewind = await openRewind(config, {
    telemetry: createTelemetry({ level: 'warn', env: process.env }),
  });
  const timer = setInterval(() => {
    samples.push({ stage, process: 'node', bytes: residentBytes(process.pid) });
    samples.push({ stage, process: 'engine', bytes: residentBytes(enginePid()) });
  }, SAMPLE_MS);
  try {
    stage = 'load';
    const loadStart = performance.now();
    await load(rewind);
    const loadSeconds = (performance.now() - loadStart) / 1000;
    await rewind.startWorkers(Number(values.workers));
    const foldStart = performance.now();
    const job = await rebuild(rewind);
    const jobSeconds = (performance.now() - foldStart) / 1000;
    clearInterval(timer);
    const stages = [...new Set(samples.map((sample) => sample.stage))];
    const memory = Object.fromEntries(
      stages.map((name) => [name, { nodeMiB: quarters(name, 'node'), engineMiB: quarters(name, 'engine') }]),
    );
    const result = {
      events,
      entities,
      loadEventsPerSecond: Math.round(events / loadSeconds),
      jobSeconds: Math.round(jobSeconds * 10) / 10,
      jobEventsPerSecond: Math.round(events / jobSeconds),
      counters: job.counters,
      verdict: job.result?.verdict,
      dataMiB: Math.round(directoryBytes(dataDir) / 2 ** 20),
      memoryByQuarterOfStage: memory,
    };
    if (!values['no-save']) saveResults({ rssBytesMax: peakBytes(), scale: result });
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  } finally {
    clearInterval(timer);
    await rewind.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

await main();
