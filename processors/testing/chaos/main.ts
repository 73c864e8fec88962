/**
 * The long chaos suite: `npm run test:chaos [-- --kills N --bounces N --events N --seed N]`. Rebuilds the same history
 * again and again on a real Kafka, a real engine and worker processes from dist/, while all of them are killed at random,
 * and then once for each failpoint. Every run must equal the uninterrupted one. Exit code 1: one did not.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type LocalKafka, startLocalKafka } from '../../../deploy/local/start.js';
import { Prng } from '../../generate/prng.js';
import { appendInput, type ChaosInput } from './input.js';
import { COLLECT_INTERRUPTIONS, FOLD_INTERRUPTIONS, runInterrupted } from './interrupted.js';
import { bounces, killAtRandom, kills, type Tally } from './random-kills.js';
import { differences, type RunPicture } from './result.js';
import { ViewReader } from './view-reader.js';
import { ChaosWorld } from './world.js';

const JOB_MAX_MS = 900_000;
const WORKERS = 2;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    bounces: { type: 'string', default: '5' },
    events: { type: 'string', default: '200000' },
    entities: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    failpoints: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const options = {
  kills: Number(values.kills),
  bounces: Number(values.bounces),
  events: Number(values.events),
  entities: Number(values.entities),
};
const started = performance.now();
const say = (line: string): void => {
  process.stdout.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(7)} s  ${line}\n`);
};
const failures: string[] = [];

function judge(what: string, found: readonly string[]): void {
  say(`${found.length === 0 ? 'equal' : 'DIFFERS'}: ${what}`);
  for (const finding of found) say(`    ${finding}`);
  failures.push(...found.map((finding) => `${what}: ${finding}`));
}

/** The uninterrupted run, checked against what the generator says was put in. */
async function baseline(world: ChaosWorld, input: ChaosInput): Promise<RunPicture> {
  for (let i = 0; i < WORKERS; i++) world.startWorker();
  const jobId = await world.createJob('kafka');
  await world.untilEnded(jobId, JOB_MAX_MS);
  const picture = await world.picture(jobId);
  await world.killWorkers();
  const { scanned, processed, duplicates, conflicts, failed } = picture.counters;
  const got = JSON.stringify({ scanned, processed, duplicates, conflicts, failed });
  const wanted = JSON.stringify({
    scanned: input.records,
    processed: input.events - input.poison,
    duplicates: input.duplicates,
    conflicts: input.conflicts,
    failed: input.poison + input.undecodable,
  });
  judge(`uninterrupted run ${got}`, got === wanted ? [] : [`expected ${wanted}`]);
  return picture;
}

async function randomRuns(world: ChaosWorld, kafka: LocalKafka, expected: RunPicture): Promise<void> {
  const prng = new Prng(Number(values.seed));
  const tally: Tally = {
    workerKills: 0,
    coordinatorKills: 0,
    engineKills: 0,
    hardBounces: 0,
    cleanBounces: 0,
  };
  const sums = { runs: 0, polls: 0, partialPolls: 0, takeOvers: 0 };
  const from = performance.now();
  while (kills(tally) < options.kills || bounces(tally) < options.bounces) {
    while (world.workers.length < WORKERS) world.startWorker();
    // The first one is collected into the archive, the others into tables of their own.
    const jobId = await world.createJob(sums.runs === 0 ? 'auto' : 'kafka');
    const reader = new ViewReader(world, jobId, expected);
    const stop = new AbortController();
    const limits = { maxKills: options.kills, maxBounces: options.bounces };
    const killing = killAtRandom({ world, jobId, prng, tally, kafka, ...limits }, stop.signal);
    await world.untilEnded(jobId, JOB_MAX_MS);
    stop.abort();
    await killing;
    const found = differences(expected, await world.picture(jobId));
    found.push(...(await reader.stop()));
    sums.runs++;
    sums.polls += reader.polls;
    sums.partialPolls += reader.partialPolls;
    sums.takeOvers += await takeOvers(world, jobId);
    judge(`run ${sums.runs} after ${kills(tally)} kills and ${bounces(tally)} bounces`, found);
  }
  await world.killWorkers();
  const seconds = ((performance.now() - from) / 1000).toFixed(0);
  say(
    `random: ${kills(tally)} kills (${tally.workerKills} worker, ${tally.coordinatorKills} coordinator, ` +
      `${tally.engineKills} engine), ${bounces(tally)} broker bounces (${tally.hardBounces} hard, ` +
      `${tally.cleanBounces} clean), ${sums.takeOvers} take-overs, ${sums.runs} runs of ${options.events} events, ` +
      `${sums.polls} polls (${sums.partialPolls} of a part), ${seconds} s, seed ${values.seed}`,
  );
}

/** Claims beyond the first of each unit. */
async function takeOvers(world: ChaosWorld, jobId: string): Promise<number> {
  const { views } = world;
  const rows = await world.patiently(() =>
    views.query<{ count: string }>(
      `SELECT toString(count() - uniqExact(unit)) AS count FROM ${views.t('unit_log')}
       WHERE scope = {jobId:String} AND kind = 'claim'`,
      { jobId },
    ),
  );
  return Number(rows[0]!.count);
}

async function failpointRuns(world: ChaosWorld, expected: RunPicture): Promise<void> {
  const from = performance.now();
  const all = [...COLLECT_INTERRUPTIONS, ...FOLD_INTERRUPTIONS];
  // The fold's failpoints read the archive: this fills it, unless a run above did.
  world.startWorker();
  const filling = await world.createJob('auto');
  await world.untilEnded(filling, JOB_MAX_MS);
  judge('run from the archive', differences(expected, await world.picture(filling)));
  await world.killWorkers();
  for (const interruption of all) {
    const { failpoint, hit, action } = interruption;
    const name = `${action} at ${failpoint}, pass ${hit}`;
    judge(
      name,
      await runInterrupted(world, expected, interruption).catch((error: unknown) => [String(error)]),
    );
  }
  say(`failpoints: ${all.length}, ${((performance.now() - from) / 1000).toFixed(0)} s`);
}

// Asked to stop: the exit handlers of workers, engine and broker end them.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const dir = await mkdtemp(join(tmpdir(), 'rewind-chaos-kafka-'));
try {
  const kafka = await startLocalKafka({ dataDir: dir, log: say });
  const world = await ChaosWorld.start({
    brokers: kafka.brokers,
    unitEvents: 5_000,
    collectRows: 5_000,
  }).catch(async (error: unknown) => {
    await kafka.stop();
    throw error;
  });
  try {
    const input = await appendInput(world.rewind, options.events, options.entities);
    say(`${input.records} records are in the log`);
    const expected = await baseline(world, input);
    if (options.kills + options.bounces > 0) await randomRuns(world, kafka, expected);
    if (values.failpoints) await failpointRuns(world, expected);
  } finally {
    await world.stop();
    await kafka.stop();
  }
} finally {
  await rm(dir, { recursive: true, force: true });
}
say(failures.length === 0 ? 'every run equals the uninterrupted one' : `${failures.length} findings`);
process.exitCode = failures.length === 0 ? 0 : 1;
