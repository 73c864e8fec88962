/**
 * What a verification works on: exactly the input that the run's own job froze, cut into other units, folded the other way
 * where there is one. Pure but for reading the run's job.
 */
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import type { FrozenSpec, ReplayPlan } from '../../schemas/job.js';
import type { FoldingBody, UnitRange } from '../replay/pipeline.js';
import { plannedRanges } from '../replay/plan.js';
import { unitRanges } from '../replay/unit-ranges.js';
import type { JobLog, StoredJob } from '../store/job-log.js';

/** The run that a verification is of. Rejects with not_verifiable, base_unusable. */
export async function verifiedRun(
  jobLog: Pick<JobLog, 'read' | 'isDropped'>,
  tenantId: string,
  jobId: string,
): Promise<StoredJob> {
  const job = await jobLog.read(tenantId, jobId);
  if (job === null) throw new RewindError('job_not_found', 'this tenant has no such job');
  const spec = job.state.spec as FrozenSpec;
  if (spec.jobType !== 'StateRebuild')
    throw new RewindError('not_verifiable', `job ${jobId} is a ${spec.jobType} and keeps no snapshots`);
  if (job.state.dropped) throw new RewindError('rows_dropped', `job ${jobId} keeps no rows`);
  if (job.state.status !== 'Complete')
    throw new RewindError('not_verifiable', `job ${jobId} is ${job.state.status}, not Complete`);
  const { base } = spec;
  if (base !== undefined && (await jobLog.isDropped(tenantId, base.jobId)))
    throw new RewindError(
      'base_unusable',
      `job ${jobId} goes on from ${base.jobId}, whose rows were deleted: there is nothing to begin with again`,
    );
  return job;
}

/** Nothing is read from the log: the run has collected it. */
export function verifyPlan(run: StoredJob, config: Pick<Config, 'replay'>): ReplayPlan {
  const plan = run.state.plan as ReplayPlan;
  const { outputs: _, ...kept } = plan;
  const mayStore = config.replay.foldInStore;
  const foldIn = plan.foldIn === 'store' || !mayStore ? 'worker' : 'store';
  return {
    ...kept,
    partitions: plan.partitions.map((partition) => ({
      ...partition,
      archived: plannedRanges(partition).map(([from, to]) => [from.toString(), to.toString()] as const),
      toCollect: [],
    })),
    group: null,
    recordsToCollect: '0',
    bytesToRead: '0',
    rowsToWrite: '0',
    diskNeededBytes: '0',
    foldIn,
    foldReason: `the run itself was planned for the ${plan.foldIn}`,
    warnings: [],
  };
}

export function verifyFolding(run: StoredJob, unitsMax: number): FoldingBody {
  const folding = run.state.folding as FoldingBody;
  return { ...folding, units: otherUnits(folding.units.length, unitsMax) };
}

/** More and smaller units than the run had, whose borders are others; fewer where there can be no more. */
export function otherUnits(count: number, unitsMax: number): UnitRange[] {
  const more = 2 * count + 1;
  const other = more <= unitsMax ? more : Math.max(1, Math.floor(count / 2));
  return unitRanges('fold/', other);
}
