/**
 * Which offsets a followed set has folded, and which come next. Pure. Offsets are kept as ranges and not as one end for
 * each partition: what fills a gap of the archive later is folded then, since the order of events is that of their times.
 */
import { type ClaimRange, clipSegments, coveredRanges, missingRanges } from '../replay/segments.js';
import type { UnitState } from '../replay/units.js';

export type OffsetPair = readonly [from: bigint, to: bigint];

/** By `topicId/partition`, and by againPlace of it; the pairs ascend and do not touch. */
export type Offsets = ReadonlyMap<string, readonly OffsetPair[]>;

export function countOffsets(offsets: Offsets): bigint {
  let sum = 0n;
  for (const pairs of offsets.values()) for (const [from, to] of pairs) sum += to - from;
  return sum;
}

export function addOffsets(a: Offsets, b: Offsets): Offsets {
  const sum = new Map(a);
  for (const [place, pairs] of b) sum.set(place, joined([...(a.get(place) ?? []), ...pairs]));
  return sum;
}

function joined(pairs: readonly OffsetPair[]): OffsetPair[] {
  const result: [bigint, bigint][] = [];
  for (const [from, to] of [...pairs].sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
    const last = result.at(-1);
    if (last === undefined || last[1] < from) result.push([from, to]);
    else if (to > last[1]) last[1] = to;
  }
  return result;
}

/** What of `covered` is not in `consumed`, from each partition's first offset that counts on. */
export function openOffsets(
  covered: Offsets,
  consumed: Offsets,
  starts: ReadonlyMap<string, bigint>,
): Offsets {
  const open = new Map<string, readonly OffsetPair[]>();
  for (const [place, pairs] of covered) {
    const start = starts.get(place) ?? 0n;
    const rest = pairs.flatMap(([first, to]) => {
      const from = first > start ? first : start;
      return from < to ? missingRanges(consumed.get(place) ?? [], { from, to }) : [];
    });
    if (rest.length > 0) open.set(place, rest);
  }
  return open;
}

/** Of each partition the first offsets, about `max` together; all of them when there are no more. */
export function firstOffsets(open: Offsets, max: bigint): Offsets {
  const all = countOffsets(open);
  if (all <= max) return open;
  const first = new Map<string, readonly OffsetPair[]>();
  for (const [place, pairs] of open) {
    const count = pairs.reduce((sum, [from, to]) => sum + to - from, 0n);
    let left = (count * max + all - 1n) / all;
    const taken: OffsetPair[] = [];
    for (const [from, to] of pairs) {
      if (left === 0n) break;
      const size = to - from < left ? to - from : left;
      taken.push([from, from + size]);
      left -= size;
    }
    first.set(place, taken);
  }
  return first;
}

/**
 * The claims under which the rows at these offsets stand. Where records were read again a claim is a place of its own, and
 * its rows stand anywhere from the partition's first offset that counts on.
 */
export function claimsAt(
  units: ReadonlyMap<string, readonly UnitState[]>,
  offsets: Offsets,
  starts: ReadonlyMap<string, bigint> = new Map(),
): ClaimRange[] {
  return [...offsets].flatMap(([place, pairs]) => {
    const claims = pairs.flatMap(([from, to]) => clipSegments(units.get(place) ?? [], { from, to }));
    if (!place.startsWith(AGAIN)) return claims;
    const from = starts.get(place.slice(AGAIN.length)) ?? 0n;
    return claims.map(({ claim }) => ({ claim, from, to: END }));
  });
}

const END = 1n << 63n;

/** Before the partition, where its records were read again: offsets count the times. */
const AGAIN = 'redrive/';

export function againPlace(partition: string): string {
  return `${AGAIN}${partition}`;
}

/** Of the places those where records were read again. */
export function againOffsets(offsets: Offsets): Offsets {
  return new Map([...offsets].filter(([place]) => place.startsWith(AGAIN)));
}

export function coveredOffsets(units: ReadonlyMap<string, readonly UnitState[]>): Offsets {
  return new Map(
    [...units].map(([place, states]) => [place, coveredRanges(clipSegments(states, { from: 0n, to: END }))]),
  );
}

const AT = 'at/';

/** As counters of a step's manifest: `at/<topicId>/<partition>/<from>` is `to`. */
export function offsetCounters(offsets: Offsets): Record<string, number> {
  const counters: Record<string, number> = {};
  for (const [place, pairs] of offsets)
    for (const [from, to] of pairs) counters[`${AT}${place}/${from}`] = Number(to);
  return counters;
}

export function offsetsOf(counters: Readonly<Record<string, number>>): Offsets {
  const offsets = new Map<string, OffsetPair[]>();
  for (const [name, to] of Object.entries(counters)) {
    if (!name.startsWith(AT)) continue;
    const cut = name.lastIndexOf('/');
    const place = name.slice(AT.length, cut);
    const pairs = offsets.get(place) ?? [];
    pairs.push([BigInt(name.slice(cut + 1)), BigInt(to)]);
    offsets.set(place, pairs);
  }
  return new Map([...offsets].map(([place, pairs]) => [place, joined(pairs)]));
}
