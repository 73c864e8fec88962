/** kill -9 at random moments of a run: workers, whichever coordinates, the engine; and a broker that goes and comes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalKafka } from '../../../deploy/local/start.js';
import type { Prng } from '../../generate/prng.js';
import { CHAOS_TENANT } from './input.js';
import type { WorkerProcess } from './worker-process.js';
import type { ChaosWorld } from './world.js';

/** Moments between two kills; the engine gives up for a while when it is killed more than 20 times in a minute. */
const BETWEEN_MIN_MS = 200;
const BETWEEN_MAX_MS = 1_500;
const WORKER_START_MAX_MS = 30_000;

export interface Tally {
  workerKills: number;
  coordinatorKills: number;
  engineKills: number;
  hardBounces: number;
  cleanBounces: number;
}

export function kills(tally: Tally): number {
  return tally.workerKills + tally.coordinatorKills + tally.engineKills;
}

export function bounces(tally: Tally): number {
  return tally.hardBounces + tally.cleanBounces;
}

export interface RandomKillsOptions {
  readonly world: ChaosWorld;
  readonly jobId: string;
  readonly prng: Prng;
  readonly tally: Tally;
  readonly maxKills: number;
  /** Bounced at most this often in all; only while the run collects. */
  readonly kafka: LocalKafka | null;
  readonly maxBounces: number;
}

/** Goes on until the job ends or the limits are reached. */
export async function killAtRandom(options: RandomKillsOptions, signal: AbortSignal): Promise<void> {
  const { world, jobId, prng, tally, kafka } = options;
  while (!signal.aborted && (kills(tally) < options.maxKills || bounces(tally) < options.maxBounces)) {
    await sleep(prng.int(BETWEEN_MIN_MS, BETWEEN_MAX_MS));
    if (signal.aborted) return;
    const mayBounce = kafka !== null && bounces(tally) < options.maxBounces && prng.chance(0.4);
    if (mayBounce && (await stageOf(world, jobId)) === 'collect') {
      await bounce(kafka, tally, prng);
      continue;
    }
    if (kills(tally) >= options.maxKills) continue;
    const dice = prng.float();
    if (dice < 0.2) {
      if (killEngine(world)) tally.engineKills++;
    } else if (dice < 0.55) {
      if (await killCoordinator(world, jobId)) tally.coordinatorKills++;
    } else if (await killWorker(world, prng.pick(world.workers))) {
      tally.workerKills++;
    }
  }
}

/** False: it has not come back from the last kill yet. */
function killEngine(world: ChaosWorld): boolean {
  try {
    return process.kill(world.enginePid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function bounce(kafka: LocalKafka, tally: Tally, prng: Prng): Promise<void> {
  const hard = prng.chance(0.5);
  await kafka.restart(hard ? 'hard' : 'clean');
  if (hard) tally.hardBounces++;
  else tally.cleanBounces++;
}

async function stageOf(world: ChaosWorld, jobId: string): Promise<string> {
  const job = await world.patiently(() => world.rewind.replay.get(CHAOS_TENANT, jobId));
  return job.progress.stage;
}

async function killCoordinator(world: ChaosWorld, jobId: string): Promise<boolean> {
  const { views } = world;
  const rows = await world.patiently(() =>
    views.query<{ pid: string }>(
      `SELECT splitByChar('/', worker)[2] AS pid FROM ${views.t('unit_log')}
       WHERE scope = {jobId:String} AND unit = 'coordinator' AND kind = 'claim'
       ORDER BY _block_number DESC, _block_offset DESC LIMIT 1`,
      { jobId },
    ),
  );
  const holder = world.workers.find((worker) => String(worker.pid) === rows[0]?.pid);
  return holder !== undefined && killWorker(world, holder);
}

/** Another takes its place, and gets the time to come up: a world without workers proves nothing. */
async function killWorker(world: ChaosWorld, worker: WorkerProcess): Promise<boolean> {
  if (!worker.alive) return false;
  await worker.kill();
  const next = world.startWorker();
  await Promise.race([next.ready(), sleep(WORKER_START_MAX_MS, undefined, { ref: false })]);
  return true;
}
