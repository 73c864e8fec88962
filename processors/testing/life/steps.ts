/**
 * Steps in the lives of jobs, and the model that says which outcomes are legal. Jobs go on by themselves all the while, so
 * the model knows what was asked of a job and how it has ended, and a step may find that an end came first.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { RewindError } from '../../../schemas/errors.js';
import type { JobStatus } from '../../../schemas/job.js';
import type { JobView } from '../../replay/service.js';
import type { LifeWorld } from './world.js';

export interface ModelJob {
  readonly jobId: string;
  readonly parent: string | null;
  /** What was asked of it last. */
  asked: 'run' | 'pause';
  end: 'Complete' | 'Cancelled' | null;
  rows: 'keep' | 'drop';
  deleted: boolean;
}

export interface LifeModel {
  readonly jobs: ModelJob[];
}

type Step = fc.AsyncCommand<LifeModel, LifeWorld>;

/** What a job may be found as; an end that is seen once is for good. */
function legal(job: ModelJob): readonly JobStatus[] {
  if (job.end !== null) return [job.end];
  return job.asked === 'pause' ? ['Paused', 'Complete'] : ['Pending', 'Running', 'Complete'];
}

/** Compares with the model, and lets it know of an end. */
export function see(job: ModelJob, view: JobView): void {
  if (!legal(job).includes(view.status))
    throw new Error(
      `${job.jobId} is ${view.status}, which is none of ${legal(job)}: ${JSON.stringify(view.error)}`,
    );
  if (view.status === 'Complete') job.end = 'Complete';
  if ((view.deleted !== null) !== job.deleted)
    throw new Error(`${job.jobId}: deleted is ${JSON.stringify(view.deleted)}`);
}

/** The answer, or the code of the refusal. */
async function outcome(act: Promise<JobView>): Promise<JobView | string> {
  try {
    return await act;
  } catch (error) {
    if (error instanceof RewindError) return error.code;
    throw error;
  }
}

/** A step on one job: the pause before it lets the job get somewhere. */
abstract class JobStep implements Step {
  constructor(
    readonly which: number,
    readonly waitMs: number,
  ) {}

  check(): boolean {
    return true;
  }

  async run(model: LifeModel, world: LifeWorld): Promise<void> {
    await sleep(this.waitMs);
    const job = model.jobs[this.which % model.jobs.length]!;
    await this.act(job, world, model);
    see(job, await world.get(job.jobId));
  }

  protected abstract act(job: ModelJob, world: LifeWorld, model: LifeModel): Promise<void>;

  toString(): string {
    return `${this.waitMs} ms, ${this.constructor.name} ${this.which}`;
  }
}

/** A refusal because the job has ended must be true; returns the view of what was done. */
async function doneUnlessEnded(
  job: ModelJob,
  world: LifeWorld,
  act: Promise<JobView>,
): Promise<JobView | null> {
  const answer = await outcome(act);
  if (typeof answer !== 'string') return answer;
  if (answer !== 'job_finished') throw new Error(`${job.jobId}: refused with ${answer}`);
  const { status } = await world.get(job.jobId);
  if (job.end === null && status === 'Complete') job.end = 'Complete';
  if (job.end === null) throw new Error(`${job.jobId}: refused as finished, but is ${status}`);
  return null;
}

class Pause extends JobStep {
  protected async act(job: ModelJob, world: LifeWorld): Promise<void> {
    const view = await doneUnlessEnded(job, world, world.life.pause(world.tenant, job.jobId, 'test'));
    if (view !== null) job.asked = 'pause';
  }
}

class Resume extends JobStep {
  protected async act(job: ModelJob, world: LifeWorld): Promise<void> {
    const view = await doneUnlessEnded(job, world, world.life.resume(world.tenant, job.jobId, 'test'));
    if (view !== null) job.asked = 'run';
  }
}

class Cancel extends JobStep {
  constructor(
    which: number,
    waitMs: number,
    readonly rows: 'keep' | 'drop',
  ) {
    super(which, waitMs);
  }

  protected async act(job: ModelJob, world: LifeWorld): Promise<void> {
    const act = world.life.cancel(world.tenant, job.jobId, 'test', this.rows);
    const view = await doneUnlessEnded(job, world, act);
    if (view === null || job.end === 'Cancelled') return;
    if (view.status !== 'Cancelled') throw new Error(`${job.jobId} was cancelled and is ${view.status}`);
    job.end = 'Cancelled';
    job.rows = this.rows;
    if (this.rows === 'drop') await world.checkNothingShows(job.jobId);
  }

  override toString(): string {
    return `${super.toString()} ${this.rows}`;
  }
}

