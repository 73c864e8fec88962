/**
 * Builds OPA as a WebAssembly module and records its hash: `npm run build:opa-compiler`. With `-- --check` it writes
 * nothing, builds in a directory of its own, and fails unless the bytes are those recorded. Needs Go, which fetches the
 * very version that the record names.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { packageRoot } from '../../processors/package-root.js';
import { OpaInstance } from '../../processors/policy/opa-instance.js';
import {
  CAPABILITIES_FILE,
  OPA_FILE,
  OPA_RECORD_FILE,
  type OpaRecord,
  sha256,
} from '../../processors/policy/opa-module.js';
import { allowedCapabilities } from './capabilities.js';

const GO = 'go1.26.8';
const SOURCES = join(packageRoot(), 'deploy/opa-compiler');
const FLAGS = ['-buildmode=c-shared', '-trimpath', '-ldflags=-s -w', '-buildvcs=false'];

/** Builds in a fresh directory, so that nothing of where it stands can get into the bytes. */
function build(): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'rewind-opa-'));
  try {
    for (const name of readdirSync(SOURCES))
      if (/^go\.(mod|sum)$|(?<!_test)\.go$/.test(name))
        copyFileSync(join(SOURCES, name), join(directory, name));
    const env = {
      ...process.env,
      GOOS: 'wasip1',
      GOARCH: 'wasm',
      GOTOOLCHAIN: GO,
      GOFLAGS: '-mod=readonly',
      GOWORK: 'off',
      CGO_ENABLED: '0',
    };
    execFileSync('go', ['build', ...FLAGS, '-o', 'opa.wasm', '.'], { cwd: directory, env, stdio: 'inherit' });
    return readFileSync(join(directory, 'opa.wasm'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function opaVersion(): string {
  const match = /open-policy-agent\/opa v(\S+)/.exec(readFileSync(join(SOURCES, 'go.mod'), 'utf8'));
  if (match === null) throw new Error('go.mod names no OPA');
  return match[1]!;
}

function check(bytes: Buffer, capabilities: string): void {
  const record = JSON.parse(readFileSync(join(packageRoot(), OPA_RECORD_FILE), 'utf8')) as OpaRecord;
  const found = sha256(bytes);
  if (found !== record.sha256) throw new Error(`built ${found}, recorded ${record.sha256}`);
  if (capabilities !== readFileSync(join(packageRoot(), CAPABILITIES_FILE), 'utf8'))
    throw new Error(`${CAPABILITIES_FILE} is not what the sources give`);
  process.stdout.write(`the sources give the recorded bytes: ${found}\n`);
}

function write(bytes: Buffer, capabilities: string): void {
  const packed = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  const record: OpaRecord = {
    opa: opaVersion(),
    go: GO,
    sha256: sha256(bytes),
    packedSha256: sha256(packed),
  };
  writeFileSync(join(packageRoot(), CAPABILITIES_FILE), capabilities);
  writeFileSync(join(packageRoot(), OPA_FILE), packed);
  writeFileSync(join(packageRoot(), OPA_RECORD_FILE), `${JSON.stringify(record, null, 2)}\n`);
  process.stdout.write(`${OPA_FILE}: ${packed.length} bytes\n`);
}

/** OPA is asked what it can do once it is built. */
async function capabilities(bytes: Buffer): Promise<string> {
  const opa = new OpaInstance(await WebAssembly.compile(bytes));
  return allowedCapabilities(opa.call('capabilities', Buffer.alloc(0)).toString());
}

const bytes = build();
if (process.argv.includes('--check')) check(bytes, await capabilities(bytes));
else write(bytes, await capabilities(bytes));
