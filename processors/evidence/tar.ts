/**
 * Plain tar (ustar), written in one way only: the check of an archive writes each header again and compares the bytes, so
 * that no byte of the file is without meaning. Pure.
 */
const BLOCK = 512;
/** Eleven octal digits. */
export const TAR_MAX_BYTES = 8 ** 11 - 1;

export const TAR_BLOCK = BLOCK;
export const TAR_END = Buffer.alloc(2 * BLOCK);

/** `name`: at most 100 ASCII characters. */
export function tarHeader(name: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100, 'ascii');
  block.write('0000644\0', 100, 'ascii');
  block.write('0000000\0', 108, 'ascii');
  block.write('0000000\0', 116, 'ascii');
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'ascii');
  block.write('00000000000\0', 136, 'ascii');
  block.write('        ', 148, 'ascii');
  block.write('0', 156, 'ascii');
  block.write('ustar\x0000', 257, 'ascii');
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'ascii');
  return block;
}

/** What a header says; null: it is none that `tarHeader` writes. */
export function readTarHeader(block: Buffer): { name: string; size: number } | null {
  const end = block.indexOf(0);
  const name = block.toString('latin1', 0, Math.min(end < 0 ? 100 : end, 100));
  const digits = block.toString('latin1', 124, 135);
  if (!/^[0-7]{11}$/.test(digits)) return null;
  const size = Number.parseInt(digits, 8);
  return tarHeader(name, size).equals(block) ? { name, size } : null;
}

/** Zero bytes behind a file of this size. */
export function tarPadding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}