class Rerun extends JobStep {
  protected async act(job: ModelJob, world: LifeWorld, model: LifeModel): Promise<void> {
    // More jobs would only wait for one another.
    if (model.jobs.length >= JOBS_MAX) return;
    const view = await world.life.rerun(world.tenant, job.jobId, 'test');
    model.jobs.push(newJob(view));
    if (view.spec.parentJobId !== job.jobId) throw new Error(`${view.jobId} has another parent`);
  }
}

class Remove extends JobStep {
  protected async act(job: ModelJob, world: LifeWorld): Promise<void> {
    const answer = await outcome(world.life.remove(world.tenant, job.jobId, 'test'));
    if (typeof answer === 'string') {
      if (answer !== 'job_active' || job.end !== null)
        throw new Error(`${job.jobId}: refused with ${answer}`);
      return;
    }
    if (job.end === null && answer.status !== 'Complete')
      throw new Error(`${job.jobId} was deleted while it is ${answer.status}`);
    job.deleted = true;
    await world.checkNothingShows(job.jobId);
  }
}

/** Whoever reads meanwhile sees whole entities of the final result, and nothing of what is gone. */
class Look extends JobStep {
  protected async act(job: ModelJob, world: LifeWorld): Promise<void> {
    if (isGone(job)) await world.checkNothingShows(job.jobId);
    else await world.checkPart(job.jobId);
  }
}

class Kill implements Step {
  constructor(
    readonly which: number,
    readonly waitMs: number,
  ) {}

  check(): boolean {
    return true;
  }

  async run(_: LifeModel, world: LifeWorld): Promise<void> {
    await sleep(this.waitMs);
    await world.kill(this.which);
  }

  toString(): string {
    return `${this.waitMs} ms, kill worker ${this.which}`;
  }
}

const JOBS_MAX = 3;

function newJob(view: JobView): ModelJob {
  const parent = view.spec.parentJobId;
  return { jobId: view.jobId, parent, asked: 'run', end: null, rows: 'keep', deleted: false };
}

function isGone(job: ModelJob): boolean {
  return job.deleted || (job.end === 'Cancelled' && job.rows === 'drop');
}

const which = fc.nat({ max: 5 });
const waitMs = fc.nat({ max: 700 });
const at = fc.tuple(which, waitMs);

export const lifeSteps = (maxCommands: number) =>
  fc.commands(
    [
      at.map((args) => new Pause(...args)),
      at.map((args) => new Resume(...args)),
      at.map((args) => new Kill(...args)),
      at.map((args) => new Kill(...args)),
      at.map((args) => new Look(...args)),
      at.map((args) => new Rerun(...args)),
      at.map((args) => new Remove(...args)),
      fc
        .tuple(which, waitMs, fc.constantFrom<'keep' | 'drop'>('keep', 'drop'))
        .map((args) => new Cancel(...args)),
    ],
    { maxCommands, size: 'max' },
  );

export async function beginLife(world: LifeWorld): Promise<LifeModel> {
  return { jobs: [newJob(await world.create())] };
}

/** Lets every job come to its end, and throws where it is not the one that its life led to. */
export async function endLife({ jobs }: LifeModel, world: LifeWorld): Promise<void> {
  for (const job of jobs) {
    if (job.end === null && job.asked === 'pause') {
      await outcome(world.life.resume(world.tenant, job.jobId, 'test'));
      job.asked = 'run';
    }
  }
  for (const job of jobs) await endJob(job, world);
}

async function endJob(job: ModelJob, world: LifeWorld): Promise<void> {
  if (job.end === null) await world.until(job.jobId, ({ status }) => status === 'Complete');
  const view = await world.get(job.jobId);
  see(job, view);
  const shown = await world.shownStatus(job.jobId);
  if (shown !== view.status) throw new Error(`v1_runs shows ${job.jobId} as ${shown}, it is ${view.status}`);
  if (isGone(job)) {
    await world.checkNothingShows(job.jobId);
    await world.untilGone(job.jobId);
  } else if (job.end === 'Complete') {
    await world.checkWhole(view);
  } else {
    await endKept(job, world);
  }
}

/** A cancelled job keeps what was sealed; one that had folded nothing has nothing, and no result. */
async function endKept(job: ModelJob, world: LifeWorld): Promise<void> {
  const { result } = await world.untilSettled(job.jobId);
  const rows = await world.checkPart(job.jobId);
  if ((result?.counters.snapshots ?? 0) !== rows)
    throw new Error(`${job.jobId} keeps ${rows} rows, and counts ${JSON.stringify(result?.counters)}`);
  if (result !== null && !result.verdict.reasons.includes('cancelled'))
    throw new Error(`${job.jobId} does not say that it was cancelled: ${JSON.stringify(result.verdict)}`);
}
