/**
 * Lines of a byte stream of any length, in memory that does not grow with it. Used for NDJSON by the intake route and
 * by `rewind ingest`.
 */

export interface Line {
  /** 1-based, blank lines counted. */
  readonly number: number;
  /** Without the line end; null: longer than allowed, and dropped. */
  readonly text: Buffer | null;
  /** Offset in the stream behind this line and its end. */
  readonly endOffset: number;
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * Yields the lines of each chunk as it arrives, blank ones left out. Lines share the memory of their chunk.
 */
export async function* lineBatches(
  source: AsyncIterable<Buffer | string>,
  lineMaxBytes: number,
): AsyncGenerator<Line[]> {
  let parts: Buffer[] = [];
  let held = 0;
  let number = 0;
  let offset = 0;
  const take = (tail: Buffer, endOffset: number): Line[] => {
    number++;
    const tooLong = held + tail.length > lineMaxBytes;
    const whole = tooLong ? null : parts.length === 0 ? tail : Buffer.concat([...parts, tail]);
    parts = [];
    held = 0;
    const text = whole !== null && whole.at(-1) === CR ? whole.subarray(0, -1) : whole;
    return text !== null && isBlank(text) ? [] : [{ number, text, endOffset }];
  };
  for await (const piece of source) {
    const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece;
    const lines: Line[] = [];
    let start = 0;
    for (;;) {
      const stop = chunk.indexOf(LF, start);
      if (stop < 0) break;
      lines.push(...take(chunk.subarray(start, stop), offset + stop + 1));
      start = stop + 1;
    }
    const rest = chunk.subarray(start);
    held += rest.length;
    // What is over the limit is counted, not kept.
    if (held > lineMaxBytes) parts = [];
    else if (rest.length > 0) parts.push(rest);
    offset += chunk.length;
    if (lines.length > 0) yield lines;
  }
  if (held > 0) {
    const last = take(Buffer.alloc(0), offset);
    if (last.length > 0) yield last;
  }
}

function isBlank(text: Buffer): boolean {
  for (const byte of text) if (byte !== 0x20 && byte !== 0x09) return false;
  return true;
}
