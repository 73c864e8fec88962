/**
 * How far a job's input is there: the valid segments of the collect units, against the frozen ranges of the plan.
 */
import type { FrozenSpec, PartitionPlan } from '../../schemas/job.js';
import { ARCHIVE_SCOPE, archivePartitionPrefix, COLLECT_PREFIX, collectUnitName } from '../collect/layout.js';
import type { InputRows } from '../store/selection.js';
import type { UnitLog } from '../store/unit-log.js';
import { plannedRanges } from './plan.js';
import { type ClaimRange, clipSegments, coveredRanges, missingRanges } from './segments.js';
import type { UnitState } from './units.js';

/** The archive's units of whole topics by `topicId/partition`, each in offset order: one read for each topic. */
export async function archiveUnitsByPartition(
  unitLog: UnitLog,
  topicIds: Iterable<string>,
): Promise<Map<string, UnitState[]>> {
  const byPartition = new Map<string, UnitState[]>();
  for (const topicId of new Set(topicIds)) {
    const units = await unitLog.readScope(ARCHIVE_SCOPE, `${topicId}/`);
    for (const [unit, state] of [...units].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const partition = unit.slice(0, unit.lastIndexOf('/'));
      const known = byPartition.get(partition);
      if (known === undefined) byPartition.set(partition, [state]);
      else known.push(state);
    }
  }
  return byPartition;
}

/** The archive's units of one partition in offset order. */
export async function archiveUnits(
  unitLog: UnitLog,
  topicId: string,
  partition: number,
): Promise<UnitState[]> {
  const units = await unitLog.readScope(ARCHIVE_SCOPE, archivePartitionPrefix(topicId, partition));
  return [...units.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, state]) => state);
}

export interface InputState {
  readonly complete: boolean;
  readonly collected: bigint;
  readonly toCollect: bigint;
  readonly input: InputRows;
}

/** Reads the unit log and says what of the planned input is there. */
export async function readInputState(unitLog: UnitLog, job: InputJob): Promise<InputState> {
  const rereads = job.spec.source === 'kafka';
  const parts = await partitionStates(unitLog, job);
  const toCollect = parts.reduce((sum, part) => sum + part.toCollect, 0n);
  const missing = parts.reduce((sum, part) => sum + part.missing, 0n);
  const ranges = parts.flatMap((part) => part.segments);
  return {
    complete: missing === 0n,
    collected: toCollect - missing,
    toCollect,
    input: rereads
      ? { table: 'replay_events', jobId: job.jobId, stage: 'collected', ranges }
      : { table: 'audit_events', jobId: '', stage: '', ranges },
  };
}

/** Of each partition from which something is collected: how many offsets are there, and how many are to be. */
export async function collectedByPartition(
  unitLog: UnitLog,
  job: InputJob,
): Promise<readonly { readonly partition: PartitionPlan; readonly done: number; readonly total: number }[]> {
  const parts = await partitionStates(unitLog, job);
  return parts
    .filter(({ toCollect }) => toCollect > 0n)
    .map(({ partition, toCollect, missing }) => ({
      partition,
      done: Number(toCollect - missing),
      total: Number(toCollect),
    }));
}

interface InputJob {
  readonly jobId: string;
  readonly spec: FrozenSpec;
  readonly partitions: readonly PartitionPlan[];
}

interface PartitionState {
  readonly partition: PartitionPlan;
  readonly segments: readonly ClaimRange[];
  readonly toCollect: bigint;
  readonly missing: bigint;
}

async function partitionStates(unitLog: UnitLog, job: InputJob): Promise<PartitionState[]> {
  const own = job.spec.source === 'kafka' ? await unitLog.readScope(job.jobId, COLLECT_PREFIX) : null;
  const topicIds = job.partitions.map(({ topicId }) => topicId);
  const archive = own === null ? await archiveUnitsByPartition(unitLog, topicIds) : null;
  return job.partitions.map((partition) => {
    const range = { from: BigInt(partition.from), to: BigInt(partition.to) };
    const wanted = partition.toCollect.map(([from, to]) => [BigInt(from), BigInt(to)] as const);
    const toCollect = wanted.reduce((sum, [from, to]) => sum + to - from, 0n);
    if (range.from >= range.to) return { partition, segments: [], toCollect, missing: 0n };
    const unit = own?.get(collectUnitName(partition.topicId, partition.partition));
    const archived = archive?.get(`${partition.topicId}/${partition.partition}`);
    const units = archived ?? (unit === undefined ? [] : [unit]);
    // Only what the plan names: what the archive has got since then belongs to later jobs.
    const segments = plannedRanges(partition).flatMap(([from, to]) => clipSegments(units, { from, to }));
    const open = missingRanges(coveredRanges(segments), range);
    return { partition, segments, toCollect, missing: overlap(open, wanted) };
  });
}

function overlap(
  a: readonly (readonly [bigint, bigint])[],
  b: readonly (readonly [bigint, bigint])[],
): bigint {
  let sum = 0n;
  for (const [from, to] of a) {
    for (const [start, end] of b) {
      const lo = from > start ? from : start;
      const hi = to < end ? to : end;
      if (lo < hi) sum += hi - lo;
    }
  }
  return sum;
}
