/**
 * What a log replay that runs as a job does, found out when it is asked for and never again: the request with its times and
 * revisions, the ranges of the log, the policies that count as they were. Its units follow from it. Pure.
 */
import type { BatchRange } from './batch.js';
import type { LogReplayRequest } from './contract.js';
import type { Scope } from './scope.js';

export interface ReplayPlan {
  readonly request: LogReplayRequest;
  /** When it was asked for: what relative times count from. */
  readonly startNs: bigint;
  readonly samples: number;
  readonly scopes: readonly Scope[];
  /** Ascending by partition and offset; nothing behind them is part of it. */
  readonly ranges: readonly BatchRange[];
  /** Batches that nothing of is in scope, or that were to be skipped. */
  readonly skipped: number;
  readonly batchOffsets: number;
  readonly unitOffsets: number;
  /** Revisions that decisions name and that were kept then. */
  readonly kept: readonly string[];
  /** The bundle that was saved last; null: none was. */
  readonly current: string | null;
}

/** Contiguous batches of a partition, done under one claim. */
export interface ReplayUnit {
  readonly unit: string;
  /** Offsets of the replay before those of the unit. */
  readonly start: bigint;
  readonly topicId: string;
  readonly partition: number;
  readonly batches: BatchRange[];
}

export const UNIT_PREFIX = 'decide/';

export function unitsOf({ ranges, batchOffsets, unitOffsets }: ReplayPlan): ReplayUnit[] {
  const units: ReplayUnit[] = [];
  let all = 0n;
  for (const range of ranges)
    for (const batch of batchesOf(range, BigInt(batchOffsets))) {
      const last = units.at(-1);
      const follows = last?.topicId === batch.topicId && last.partition === batch.partition;
      if (last !== undefined && follows && all - last.start < BigInt(unitOffsets)) last.batches.push(batch);
      else units.push(unitFrom(units.length, all, batch));
      all += batch.to - batch.from;
    }
  return units;
}

function unitFrom(index: number, start: bigint, batch: BatchRange): ReplayUnit {
  const { topicId, partition } = batch;
  const unit = `${UNIT_PREFIX}${String(index).padStart(8, '0')}`;
  return { unit, topicId, partition, start, batches: [batch] };
}

/** Aligned at multiples of the size, as those of log replays that answer at once. */
function* batchesOf({ topicId, partition, from, to }: BatchRange, size: bigint): Generator<BatchRange> {
  for (let at = from; at < to; ) {
    const next = (at / size + 1n) * size;
    const end = next < to ? next : to;
    yield { topicId, partition, from: at, to: end };
    at = end;
  }
}

/** Ascending, with those that touch joined. */
export function joinedRanges(pieces: readonly BatchRange[]): BatchRange[] {
  const joined: BatchRange[] = [];
  for (const piece of [...pieces].sort(inOrder)) {
    const last = joined.at(-1);
    if (last?.topicId === piece.topicId && last.partition === piece.partition && last.to === piece.from)
      joined[joined.length - 1] = { ...last, to: piece.to };
    else joined.push({ ...piece });
  }
  return joined;
}

function inOrder(a: BatchRange, b: BatchRange): number {
  if (a.topicId !== b.topicId) return a.topicId < b.topicId ? -1 : 1;
  return a.partition - b.partition || (a.from < b.from ? -1 : 1);
}

export function offsetsIn(ranges: readonly BatchRange[]): bigint {
  return ranges.reduce((sum, { from, to }) => sum + to - from, 0n);
}

const BIG = /^-?\d+n$/;

/** 64-bit numbers as text with an n behind; texts of the request that look so are told apart by the place. */
export function planText(plan: ReplayPlan): string {
  const { request, ...rest } = plan;
  const scopes = rest.scopes.map(({ revisions, ...scope }) => ({
    ...scope,
    revisions: revisions === null ? null : [...revisions],
  }));
  const bounds = JSON.stringify({ ...rest, scopes }, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
  return JSON.stringify({ request, bounds });
}

export function parsePlan(text: string): ReplayPlan {
  const { request, bounds } = JSON.parse(text) as { request: LogReplayRequest; bounds: string };
  const rest = JSON.parse(bounds, (name, value: unknown) =>
    (name === 'from' || name === 'to' || name.endsWith('Ns')) && typeof value === 'string' && BIG.test(value)
      ? BigInt(value.slice(0, -1))
      : value,
  ) as Omit<ReplayPlan, 'request' | 'scopes'> & {
    scopes: (Omit<Scope, 'revisions'> & { revisions: readonly string[] | null })[];
  };
  return {
    ...rest,
    request,
    scopes: rest.scopes.map((scope) => ({
      ...scope,
      revisions: scope.revisions === null ? null : new Set(scope.revisions),
    })),
  };
}
