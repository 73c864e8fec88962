/**
 * The five codecs of Kafka's record batches, each with its output capped before memory is taken: half a megabyte of
 * gzip can unpack to 512 MB. Used by record-batch.ts; client.ts registers them in kafkajs for producing.
 */
import { createRequire } from 'node:module';
import * as zlib from 'node:zlib';
import { Decompress as ZstdStream } from 'fzstd';
import { RewindError } from '../../schemas/errors.js';

const require = createRequire(import.meta.url);
// Native parts: loaded only when a batch needs them.
const snappy = () => require('snappy') as typeof import('snappy');
const lz4 = () => require('lz4-napi') as typeof import('lz4-napi');

export const CODEC_NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/**
 * Unpacks the records of a batch. `codec` is the attribute's number (0 none … 4 zstd).
 * Errors: batch_too_large beyond maxBytes, codec_unsupported, batch_corrupt.
 */
export function unpack(codec: number, packed: Buffer, maxBytes: number): Buffer {
  try {
    switch (codec) {
      case 0:
        return packed;
      case 1:
        return zlib.gunzipSync(packed, { maxOutputLength: maxBytes });
      case 2:
        return unpackSnappy(packed, maxBytes);
      case 3:
        return unpackLz4(packed, maxBytes);
      case 4:
        return unpackZstd(packed, maxBytes);
    }
  } catch (error) {
    if (error instanceof RewindError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new RewindError('batch_corrupt', `a batch does not unpack with ${CODEC_NAMES[codec]}`, {
      cause: error,
    });
  }
  throw new RewindError('codec_unsupported', `a batch uses codec ${codec}, which Kafka does not define`);
}

function tooLarge(maxBytes: number): RewindError {
  return new RewindError('batch_too_large', `a batch unpacks to more than ${maxBytes} bytes`);
}

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);

/** Java writes xerial's framing: a 16-byte header, then blocks with their length; others write one raw block. */
function unpackSnappy(packed: Buffer, maxBytes: number): Buffer {
  const blocks: Buffer[] = [];
  if (packed.length >= 16 && packed.subarray(0, 8).equals(XERIAL_MAGIC)) {
    for (let at = 16; at < packed.length; ) {
      const size = packed.readInt32BE(at);
      at += 4;
      if (size < 0 || at + size > packed.length) throw new Error('a snappy block is cut off');
      blocks.push(packed.subarray(at, at + size));
      at += size;
    }
  } else {
    blocks.push(packed);
  }
  let total = 0;
  for (const block of blocks) total += snappyLength(block);
  if (total > maxBytes) throw tooLarge(maxBytes);
  return Buffer.concat(blocks.map((block) => snappy().uncompressSync(block, { asBuffer: true }) as Buffer));
}

/** A snappy block begins with its unpacked length as a varint; the library refuses one that lies. */
function snappyLength(block: Buffer): number {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return value;
  }
  throw new Error('a snappy length is longer than five bytes');
}

const LZ4_MAGIC = 0x184d2204;
const LZ4_BLOCK_BYTES: Readonly<Record<number, number>> = { 4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22 };
/** No LZ4 block unpacks to more than 255 times its size. */
const LZ4_MAX_RATIO = 255;

/** The library has no cap, so the most that the frame's blocks can hold is added up first. */
function unpackLz4(packed: Buffer, maxBytes: number): Buffer {
  if (packed.readUInt32LE(0) !== LZ4_MAGIC) throw new Error('no LZ4 frame');
  const flags = packed.readUInt8(4);
  const blockBytes = LZ4_BLOCK_BYTES[(packed.readUInt8(5) >> 4) & 7];
  if (blockBytes === undefined) throw new Error('an LZ4 block size that does not exist');
  const hasContentSize = (flags & 0x08) !== 0;
  let at = 7 + (hasContentSize ? 8 : 0) + (flags & 0x01 ? 4 : 0);
  let most = 0;
  for (;;) {
    const word = packed.readUInt32LE(at);
    at += 4;
    if (word === 0) break;
    const size = word & 0x7fffffff;
    most += word >>> 31 ? size : Math.min(blockBytes, size * LZ4_MAX_RATIO);
    at += size + (flags & 0x10 ? 4 : 0);
  }
  if (hasContentSize) {
    const content = packed.readBigUInt64LE(6);
    if (content > BigInt(maxBytes)) throw tooLarge(maxBytes);
  }
  if (most > maxBytes) throw tooLarge(maxBytes);
  return lz4().decompressFrameSync(packed);
}

type ZstdSync = (input: Buffer, options: { maxOutputLength: number }) => Buffer;

/** Node's own since 22.15; before, JavaScript, fed piece by piece so that it stops at the cap. */
function unpackZstd(packed: Buffer, maxBytes: number): Buffer {
  const native = (zlib as unknown as { zstdDecompressSync?: ZstdSync }).zstdDecompressSync;
  if (native !== undefined) return native(packed, { maxOutputLength: maxBytes });
  refuseLargeZstdWindow(packed, maxBytes);
  const pieces: Uint8Array[] = [];
  let total = 0;
  let ended = false;
  const stream = new ZstdStream((piece, final) => {
    total += piece.length;
    if (total > maxBytes) throw tooLarge(maxBytes);
    // The stream reuses its window.
    pieces.push(Buffer.from(piece));
    if (final) ended = true;
  });
  const step = 64 << 10;
  for (let at = 0; at < packed.length; at += step)
    stream.push(packed.subarray(at, at + step), at + step >= packed.length);
  if (!ended) throw new Error('a zstd frame is cut off');
  return Buffer.concat(pieces, total);
}

/** fzstd takes the window's memory before it unpacks anything: read its size from the frame header (RFC 8878, 3.1.1). */
function refuseLargeZstdWindow(packed: Buffer, maxBytes: number): void {
  if (packed.length < 6 || packed.readUInt32LE(0) !== 0xfd2fb528) throw new Error('no zstd frame');
  const descriptor = packed.readUInt8(4);
  if (descriptor & 0x20) {
    // A single segment: the window is the content, whose size follows the dictionary id.
    const at = 5 + ([0, 1, 2, 4][descriptor & 3] ?? 0);
    const width = [1, 2, 4, 8][descriptor >> 6] ?? 1;
    const bytes = packed.subarray(at, at + width);
    const size = width === 8 ? Number(bytes.readBigUInt64LE(0)) : bytes.readUIntLE(0, width);
    if (size > maxBytes) throw tooLarge(maxBytes);
    return;
  }
  const window = packed.readUInt8(5);
  const base = 2 ** (10 + (window >> 3));
  if (base + (base / 8) * (window & 7) > Math.max(maxBytes, 8 << 20)) throw tooLarge(maxBytes);
}

/** Packs for producing; kafkajs has gzip itself. Java readers expect xerial's framing from snappy. */
export function packSnappy(plain: Buffer): Buffer {
  const block = snappy().compressSync(plain);
  const header = Buffer.alloc(20);
  XERIAL_MAGIC.copy(header);
  header.writeInt32BE(1, 8);
  header.writeInt32BE(1, 12);
  header.writeInt32BE(block.length, 16);
  return Buffer.concat([header, block]);
}

export function packLz4(plain: Buffer): Buffer {
  return lz4().compressFrameSync(plain);
}
