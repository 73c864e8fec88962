/** The real command line as real processes, from dist/: a server of its own for a test, and commands against it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { packageRoot } from '../package-root.js';

const SCRIPT = join(packageRoot(), 'dist', 'api', 'cli', 'main.js');
const START_MAX_MS = 120_000;
const COMMAND_MAX_MS = 120_000;
const STOP_MAX_MS = 30_000;

export type Environment = Readonly<Record<string, string>>;

export interface CommandResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CommandPlace {
  /** Working directory: its rewind.yaml counts, and relative paths begin here. */
  readonly cwd: string;
  readonly env: Environment;
  readonly stdin?: string;
}

/** Runs `rewind …argv` to its end; a command that hangs is killed and has no exit code. */
export async function runRewind(argv: readonly string[], place: CommandPlace): Promise<CommandResult> {
  const child = start(argv, place);
  const output = collect(child);
  child.stdin?.end(place.stdin ?? '');
  const deadline = setTimeout(() => child.kill('SIGKILL'), COMMAND_MAX_MS);
  const code = await ended(child);
  clearTimeout(deadline);
  return { code, ...output() };
}

export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** What it has printed so far. */
  output(): { readonly out: string; readonly err: string };
  /** SIGTERM, and SIGKILL for one that does not go; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** `rewind serve` on a free port. Rejects with all it said when it ends, or is not there in time. */
export function startRewind(argv: readonly string[], place: CommandPlace): Promise<ServerProcess> {
  return startUntil(['serve', '--port', '0', ...argv], place, /listens on (\S+)/);
}

/** `rewind worker` beside a server; its `url` is empty. */
export function startWorker(argv: readonly string[], place: CommandPlace): Promise<ServerProcess> {
  return startUntil(['worker', ...argv], place, /look for work()/);
}

async function startUntil(
  argv: readonly string[],
  place: CommandPlace,
  ready: RegExp,
): Promise<ServerProcess> {
  const child = start(argv, place);
  const output = collect(child);
  child.stdin?.end();
  const end = ended(child);
  const stop = async () => {
    child.kill('SIGTERM');
    const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_MAX_MS);
    const code = await end;
    clearTimeout(deadline);
    return code;
  };
  const deadline = performance.now() + START_MAX_MS;
  while (performance.now() < deadline && child.exitCode === null && child.signalCode === null) {
    const url = ready.exec(output().err)?.[1];
    if (url !== undefined) return { url, pid: child.pid ?? 0, output, stop };
    await wait(50);
  }
  await stop();
  throw new Error(`rewind ${argv[0]} did not start: ${output().out}${output().err}`);
}

function start(argv: readonly string[], { cwd, env }: CommandPlace): ChildProcess {
  const { PATH, HOME, JAVA_HOME } = process.env;
  const known = Object.entries({ PATH, HOME, JAVA_HOME }).filter(([, value]) => value !== undefined);
  // Nothing else of this process's environment: a REWIND_ name in it would change what is tested.
  return spawn(process.execPath, [SCRIPT, ...argv], {
    cwd,
    env: { ...Object.fromEntries(known), NO_COLOR: '1', ...env },
    stdio: 'pipe',
  });
}

function collect(child: ChildProcess): () => { out: string; err: string } {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin?.on('error', () => undefined);
  return () => ({ out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() });
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
}
