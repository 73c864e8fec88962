/** Gives a WebAssembly binary that defines its own memory a maximum: the one limit that no code in it can get around. */
import { RewindError } from '../../schemas/errors.js';

export const PAGE_BYTES = 64 << 10;
const HEADER_BYTES = 8;
const MEMORY_SECTION = 5;

export function withMemoryLimit(wasm: Buffer, maxBytes: number): Buffer {
  let at = HEADER_BYTES;
  while (at < wasm.length) {
    const id = wasm[at]!;
    const size = readLeb(wasm, at + 1);
    const end = size.end + size.value;
    if (id === MEMORY_SECTION)
      return Buffer.concat([wasm.subarray(0, at), limited(wasm, size.end, maxBytes), wasm.subarray(end)]);
    at = end;
  }
  throw new RewindError('internal', 'the WebAssembly has no memory of its own');
}

/** The section with one memory: flags, minimum, and now a maximum in pages. */
function limited(wasm: Buffer, body: number, maxBytes: number): Buffer {
  const count = readLeb(wasm, body);
  if (count.value !== 1) throw new RewindError('internal', 'the WebAssembly has more than one memory');
  const minimum = readLeb(wasm, count.end + 1);
  const maximum = Math.max(minimum.value, Math.floor(maxBytes / PAGE_BYTES));
  const content = [...leb(1), 1, ...leb(minimum.value), ...leb(maximum)];
  return Buffer.from([MEMORY_SECTION, ...leb(content.length), ...content]);
}

function readLeb(bytes: Buffer, start: number): { value: number; end: number } {
  let value = 0;
  let at = start;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, end: at };
  }
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 0x80);
  }
}
