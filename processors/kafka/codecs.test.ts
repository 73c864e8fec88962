import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { packLz4, packSnappy, unpack } from './codecs.js';

const require = createRequire(import.meta.url);
const text = Buffer.from('the same words again and again, '.repeat(2_000));
const bomb = Buffer.alloc(32 << 20);
const CAP = 1 << 20;

/** A frame of the word "hello" in one raw block. */
const ZSTD_SMALL = Buffer.from('KLUv/SAFKQAAaGVsbG8=', 'base64');

test('each codec gives back what was packed', () => {
  expect(unpack(0, text, CAP).equals(text)).toBe(true);
  expect(unpack(1, gzipSync(text), CAP).equals(text)).toBe(true);
  expect(unpack(2, packSnappy(text), CAP).equals(text)).toBe(true);
  expect(unpack(2, require('snappy').compressSync(text), CAP).equals(text)).toBe(true);
  expect(unpack(3, packLz4(text), CAP).equals(text)).toBe(true);
  expect(unpack(4, ZSTD_SMALL, CAP).toString()).toBe('hello');
});

test('a batch that unpacks beyond the cap is refused before it takes the memory', () => {
  const zstdWindow = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0x01, 0x00, 0x00]);
  const zstdContent = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0x00, 0x00, 0x00, 0x40, 0x01, 0x00, 0x00]);
  const packed: [number, Buffer][] = [
    [1, gzipSync(bomb)],
    [2, packSnappy(bomb)],
    [3, packLz4(bomb)],
    [4, zstdWindow],
    [4, zstdContent],
  ];
  for (const [codec, bytes] of packed)
    expect(() => unpack(codec, bytes, CAP)).toThrow(expect.objectContaining({ code: 'batch_too_large' }));
});

test('a zstd stream stops at the cap', () => {
  // One frame, window 1 MiB, RLE blocks of 128 KiB: 4 bytes each.
  const block = (last: boolean) => {
    const header = ((128 << 10) << 3) | (1 << 1) | (last ? 1 : 0);
    return Buffer.from([header & 0xff, (header >> 8) & 0xff, header >> 16, 0x61]);
  };
  const frame = (blocks: number) =>
    Buffer.concat([
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50]),
      ...Array.from({ length: blocks }, (_, i) => block(i === blocks - 1)),
    ]);
  expect(unpack(4, frame(8), CAP).equals(Buffer.alloc(CAP, 'a'))).toBe(true);
  expect(() => unpack(4, frame(9), CAP)).toThrow(expect.objectContaining({ code: 'batch_too_large' }));
});

test('rubbish and cut-off bytes are batch_corrupt, an unknown codec is codec_unsupported', () => {
  const packed: [number, Buffer][] = [
    [1, gzipSync(text)],
    [2, packSnappy(text)],
    [3, packLz4(text)],
    [4, ZSTD_SMALL],
  ];
  for (const [codec, bytes] of packed) {
    for (const bad of [
      bytes.subarray(0, bytes.length - 5),
      Buffer.from('rubbish, and not short'),
      Buffer.alloc(0),
    ])
      expect(() => unpack(codec, bad, CAP)).toThrow(expect.objectContaining({ code: 'batch_corrupt' }));
  }
  expect(() => unpack(5, text, CAP)).toThrow(expect.objectContaining({ code: 'codec_unsupported' }));
});
