/** One failpoint: a worker runs into it alone, another takes over, and the run ends as an uninterrupted one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { FAILPOINT_REACHED, type FailpointAction, type FailpointName } from '../failpoints.js';
import { differences, type RunPicture } from './result.js';
import { ViewReader } from './view-reader.js';
import type { WorkerProcess } from './worker-process.js';
import type { ChaosWorld } from './world.js';

const HIT_MAX_MS = 60_000;
const JOB_MAX_MS = 120_000;

export interface Interruption {
  readonly failpoint: FailpointName;
  readonly hit: number;
  readonly action: FailpointAction;
  readonly source: 'auto' | 'archive' | 'kafka';
}

/** Every place where it matters, with what can happen there; collecting needs a Kafka. */
export const FOLD_INTERRUPTIONS: readonly Interruption[] = [
  { failpoint: 'unit.claimed', hit: 2, action: 'kill', source: 'archive' },
  { failpoint: 'fold.inserting', hit: 2, action: 'kill', source: 'archive' },
  { failpoint: 'fold.stored', hit: 2, action: 'lose-answer', source: 'archive' },
  { failpoint: 'unit.stored', hit: 2, action: 'kill', source: 'archive' },
  { failpoint: 'unit.stored', hit: 2, action: 'freeze', source: 'archive' },
  { failpoint: 'unit.manifest', hit: 2, action: 'kill', source: 'archive' },
  { failpoint: 'unit.manifest', hit: 2, action: 'lose-answer', source: 'archive' },
  { failpoint: 'coordinator.planned', hit: 1, action: 'kill', source: 'archive' },
  { failpoint: 'coordinator.collected', hit: 1, action: 'kill', source: 'archive' },
  { failpoint: 'coordinator.folded', hit: 1, action: 'kill', source: 'archive' },
  { failpoint: 'coordinator.sealed', hit: 1, action: 'kill', source: 'archive' },
];

export const COLLECT_INTERRUPTIONS: readonly Interruption[] = [
  { failpoint: 'collect.decoded', hit: 2, action: 'kill', source: 'kafka' },
  { failpoint: 'collect.inserting', hit: 2, action: 'kill', source: 'kafka' },
  { failpoint: 'collect.stored', hit: 2, action: 'kill', source: 'kafka' },
  { failpoint: 'collect.stored', hit: 2, action: 'lose-answer', source: 'kafka' },
  { failpoint: 'collect.stored', hit: 2, action: 'freeze', source: 'kafka' },
  { failpoint: 'collect.manifest', hit: 2, action: 'lose-answer', source: 'kafka' },
  { failpoint: 'collect.manifest', hit: 2, action: 'kill', source: 'kafka' },
];

/** What is wrong with the interrupted run, in words; empty: it equals the expected one and no reader saw otherwise. */
export async function runInterrupted(
  world: ChaosWorld,
  expected: RunPicture,
  interruption: Interruption,
): Promise<string[]> {
  const { failpoint, hit, action, source } = interruption;
  const victim = world.startWorker(`${failpoint}:${hit}:${action}`);
  const jobId = await world.createJob(source);
  const reader = new ViewReader(world, jobId, expected);
  const found: string[] = [];
  try {
    if (action === 'kill') {
      await until(() => !victim.alive, world);
      if (victim.signal !== 'SIGKILL') found.push(`the victim ended by itself: ${victim.output}`);
    } else if (action === 'freeze') {
      await until(() => victim.frozen, world);
    }
    // After a lost answer the same process has to find its way.
    if (action !== 'lose-answer') world.startWorker();
    if (action === 'freeze') found.push(...(await wakeAfterTakeOver(world, jobId, victim)));
    await world.untilEnded(jobId, JOB_MAX_MS);
    if (!victim.output.includes(`${FAILPOINT_REACHED} ${failpoint}`))
      found.push(`the failpoint was not reached: ${victim.output}`);
    found.push(...differences(expected, await world.picture(jobId)));
  } finally {
    found.push(...(await reader.stop()));
    await world.killWorkers();
  }
  return found;
}

/** Lets the frozen worker go on once another holds what it held; its manifest must come too late. */
async function wakeAfterTakeOver(world: ChaosWorld, jobId: string, victim: WorkerProcess): Promise<string[]> {
  const held = await unitsHeld(world, jobId, victim.pid);
  await until(async () => {
    const now = await unitsHeld(world, jobId, victim.pid);
    return [...held].some(([unit, claim]) => now.get(unit) !== claim);
  }, world);
  const claims = [...held.values()];
  const before = await manifestsUnder(world, jobId, claims);
  victim.wake();
  // The store may have closed the connection of a sleeper: then it says so and tries anew under another claim.
  await until(
    async () => (await manifestsUnder(world, jobId, claims)) > before || victim.output.includes('unit.retry'),
    world,
  );
  return held.size === 0 ? ['the frozen worker held nothing'] : [];
}

/** Manifests in the log under the claims, whether they count or came too late. */
async function manifestsUnder(world: ChaosWorld, jobId: string, claims: readonly string[]): Promise<number> {
  const { views } = world;
  const rows = await world.patiently(() =>
    views.query<{ count: string }>(
      `SELECT toString(count()) AS count FROM ${views.t('unit_log')}
       WHERE scope = {jobId:String} AND kind = 'manifest' AND claim IN {claims:Array(UInt64)}`,
      { jobId, claims: claims.map(BigInt) },
    ),
  );
  return Number(rows[0]!.count);
}

/** Unit and claim of everything whose last claim is that process's own. */
async function unitsHeld(world: ChaosWorld, jobId: string, pid: number): Promise<Map<string, string>> {
  const { views } = world;
  const rows = await world.patiently(() =>
    views.query<{ unit: string; claim: string; pid: string }>(
      `SELECT unit, argMax(toString(claim), (_block_number, _block_offset)) AS claim,
         splitByChar('/', argMax(worker, (_block_number, _block_offset)))[2] AS pid
       FROM ${views.t('unit_log')} WHERE scope = {jobId:String} AND kind = 'claim' AND unit NOT IN (
         SELECT unit FROM ${views.t('unit_log')} WHERE scope = {jobId:String} AND kind = 'manifest' AND final = 1)
       GROUP BY unit`,
      { jobId },
    ),
  );
  return new Map(rows.filter((row) => row.pid === String(pid)).map((row) => [row.unit, row.claim]));
}

async function until(reached: () => boolean | Promise<boolean>, world: ChaosWorld): Promise<void> {
  const deadline = performance.now() + HIT_MAX_MS;
  while (!(await reached())) {
    if (performance.now() > deadline) throw new Error(`the failpoint was not reached: ${world.words}`);
    await sleep(20);
  }
}
