/**
 * The plan of a job, as a pure function of what was found in the log and in the archive. The planner, the coordinator
 * and `rewind replay plan` share it: what is shown is what is done.
 */
import type { FrozenSpec, PartitionPlan, VerdictReason } from '../../schemas/job.js';
import { missingRanges } from './segments.js';

/** What the survey found for one partition. Offsets are exclusive at the end; times are milliseconds. */
export interface PartitionFacts {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly logStart: bigint;
  /** Last stable offset: the end that read_committed readers reach. */
  readonly logEnd: bigint;
  /** Above logEnd: an open transaction holds records back. */
  readonly highWatermark: bigint;
  readonly compacted: boolean;
  /** First offset with record time ≥ the margin-adjusted start; null: none. */
  readonly startByIndex: bigint | null;
  /** Largest event time minus record time in the sample; null: nothing could be sampled. */
  readonly skewMs: number | null;
  readonly sampled: number;
  readonly firstRecordTime: string | null;
  /** Record time of the first record that the log still holds; null: empty. */
  readonly oldestRecordMs: number | null;
  /** Covered by the archive, ascending and disjoint. */
  readonly archived: readonly (readonly [bigint, bigint])[];
}

/** Skew up to which the record-time index is used with a margin; beyond it the partition is read from its start. */
export const SKEW_WIDENED_MAX_MS = 3_600_000;

export interface StartChoice {
  readonly strategy: PartitionPlan['strategy'];
  /** How long before the range's start the look-up by record time begins; null: no look-up. */
  readonly marginMs: number | null;
}

/**
 * Where to start reading. A record may lie before the index's answer only if its event time is later than its record
 * time: that difference is the skew that matters.
 */
export function chooseStart(
  spec: FrozenSpec,
  facts: { skewMs: number | null; sampled: number; empty: boolean },
): StartChoice {
  if (facts.empty) return { strategy: 'empty', marginMs: null };
  if (spec.startOffsets === 'full' || facts.skewMs === null || facts.skewMs > SKEW_WIDENED_MAX_MS) {
    return { strategy: 'full scan', marginMs: null };
  }
  if (facts.skewMs <= 0) return { strategy: 'record-time index', marginMs: 0 };
  return { strategy: 'widened', marginMs: facts.skewMs * 2 + 1000 };
}

/** The plan of one partition of the log. `rereads`: source kafka, which takes nothing from the archive. */
export function planPartition(
  facts: PartitionFacts,
  choice: StartChoice,
  spec: FrozenSpec,
  options: { rereads: boolean },
): PartitionPlan {
  const to = facts.logEnd;
  let from = facts.logStart;
  if (choice.marginMs !== null) from = facts.startByIndex ?? to;
  // What the archive holds from before the log's start was truncated is still history.
  const oldest = facts.archived[0]?.[0];
  const archivedFirst = choice.strategy === 'full scan' || choice.strategy === 'empty';
  if (!options.rereads && archivedFirst && oldest !== undefined && oldest < from) from = oldest;
  const archived = options.rereads ? [] : clipAll(facts.archived, from, to);
  const missing = missingRanges(archived, { from, to });
  // Below the log's start nothing can be read any more.
  const toCollect = missing
    .map(([start, end]) => [start > facts.logStart ? start : facts.logStart, end] as const)
    .filter(([start, end]) => end > start);
  const gone = missing.filter(([start]) => start < facts.logStart);
  return {
    topic: facts.topic,
    topicId: facts.topicId,
    partition: facts.partition,
    logStart: facts.logStart.toString(),
    logEnd: facts.logEnd.toString(),
    from: from.toString(),
    to: to.toString(),
    strategy: choice.strategy,
    firstRecordTime: facts.firstRecordTime,
    skewMs: facts.skewMs,
    sampled: facts.sampled,
    archived: archived.map(([a, b]) => [a.toString(), b.toString()] as const),
    toCollect: toCollect.map(([a, b]) => [a.toString(), b.toString()] as const),
    warnings: [
      ...partitionWarnings(facts, spec, from),
      ...gone.map(([start]) => `retention: offsets from ${start} were deleted before they were archived`),
    ],
  };
}

/**
 * The plan of a partition for a job that runs another one again: the same offsets, which are those that the other job's
 * plan had archived or to collect, and no others, whatever the archive and the log hold by now.
 */
export function planAgain(
  plan: PartitionPlan,
  covered: readonly (readonly [bigint, bigint])[],
): PartitionPlan {
  const archived: (readonly [string, string])[] = [];
  const toCollect: (readonly [string, string])[] = [];
  const text = ([a, b]: readonly [bigint, bigint]) => [a.toString(), b.toString()] as const;
  for (const [from, to] of plannedRanges(plan)) {
    archived.push(...clipAll(covered, from, to).map(text));
    toCollect.push(...missingRanges(clipAll(covered, from, to), { from, to }).map(text));
  }
  return { ...plan, archived, toCollect };
}

/** The offsets of a partition that a job reads: archived before or collected for it; ascending and disjoint. */
export function plannedRanges(plan: Pick<PartitionPlan, 'archived' | 'toCollect'>): [bigint, bigint][] {
  return [...plan.archived, ...plan.toCollect]
    .map(([from, to]): [bigint, bigint] => [BigInt(from), BigInt(to)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function clipAll(
  ranges: readonly (readonly [bigint, bigint])[],
  from: bigint,
  to: bigint,
): [bigint, bigint][] {
  const clipped: [bigint, bigint][] = [];
  for (const [start, end] of ranges) {
    const a = start > from ? start : from;
    const b = end < to ? end : to;
    if (a < b) clipped.push([a, b]);
  }
  return clipped;
}

function partitionWarnings(facts: PartitionFacts, spec: FrozenSpec, from: bigint): string[] {
  const warnings: string[] = [];
  const startMs = Number(BigInt(spec.startNs) / 1_000_000n);
  if (
    facts.logStart > 0n &&
    from >= facts.logStart &&
    (facts.oldestRecordMs === null || facts.oldestRecordMs > startMs)
  ) {
    warnings.push(`retention: the log starts at offset ${facts.logStart}, after the range's start`);
  }
  if (facts.compacted) warnings.push('compacted: the topic keeps only the last record of a key');
  if (facts.highWatermark > facts.logEnd) {
    warnings.push(
      `open transaction: ${facts.highWatermark - facts.logEnd} offsets above the last stable offset are left out`,
    );
  }
  return warnings;
}

/** What the plan already says about how exact the run can be. */
export function planReasons(partitions: readonly PartitionPlan[]): VerdictReason[] {
  const reasons = new Set<VerdictReason>();
  for (const partition of partitions) {
    for (const warning of partition.warnings) {
      if (warning.startsWith('retention')) reasons.add('truncated_by_retention');
      if (warning.startsWith('compacted')) reasons.add('compacted');
      if (warning.startsWith('open transaction')) reasons.add('open_transaction');
      if (warning.startsWith('archive gap')) reasons.add('archive_gap');
    }
    const byTime = partition.strategy === 'record-time index' || partition.strategy === 'widened';
    if (byTime && BigInt(partition.from) > BigInt(partition.logStart)) reasons.add('sampled_start');
  }
  return [...reasons];
}
