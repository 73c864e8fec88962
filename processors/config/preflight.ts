/**
 * Looks at the machine before anything is started: what is missing is one line with a way out, all lines at once, and
 * not a stack trace a minute later.
 */
import { statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { freemem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { RewindError } from '../../schemas/errors.js';

const NODE_LOWEST = [20, 19] as const;
/** What the embedded engine is prebuilt for. */
const PLATFORMS = ['linux x64', 'linux arm64', 'darwin x64', 'darwin arm64'];

/** The machine as the checks see it; tests give their own. */
export interface Machine {
  readonly nodeVersion: string;
  /** `linux`, `darwin` and so on, and the processor: `x64`, `arm64`. */
  readonly platform: string;
  readonly arch: string;
  /** Version of glibc; null: another C library. */
  readonly glibc: string | null;
  /** Bytes that a process may still take. */
  freeMemory(): number;
  /** Bytes free for us where the directory is or will be. */
  freeDisk(path: string): Promise<number>;
  /** Null: free. Else the reason, such as EADDRINUSE. */
  portProblem(host: string, port: number): Promise<string | null>;
}

export interface PreflightNeeds {
  readonly dataDir: string;
  readonly diskBytes: number;
  readonly memoryBytes: number;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Further checks; each resolves with one line, or null when all is well. */
  readonly more?: readonly (() => Promise<string | null>)[];
}

/** @throws RewindError preflight_failed, a line for each thing that is missing */
export async function preflight(needs: PreflightNeeds, machine: Machine = thisMachine()): Promise<void> {
  const checks = [
    nodeProblem(machine),
    platformProblem(machine),
    diskProblem(needs, machine),
    memoryProblem(needs, machine),
    portProblem(needs, machine),
    ...(needs.more ?? []).map((check) => check()),
  ];
  const problems = (await Promise.all(checks)).filter((line) => line !== null);
  if (problems.length > 0) throw new RewindError('preflight_failed', problems.join('\n'));
}

async function nodeProblem({ nodeVersion }: Machine): Promise<string | null> {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  if (major > NODE_LOWEST[0] || (major === NODE_LOWEST[0] && minor >= NODE_LOWEST[1])) return null;
  return `Node ${nodeVersion} is too old: install Node ${NODE_LOWEST.join('.')} or later, for example with nvm install 22.`;
}

async function platformProblem({ platform, arch, glibc }: Machine): Promise<string | null> {
  const other = 'run it in Docker (docker compose up), or set store.url to a ClickHouse server';
  if (!PLATFORMS.includes(`${platform} ${arch}`))
    return `The embedded engine is not built for ${platform} ${arch}: ${other}.`;
  if (platform === 'linux' && glibc === null)
    return `The embedded engine needs glibc, and this Linux has another C library: ${other}.`;
  return null;
}

async function diskProblem({ dataDir, diskBytes }: PreflightNeeds, machine: Machine): Promise<string | null> {
  const free = await machine.freeDisk(dataDir);
  if (free >= diskBytes) return null;
  return `${gibibytes(free)} GiB of disk are free for ${dataDir}, ${gibibytes(diskBytes)} are needed: make room, or choose another directory with --data-dir.`;
}

async function memoryProblem({ memoryBytes }: PreflightNeeds, machine: Machine): Promise<string | null> {
  const free = machine.freeMemory();
  if (free >= memoryBytes) return null;
  return `${gibibytes(free)} GiB of memory are free, ${gibibytes(memoryBytes)} are needed: close other programs, or raise the container's limit.`;
}

async function portProblem({ host, port }: PreflightNeeds, machine: Machine): Promise<string | null> {
  const reason = port === 0 ? null : await machine.portProblem(host, port);
  if (reason === null) return null;
  if (reason === 'EADDRINUSE') return `Port ${port} on ${host} is taken: choose another with --port.`;
  return `Rewind cannot listen on ${host}:${port} (${reason}): choose another port with --port.`;
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}

export function thisMachine(): Machine {
  return {
    nodeVersion: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    glibc: glibcVersion(),
    // In a container the limit of the container counts.
    freeMemory: () => (typeof process.availableMemory === 'function' ? process.availableMemory() : freemem()),
    freeDisk,
    portProblem: listenProblem,
  };
}

function glibcVersion(): string | null {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime ?? null;
}

/** Of the nearest directory that exists. */
async function freeDisk(path: string): Promise<number> {
  for (let directory = resolve(path); ; directory = dirname(directory)) {
    try {
      const { bavail, bsize } = await statfs(directory);
      return bavail * bsize;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || directory === dirname(directory)) throw error;
    }
  }
}

function listenProblem(host: string, port: number): Promise<string | null> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => done(null)));
  });
}
