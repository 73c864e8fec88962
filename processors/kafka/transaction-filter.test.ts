import { expect, test } from 'vitest';
import { committedOnly, type TransactionalBatch } from './transaction-filter.js';

type Step = [kind: 'data' | 'plain' | 'abort' | 'commit', producer: number, first: number, last?: number];

const batch = ([kind, producer, first, last]: Step): TransactionalBatch => ({
  lastOffset: BigInt(last ?? first),
  producerId: BigInt(producer),
  isTransactional: kind !== 'plain',
  isControl: kind === 'abort' || kind === 'commit',
  isAbortMarker: kind === 'abort',
});

/** First offsets of the batches that are seen. */
function seen(steps: Step[], aborted: [producer: number, firstOffset: number][]): number[] {
  const filter = committedOnly(
    aborted.map(([producer, first]) => ({ producerId: BigInt(producer), firstOffset: BigInt(first) })),
  );
  return steps.filter((step) => filter(batch(step))).map((step) => step[2]);
}

test('without aborted transactions all but markers is seen', () => {
  expect(
    seen(
      [
        ['plain', -1, 0],
        ['data', 1, 1],
        ['commit', 1, 2],
        ['plain', -1, 3],
      ],
      [],
    ),
  ).toEqual([0, 1, 3]);
});

test('overlapping aborted transactions, listed in the order in which they ended', () => {
  const steps: Step[] = [
    ['data', 1, 0],
    ['data', 2, 1],
    ['data', 1, 2],
    ['abort', 2, 3],
    ['data', 1, 4],
    ['abort', 1, 5],
    ['plain', -1, 6],
  ];
  expect(
    seen(steps, [
      [2, 1],
      [1, 0],
    ]),
  ).toEqual([6]);
});

test('a fetch that starts inside two aborted transactions', () => {
  const steps: Step[] = [
    ['data', 1, 4],
    ['data', 2, 5],
    ['abort', 2, 6],
    ['data', 1, 7],
    ['abort', 1, 8],
    ['data', 2, 9],
    ['commit', 2, 10],
  ];
  expect(
    seen(steps, [
      [2, 1],
      [1, 0],
    ]),
  ).toEqual([9]);
});

test('a producer that aborts, commits and aborts again', () => {
  const steps: Step[] = [
    ['data', 1, 0],
    ['abort', 1, 1],
    ['data', 1, 2],
    ['commit', 1, 3],
    ['data', 1, 4],
    ['plain', -1, 5],
    ['abort', 1, 6],
  ];
  expect(
    seen(steps, [
      [1, 0],
      [1, 4],
    ]),
  ).toEqual([2, 5]);
});

test('what a producer writes outside a transaction is seen while one of its transactions is being left out', () => {
  expect(
    seen(
      [
        ['data', 1, 0],
        ['plain', 1, 1],
        ['abort', 1, 2],
      ],
      [[1, 0]],
    ),
  ).toEqual([1]);
});

test('a transaction that begins within a batch of many records is admitted with it', () => {
  expect(
    seen(
      [
        ['data', 1, 10, 19],
        ['abort', 1, 20],
        ['data', 2, 21],
      ],
      [[1, 12]],
    ),
  ).toEqual([21]);
});

test('random histories against a slow oracle that looks at every offset', () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  for (let round = 0; round < 500; round++) {
    const steps: Step[] = [];
    const open = new Map<number, number[]>();
    const hidden = new Set<number>();
    const aborted: { producer: number; first: number; marker: number }[] = [];
    for (let offset = 0; offset < 60; offset++) {
      const producer = random(4);
      const mine = open.get(producer);
      if (mine !== undefined && random(4) === 0) {
        const abort = random(2) === 0;
        steps.push([abort ? 'abort' : 'commit', producer, offset]);
        if (abort) {
          for (const one of mine) hidden.add(one);
          aborted.push({ producer, first: mine[0]!, marker: offset });
        }
        open.delete(producer);
      } else {
        steps.push(['data', producer, offset]);
        open.set(producer, [...(mine ?? []), offset]);
      }
    }
    // Undecided transactions lie beyond the last stable offset.
    const stable = Math.min(60, ...[...open.values()].map((one) => one[0]!));
    const from = random(stable + 1);
    const fetched = steps.slice(from, stable);
    const expected = fetched
      .filter((step) => step[0] === 'data' && !hidden.has(step[2]))
      .map((step) => step[2]);
    const listed = aborted.filter((one) => one.marker >= from && one.first < stable);
    expect(
      seen(
        fetched,
        listed.map((one) => [one.producer, one.first]),
      ),
    ).toEqual(expected);
  }
});
