import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BatchWriter, HeaderBlock, headerName } from './batch-writer.js';
import { packLz4, unpack } from './codecs.js';
import { PartitionCursor } from './partition-cursor.js';
import { recordBatches } from './record-batch.js';

const NAME = { topicId: 'AAAAAAAAAAAAAAAAAAAAAA', topic: 't', partition: 0 };

const bytes = fc.uint8Array({ maxLength: 300 }).map((one) => Buffer.from(one));
const record = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  // Centuries apart: the difference takes more than 32 bits.
  timestampMs: fc.integer({ min: 0, max: 9_000_000_000_000 }),
  headers: fc.array(fc.tuple(fc.string({ maxLength: 20, unit: 'binary' }), fc.option(bytes)), {
    maxLength: 5,
  }),
});

test('what is written is what our reader reads, with and without packing', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 40 }), fc.boolean(), (records, packed) => {
      const writer = new BatchWriter();
      const block = new HeaderBlock();
      for (const { key, value, timestampMs, headers } of records) {
        block.reset();
        for (const [name, text] of headers) block.add(headerName(name), text);
        writer.add({ key, value, timestampMs, headers: [block] });
      }
      const codec = packed ? 3 : 0;
      const head = { producerId: 77n, producerEpoch: 3, baseSequence: 12, codec, pack: packLz4 };
      const recordSet = writer.finish(head);
      const [batch] = [...recordBatches(recordSet)];
      expect(batch).toMatchObject({ producerId: 77n, recordCount: records.length, codec, isControl: false });
      expect(recordSet.readInt16BE(51)).toBe(3);
      expect(recordSet.readInt32BE(53)).toBe(12);
      expect(unpack(codec, batch!.payload, 1 << 20).length).toBeGreaterThan(0);
      const cursor = new PartitionCursor(NAME, { recordSet, aborted: [] }, 0n, null, 1 << 20);
      const slice = cursor.next({ records: 1_000, milliseconds: 1_000 }, () => 0);
      const read = [...slice!.records].map(({ offset, key, value, recordTimeMs, headers }) => ({
        offset,
        key: key?.toString('hex') ?? null,
        value: value?.toString('hex') ?? null,
        recordTimeMs,
        headers: headers.map(([name, text]) => [name, text?.toString('hex') ?? null]),
      }));
      expect(read).toEqual(
        records.map((one, i) => ({
          offset: BigInt(i),
          key: one.key?.toString('hex') ?? null,
          value: one.value?.toString('hex') ?? null,
          recordTimeMs: BigInt(one.timestampMs),
          headers: one.headers.map(([name, text]) => [
            Buffer.from(name).toString(),
            text?.toString('hex') ?? null,
          ]),
        })),
      );
    }),
  );
});
