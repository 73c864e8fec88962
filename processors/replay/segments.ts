/**
 * Which archived rows a job may see: the valid segments of the collect units, clipped to the frozen offset ranges of the
 * plan. Pure. Claims are never reused, so a claim and an offset bound say it all.
 */
import type { Segment, UnitState } from './units.js';

/** Rows of `claim` with from ≤ offset < to. */
export type ClaimRange = Segment;

export interface OffsetRange {
  readonly topicId: string;
  readonly partition: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** The segments of the given units, clipped to the range. Units come in ascending order of their offsets. */
export function clipSegments(units: Iterable<UnitState>, range: { from: bigint; to: bigint }): ClaimRange[] {
  const clipped: ClaimRange[] = [];
  for (const unit of units) {
    for (const segment of unit.segments) {
      const from = segment.from > range.from ? segment.from : range.from;
      const to = segment.to < range.to ? segment.to : range.to;
      if (from < to) clipped.push({ claim: segment.claim, from, to });
    }
  }
  return clipped;
}

/** Contiguous [from, to) pairs covered by the segments, within the range; input in ascending order. */
export function coveredRanges(segments: readonly ClaimRange[]): [bigint, bigint][] {
  const covered: [bigint, bigint][] = [];
  for (const segment of segments) {
    const last = covered.at(-1);
    if (last !== undefined && last[1] === segment.from) last[1] = segment.to;
    else covered.push([segment.from, segment.to]);
  }
  return covered;
}

/** What of from..to the covered ranges leave open. */
export function missingRanges(
  covered: readonly (readonly [bigint, bigint])[],
  range: { from: bigint; to: bigint },
): [bigint, bigint][] {
  const missing: [bigint, bigint][] = [];
  let at = range.from;
  for (const [from, to] of covered) {
    if (from > at) missing.push([at, from < range.to ? from : range.to]);
    if (to > at) at = to;
    if (at >= range.to) break;
  }
  if (at < range.to) missing.push([at, range.to]);
  return missing;
}

/** Hash ranges [lo, hi] (inclusive) that tile the 64-bit space in `count` equal parts. */
export function hashRanges(count: number): { lo: string; hi: string }[] {
  const space = 1n << 64n;
  const size = space / BigInt(count);
  return Array.from({ length: count }, (_, i) => {
    const lo = size * BigInt(i);
    const hi = i === count - 1 ? space - 1n : lo + size - 1n;
    return { lo: lo.toString(), hi: hi.toString() };
  });
}
