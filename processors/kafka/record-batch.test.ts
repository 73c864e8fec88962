import { describe, expect, test } from 'vitest';
import { crc32c } from './crc32c.js';
import { murmur2 } from './murmur2.js';
import { PartitionCursor } from './partition-cursor.js';
import { batchesEnd, recordBatches } from './record-batch.js';

const NAME = { topicId: 'AAAAAAAAAAAAAAAAAAAAAA', topic: 't', partition: 0 };
const ALL = { records: 1_000, milliseconds: 1_000 };
const still = () => 0;

const zigzag = (value: number) => {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n)); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
};

/** A batch written by hand after the documentation. `offsets` are deltas. */
function batch(options: {
  base: number;
  last: number;
  offsets: number[];
  attributes?: number;
  producer?: number;
  times?: number[];
  key?: Buffer;
}): Buffer {
  const records = options.offsets.map((delta, i) => {
    const key = options.key ?? Buffer.from(`k${delta}`);
    const body = Buffer.concat([
      Buffer.from([0]),
      zigzag(options.times?.[i] ?? 0),
      zigzag(delta),
      zigzag(key.length),
      key,
      zigzag(-1),
      zigzag(0),
    ]);
    return Buffer.concat([zigzag(body.length), body]);
  });
  const head = Buffer.alloc(61);
  const whole = Buffer.concat([head, ...records]);
  whole.writeBigInt64BE(BigInt(options.base), 0);
  whole.writeInt32BE(whole.length - 12, 8);
  whole.writeInt8(2, 16);
  whole.writeInt16BE(options.attributes ?? 0, 21);
  whole.writeInt32BE(options.last - options.base, 23);
  whole.writeBigInt64BE(1_000n, 27);
  whole.writeBigInt64BE(9_999n, 35);
  whole.writeBigInt64BE(BigInt(options.producer ?? -1), 43);
  whole.writeInt32BE(records.length, 57);
  whole.writeUInt32BE(crc32c(whole, 21, whole.length), 17);
  return whole;
}

function steps(recordSet: Buffer, from: bigint, end: bigint | null, limits = ALL) {
  const cursor = new PartitionCursor(NAME, { recordSet, aborted: [] }, from, end, 1 << 20);
  const found: [bigint, bigint, bigint[]][] = [];
  for (let slice = cursor.next(limits, still); slice !== null; slice = cursor.next(limits, still))
    found.push([slice.from, slice.to, [...slice.records].map((one) => one.offset)]);
  return found;
}

test('CRC-32C of the check string, of zeros, and of every length and start', () => {
  // "123456789": the check value of the CRC catalogue; 32 zeros: RFC 3720, B.4.
  expect(crc32c(Buffer.from('123456789'), 0, 9)).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32), 0, 32)).toBe(0x8a9136aa);
  const bytes = Buffer.from(Array.from({ length: 40 }, (_, i) => (i * 37) & 255));
  for (let from = 0; from < 9; from++) {
    for (let to = from; to <= 40; to++) {
      let slow = 0xffffffff;
      for (const byte of bytes.subarray(from, to)) {
        slow ^= byte;
        for (let bit = 0; bit < 8; bit++) slow = slow & 1 ? (slow >>> 1) ^ 0x82f63b78 : slow >>> 1;
      }
      expect(crc32c(bytes, from, to)).toBe(~slow >>> 0);
    }
  }
});

test('murmur2 gives the values of the Java client’s own test', () => {
  // org.apache.kafka.common.utils.UtilsTest.testMurmur2
  const cases: [string, number][] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ];
  for (const [text, hash] of cases) expect(murmur2(Buffer.from(text))).toBe(hash);
});

