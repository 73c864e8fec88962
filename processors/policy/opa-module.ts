/**
 * OPA itself as a WebAssembly module (`deploy/opa-compiler`): unpacked, held to its recorded hash, given a memory limit
 * and compiled once a process; threads share the result.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { RewindError } from '../../schemas/errors.js';
import { packageRoot } from '../package-root.js';
import { withMemoryLimit } from './memory-limit.js';

const FOLDER = 'deploy/opa-compiler';
/** Packed, and what it was made of: `npm run build:opa-compiler` writes both. */
export const OPA_FILE = `${FOLDER}/opa.wasm.br`;
export const OPA_RECORD_FILE = `${FOLDER}/opa.json`;
export const CAPABILITIES_FILE = `${FOLDER}/capabilities.json`;

export interface OpaRecord {
  readonly opa: string;
  readonly go: string;
  /** SHA-256 (hex) of the module before it is packed. */
  readonly sha256: string;
  /** Of the packed file. */
  readonly packedSha256: string;
}

export async function readOpaRecord(): Promise<OpaRecord> {
  return JSON.parse(await readFile(join(packageRoot(), OPA_RECORD_FILE), 'utf8')) as OpaRecord;
}

/** Rejects with internal where the file is not the one that was recorded. */
export async function unpackOpa(): Promise<Buffer> {
  const [record, packed] = await Promise.all([readOpaRecord(), readFile(join(packageRoot(), OPA_FILE))]);
  const bytes = await promisify(brotliDecompress)(packed);
  const found = sha256(bytes);
  if (found !== record.sha256)
    throw new RewindError(
      'internal',
      `${OPA_FILE} has the hash ${found}, and not ${record.sha256} as recorded`,
    );
  return bytes;
}

const compiled = new Map<number, Promise<WebAssembly.Module>>();

/** Its memory never grows beyond the limit: Go's runtime ends with an error instead. */
export function opaModule(memoryMaxBytes: number): Promise<WebAssembly.Module> {
  let module = compiled.get(memoryMaxBytes);
  if (module === undefined) {
    module = unpackOpa().then((bytes) => WebAssembly.compile(withMemoryLimit(bytes, memoryMaxBytes)));
    compiled.set(memoryMaxBytes, module);
    module.catch(() => compiled.delete(memoryMaxBytes));
  }
  return module;
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
