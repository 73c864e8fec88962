/**
 * `npm run bench:jobs`: what it costs to keep thousands of finished jobs. Small rebuilds of one history, one after another;
 * at the start and at the end: how fast they go, how long the API takes to answer, and what the processes do while
 * nothing is asked of them. `-- --jobs 500` for fewer.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SCALE_TENANT, scaleEvents } from '../processors/generate/scale.js';
import { apiLatencies, timed } from './api-latency.js';
import { type JobsSeen, writeFigures } from './figures.js';
import { usageOf } from './measure.js';
import { eventLine, postLines } from './ndjson.js';
import { Ours } from './ours.js';
import { median, saveResults } from './results.js';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '1000' },
    'no-save': { type: 'boolean', default: false },
  },
});

const EVENTS = 500;
const ENTITIES = 50;
/** Jobs of one look at the speed. */
const STRETCH = 50;
const REQUESTS = 100;
const IDLE_MS = 10_000;
/** As many as a tenant may have at once by default. */
const AT_ONCE = 4;
/** Rounds of the workers and the sweeps of the store calm down for so long. */
const SETTLE_MS = 5_000;

async function ingest(ours: Ours): Promise<void> {
  const startNs = 1_704_067_200_000_000_000n;
  const options = { seed: 1, events: EVENTS, entities: ENTITIES, partitions: 1, startNs, stepNs: 1_000_000n };
  await postLines(
    ours,
    [...scaleEvents(options)].map(({ event }) => eventLine(event)),
  );
}

/** Some at once, each followed by the next. */
async function runJobs(ours: Ours, count: number): Promise<{ last: string; medianSeconds: number }> {
  let left = count;
  let last = '';
  const seconds: number[] = [];
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const job = await ours.complete({ source: 'archive' });
      last = job.job_id;
      seconds.push((Date.parse(job.completed_at) - Date.parse(job.created_at)) / 1000);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return { last, medianSeconds: seconds.length === 0 ? 0 : median(seconds) };
}

async function look(ours: Ours, jobs: number, startSeconds: number): Promise<JobsSeen> {
  const { last, medianSeconds } = await runJobs(ours, STRETCH);
  await sleep(SETTLE_MS);
  const before = [ours.pids.node, ours.pids.engine].map(usageOf);
  await sleep(IDLE_MS);
  const after = [ours.pids.node, ours.pids.engine].map(usageOf);
  const [node, engine] = after.map((usage, i) => {
    const cpu = ((usage.cpuSeconds - before[i]!.cpuSeconds) * 1000) / IDLE_MS;
    return { cpu: Math.round(cpu * 1000) / 1000, rss: Math.round(usage.peakRssBytes / 2 ** 20) };
  });
  const tenant = `/tenants/${SCALE_TENANT}`;
  const latencies = {
    ...(await apiLatencies(ours, last, EVENTS, REQUESTS)),
    'list of jobs (100)': await timed(() => ours.get(`${tenant}/replay-jobs?limit=100`), REQUESTS),
    overview: await timed(() => ours.get(`${tenant}/overview`), REQUESTS),
  };
  const [parts] = await ours.store.query<{ count: string }>(
    `SELECT toString(count()) AS count FROM system.parts WHERE active AND database = 'rewind'`,
  );
  return {
    jobs: jobs + STRETCH,
    secondsPerJob: Math.round(medianSeconds * 1000) / 1000,
    p50Ms: Object.fromEntries(Object.entries(latencies).map(([name, { p50Ms }]) => [name, p50Ms])),
    idleCpu: { node: node!.cpu, engine: engine!.cpu },
    peakRssMiB: { node: node!.rss, engine: engine!.rss },
    parts: Number(parts!.count),
    startSeconds,
  };
}

async function started(dataDir: string): Promise<{ ours: Ours; seconds: number }> {
  const began = performance.now();
  const ours = await Ours.start(dataDir);
  return { ours, seconds: Math.round((performance.now() - began) / 100) / 10 };
}

async function main(): Promise<void> {
  const count = Number(values.jobs);
  const dataDir = mkdtempSync(join(tmpdir(), 'rewind-bench-jobs-'));
  let { ours, seconds } = await started(dataDir);
  try {
    await ingest(ours);
    // The first collects.
    await runJobs(ours, 1);
    const few = await look(ours, 1, seconds);
    await runJobs(ours, count - few.jobs - STRETCH);
    await ours.stop();
    ({ ours, seconds } = await started(dataDir));
    const many = await look(ours, count - STRETCH, seconds);
    const jobs = [few, many];
    if (!values['no-save']) writeFigures(saveResults({ jobs }));
    process.stdout.write(`${JSON.stringify(jobs)}\n`);
  } finally {
    await ours.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

await main();
