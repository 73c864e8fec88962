/**
 * A growing run of bytes that the fold assembles its rows in, before they go to the sink in one piece. What it copies
 * is short, some 5 to 100 bytes: for these a loop over 4-byte words is several times faster than the call into native
 * code with the view of the source that it needs.
 */

/** From here on the native copy wins. */
const NATIVE_BYTES = 512;

export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Copies start..end of `source` to `target` at `at`; both views are those of the whole buffer beside them. */
export function copyBytes(
  target: Buffer,
  targetView: DataView,
  at: number,
  source: Buffer,
  sourceView: DataView,
  start: number,
  end: number,
): void {
  const size = end - start;
  if (size < 8) {
    for (let i = 0; i < size; i++) target[at + i] = source[start + i]!;
  } else if (size > NATIVE_BYTES) {
    source.copy(target, at, start, end);
  } else {
    const last = size - 8;
    for (let i = 0; i < last; i += 8) {
      targetView.setInt32(at + i, sourceView.getInt32(start + i));
      targetView.setInt32(at + i + 4, sourceView.getInt32(start + i + 4));
    }
    // The last eight bytes may overlap the ones before: no odd bytes are left to do one by one.
    targetView.setInt32(at + last, sourceView.getInt32(start + last));
    targetView.setInt32(at + last + 4, sourceView.getInt32(start + last + 4));
  }
}

/** True: `size` bytes at `aStart` and at `bStart` are the same. Views as for copyBytes. */
export function equalBytes(
  a: Buffer,
  aView: DataView,
  aStart: number,
  b: Buffer,
  bView: DataView,
  bStart: number,
  size: number,
): boolean {
  if (size < 4) {
    for (let i = 0; i < size; i++) if (a[aStart + i] !== b[bStart + i]) return false;
    return true;
  }
  if (size > NATIVE_BYTES) return a.compare(b, bStart, bStart + size, aStart, aStart + size) === 0;
  // The end first: values that differ at all often share their beginning.
  const last = size - 4;
  if (aView.getInt32(aStart + last) !== bView.getInt32(bStart + last)) return false;
  for (let i = 0; i < last; i += 4) {
    if (aView.getInt32(aStart + i) !== bView.getInt32(bStart + i)) return false;
  }
  return true;
}

/** Bytes that never change, with the view that copying them takes. */
export class FixedBytes {
  readonly buffer: Buffer;
  readonly view: DataView;
  readonly length: number;

  constructor(text: string) {
    this.buffer = Buffer.from(text);
    this.view = viewOf(this.buffer);
    this.length = this.buffer.length;
  }
}

export class ByteBlock {
  buffer: Buffer;
  view: DataView;
  length = 0;

  constructor(initialBytes: number) {
    this.buffer = Buffer.allocUnsafe(initialBytes);
    this.view = viewOf(this.buffer);
  }

  /** Makes room for `size` more bytes; the other methods do not check. */
  reserve(size: number): void {
    const needed = this.length + size;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
    this.view = viewOf(grown);
  }

  byte(value: number): void {
    this.buffer[this.length++] = value;
  }

  u32(value: number): void {
    this.view.setUint32(this.length, value, true);
    this.length += 4;
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

  copy(source: Buffer, view: DataView, start: number, end: number): void {
    copyBytes(this.buffer, this.view, this.length, source, view, start, end);
    this.length += end - start;
  }

  fixed(bytes: FixedBytes): void {
    this.copy(bytes.buffer, bytes.view, 0, bytes.length);
  }
}