describe('the cursor', () => {
  const first = batch({ base: 10, last: 14, offsets: [0, 1, 2, 3, 4] });
  // Compaction has taken records from both ends and the middle; the header keeps the batch's reach.
  const compacted = batch({ base: 20, last: 29, offsets: [3, 5] });
  const emptied = batch({ base: 30, last: 39, offsets: [] });

  test('tiles the range over gaps before, in, between and after batches', () => {
    const set = Buffer.concat([first, compacted, emptied]);
    expect(steps(set, 5n, null)).toEqual([[5n, 40n, [10n, 11n, 12n, 13n, 14n, 23n, 25n]]]);
  });

  test('starts and ends inside batches', () => {
    expect(steps(first, 12n, 14n)).toEqual([[12n, 14n, [12n, 13n]]]);
    expect(steps(compacted, 24n, 25n)).toEqual([[24n, 25n, []]]);
    expect(steps(Buffer.concat([first, compacted]), 10n, 18n)).toEqual([
      [10n, 18n, [10n, 11n, 12n, 13n, 14n]],
    ]);
  });

  test('slices within a batch', () => {
    expect(steps(first, 10n, null, { records: 2, milliseconds: 1_000 })).toEqual([
      [10n, 12n, [10n, 11n]],
      [12n, 14n, [12n, 13n]],
      [14n, 15n, [14n]],
    ]);
  });

  test('a batch that the size limit cut off is left for the next fetch', () => {
    expect(steps(Buffer.concat([first, compacted.subarray(0, -1)]), 10n, null)).toEqual([
      [10n, 15n, [10n, 11n, 12n, 13n, 14n]],
    ]);
    expect(steps(Buffer.concat([first, compacted.subarray(0, 30)]), 10n, null)).toHaveLength(1);
  });

  test('the next fetch begins behind the last whole batch, whatever it holds', () => {
    const set = Buffer.concat([first, compacted, emptied]);
    expect(batchesEnd(set, 10n)).toBe(40n);
    expect(batchesEnd(set.subarray(0, -1), 10n)).toBe(30n);
    expect(batchesEnd(first, 40n)).toBe(40n);
    expect(batchesEnd(first.subarray(0, 40), 12n)).toBe(12n);
  });

  test('record times: deltas of both signs and any width, or the broker’s own', () => {
    const times = [0, -5, 1 << 20, -(2 ** 40)];
    const set = batch({ base: 0, last: 3, offsets: [0, 1, 2, 3], times });
    const cursor = new PartitionCursor(NAME, { recordSet: set, aborted: [] }, 0n, null, 1 << 20);
    const found = [...(cursor.next(ALL, still)?.records ?? [])].map((one) => one.recordTimeMs);
    expect(found).toEqual(times.map((one) => 1_000n + BigInt(one)));
    const stamped = batch({ base: 0, last: 0, offsets: [0], attributes: 0x08 });
    const other = new PartitionCursor(NAME, { recordSet: stamped, aborted: [] }, 0n, null, 1 << 20);
    const [first] = other.next(ALL, still)?.records ?? [];
    expect(first?.recordTimeMs).toBe(9_999n);
  });

  test('control batches are moved over, an abort marker is told from a commit marker', () => {
    const marker = (kind: number) =>
      batch({ base: 5, last: 5, offsets: [0], attributes: 0x30, key: Buffer.from([0, 0, 0, kind]) });
    expect(steps(marker(0), 5n, null)).toEqual([[5n, 6n, []]]);
    expect([...recordBatches(marker(0))].map((one) => one.isAbortMarker)).toEqual([true]);
    expect([...recordBatches(marker(1))].map((one) => one.isAbortMarker)).toEqual([false]);
  });
});

test('a flipped bit, an old format and lying lengths are batch_corrupt', () => {
  const corrupt = expect.objectContaining({ code: 'batch_corrupt' });
  const whole = batch({ base: 0, last: 1, offsets: [0, 1] });
  for (let at = 21; at < whole.length; at++) {
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
    expect(() => steps(flipped, 0n, null)).toThrow(corrupt);
  }
  const old = Buffer.from(whole);
  old.writeInt8(1, 16);
  expect(() => steps(old, 0n, null)).toThrow(corrupt);
  const lying = Buffer.from(whole);
  lying.writeInt32BE(100, 57);
  lying.writeUInt32BE(crc32c(lying, 21, lying.length), 17);
  expect(() => steps(lying, 0n, null)).toThrow(corrupt);
});
