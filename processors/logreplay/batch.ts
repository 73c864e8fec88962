/**
 * Batches: contiguous offset ranges of a partition. Their id is their range, so it says the same in every answer, and what
 * was analyzed before can be taken off the log whatever has been added since. Pure.
 */
import { RewindError } from '../../schemas/errors.js';

export interface BatchRange {
  readonly topicId: string;
  readonly partition: number;
  readonly from: bigint;
  /** Exclusive. */
  readonly to: bigint;
}

type Range = readonly [bigint, bigint];

export function batchId({ topicId, partition, from, to }: BatchRange): string {
  return `${topicId}/${partition}/${from}-${to}`;
}

/** Errors: field_invalid with the pointer. */
export function parseBatchId(id: string, pointer: string): BatchRange {
  const [, topicId, partition, from, to] = /^(.+)\/(\d{1,9})\/(\d{1,19})-(\d{1,19})$/.exec(id) ?? [];
  if (topicId === undefined || BigInt(from!) >= BigInt(to!))
    throw new RewindError('field_invalid', `${pointer}: no batch of analyzed_batches is named so`, {
      pointer,
    });
  return { topicId, partition: Number(partition), from: BigInt(from!), to: BigInt(to!) };
}

/** What of a range is covered and not to be skipped, in ascending pieces. */
export function openPieces(
  range: BatchRange,
  covered: readonly Range[],
  skipped: readonly BatchRange[],
): BatchRange[] {
  const behind = skipped
    .filter(({ topicId, partition }) => topicId === range.topicId && partition === range.partition)
    .map(({ from, to }): Range => [from, to])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const pieces: BatchRange[] = [];
  for (const [start, end] of covered) {
    let at = start > range.from ? start : range.from;
    const stop = end < range.to ? end : range.to;
    for (const [from, to] of behind) {
      if (from > at && at < stop) pieces.push({ ...range, from: at, to: from < stop ? from : stop });
      if (to > at) at = to;
    }
    if (at < stop) pieces.push({ ...range, from: at, to: stop });
  }
  return pieces;
}
