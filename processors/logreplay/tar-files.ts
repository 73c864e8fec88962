/**
 * The regular files of a tar archive as OPA and GNU tar write it (ustar, PAX paths, GNU long names). Everything else in it
 * (directories, links, devices) is passed over: nothing is ever written to a disk. Pure.
 */
import { excerpt, RewindError } from '../../schemas/errors.js';

const BLOCK = 512;
/** Files of one archive. */
const FILES_MAX = 10_000;

export interface TarFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** Errors: bundle_invalid. */
export function tarFiles(tar: Buffer): TarFile[] {
  const files: TarFile[] = [];
  let longPath: string | null = null;
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const header = tar.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const size = octal(header.subarray(124, 136));
    const start = at + BLOCK;
    if (start + size > tar.length) throw broken('a file ends behind the archive');
    const bytes = tar.subarray(start, start + size);
    at = start + Math.ceil(size / BLOCK) * BLOCK;
    const kind = String.fromCharCode(header[156]!);
    if (kind === 'L') longPath = text(bytes);
    else if (kind === 'x') longPath = paxPath(bytes) ?? longPath;
    else if (kind !== 'g') {
      if (kind === '0' || kind === '\0') files.push({ path: plain(longPath ?? ustarPath(header)), bytes });
      longPath = null;
    }
    if (files.length > FILES_MAX) throw broken(`more than ${FILES_MAX} files`);
  }
  return files;
}

function octal(field: Buffer): number {
  const digits = text(field).trim();
  if (!/^[0-7]{1,11}$/.test(digits)) throw broken(`a size of ${excerpt(digits)}`);
  return Number.parseInt(digits, 8);
}

function ustarPath(header: Buffer): string {
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? text(header.subarray(345, 500)) : '';
  const name = text(header.subarray(0, 100));
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Records `<length> <key>=<value>\n`. */
function paxPath(bytes: Buffer): string | null {
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString('latin1', at, space < 0 ? at : space));
    if (!Number.isInteger(length) || length <= 0 || at + length > bytes.length) throw broken('a PAX record');
    const record = bytes.toString('utf8', space + 1, at + length - 1);
    if (record.startsWith('path=')) return record.slice('path='.length);
    at += length;
  }
  return null;
}

function text(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

/** Without `./` and slashes in front. */
function plain(path: string): string {
  return path.replace(/^(\.?\/)+/, '');
}

function broken(what: string): RewindError {
  return new RewindError('bundle_invalid', `the archive is no tar: ${what}`);
}
