import fc from 'fast-check';
import { expect, it } from 'vitest';
import { batchId, openPieces, parseBatchId } from './batch.js';

const range = (from: number, to: number) => ({
  topicId: 'topic/x',
  partition: 3,
  from: BigInt(from),
  to: BigInt(to),
});
const span = fc
  .tuple(fc.nat(60), fc.integer({ min: 1, max: 20 }))
  .map(([from, size]) => range(from, from + size));

it('leaves of a slot what is archived and was not analysed before, offset by offset', () => {
  fc.assert(
    fc.property(span, fc.uniqueArray(fc.nat(70)), fc.array(span), (slot, offsets, skipped) => {
      const archived = new Set(offsets.map(BigInt));
      const covered = [...archived].sort((a, b) => Number(a - b)).map((at) => [at, at + 1n] as const);
      const merged: [bigint, bigint][] = [];
      for (const [from, to] of covered) {
        const last = merged.at(-1);
        if (last?.[1] === from) last[1] = to;
        else merged.push([from, to]);
      }
      const pieces = openPieces(slot, merged, skipped);
      const open: bigint[] = [];
      for (const { from, to } of pieces) for (let at = from; at < to; at++) open.push(at);
      const expected: bigint[] = [];
      for (let at = slot.from; at < slot.to; at++) {
        if (archived.has(at) && !skipped.some(({ from, to }) => at >= from && at < to)) expected.push(at);
      }
      expect(open).toEqual(expected);
    }),
  );
});

it('has a name that says its range, and is told from other texts', () => {
  fc.assert(
    fc.property(span, (one) => {
      expect(parseBatchId(batchId(one), '/x')).toEqual(one);
    }),
  );
  for (const text of ['', 'a', 'a/0/5-5', 'a/0/6-5', 'a/-1/0-5', 'a/0/0-99999999999999999999'])
    expect(() => parseBatchId(text, '/x')).toThrow('/x: no batch');
});
