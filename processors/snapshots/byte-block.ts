/**
 * A growing run of bytes that the fold assembles its rows in, before they go to the sink in one piece. Short copies
 * are done byte by byte: below some sixty bytes that beats the call into native code and the view it needs.
 */
const LOOP_BYTES = 64;

export class ByteBlock {
  buffer: Buffer;
  length = 0;

  constructor(initialBytes: number) {
    this.buffer = Buffer.allocUnsafe(initialBytes);
  }

  /** Makes room for `size` more bytes; the other methods do not check. */
  reserve(size: number): void {
    const needed = this.length + size;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }

  byte(value: number): void {
    this.buffer[this.length++] = value;
  }

  u32(value: number): void {
    const buffer = this.buffer;
    const at = this.length;
    buffer[at] = value;
    buffer[at + 1] = value >>> 8;
    buffer[at + 2] = value >>> 16;
    buffer[at + 3] = value >>> 24;
    this.length = at + 4;
  }

  /** UInt64 from a number below 2^53. */
  u64(value: number): void {
    this.u32(value >>> 0);
    this.u32(Math.floor(value / 0x1_0000_0000));
  }

  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.buffer[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.buffer[this.length++] = rest;
  }

  copy(source: Buffer, start: number, end: number): void {
    const size = end - start;
    const buffer = this.buffer;
    const at = this.length;
    if (size <= LOOP_BYTES) for (let i = 0; i < size; i++) buffer[at + i] = source[start + i]!;
    else source.copy(buffer, at, start, end);
    this.length = at + size;
  }
}
