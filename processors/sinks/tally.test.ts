import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partitionTotal, Tally } from './tally.js';

test('rows in any order, over any units, give the sum that the end marker documents', () => {
  const row = fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 3 }), fc.string({ maxLength: 12 }));
  fc.assert(
    fc.property(fc.array(row, { maxLength: 200 }), (rows) => {
      const units = Array.from({ length: 4 }, () => new Tally());
      for (const [partition, unit, text] of rows) units[unit]!.add('diffs', partition, Buffer.from(text));
      for (let partition = 0; partition < 3; partition++) {
        let sum = 0n;
        const own = rows.filter((one) => one[0] === partition);
        for (const [, , text] of own) sum += createHash('sha256').update(text).digest().readBigUInt64BE(0);
        expect(
          partitionTotal(
            units.map((unit) => ({ counters: unit.counters() })),
            'diffs',
            partition,
          ),
        ).toEqual({
          rows: own.length,
          digest: (sum % 2n ** 64n).toString(16).padStart(16, '0'),
        });
      }
    }),
  );
});
