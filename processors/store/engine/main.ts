/**
 * Entry of the engine child: `main.js <dataDir>`. The first line of stdin holds its options as JSON (the password must
 * not stand in the process list); the first line of stdout says `ready` or why not. The child lives as long as stdin is
 * open: when the parent goes, however it goes, the child finishes what runs and ends.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { ChdbEngine } from './chdb.js';
import { toEngineError } from './engine-error.js';
import { PipePool } from './pipes.js';
import type { ChildOptions, ChildReport, EngineFile } from './protocol.js';
import { EngineServer } from './server.js';

const dataDir = resolve(process.argv[2] ?? '.');
const engineFile = join(dataDir, 'engine.json');
const storeDir = join(dataDir, 'store');
const DEFAULT_MAX_SECONDS = 600;
const KILL_MAX_MS = 5_000;
/** One statement without a limit of its own gets this share of the engine's memory. */
const DEFAULT_MEMORY_SHARE = 0.5;

function report(line: ChildReport): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** The process that holds the directory, as ClickHouse notes it in its lock file; null: unknown. */
function holderPid(): number | null {
  try {
    return (
      Number(/PID: (\d+)/.exec(readFileSync(join(storeDir, 'status'), 'utf8'))?.[1] ?? Number.NaN) || null
    );
  } catch {
    return null;
  }
}

function openEngine(options: ChildOptions): ChdbEngine | null {
  const holder = holderPid();
  try {
    return new ChdbEngine(storeDir, options.memoryMaxBytes);
  } catch (error) {
    report({ kind: 'failed', holderPid: holder, message: toEngineError(error).message });
    return null;
  }
}

function writeEngineFile(content: EngineFile): void {
  const draft = `${engineFile}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(content)}\n`, { mode: 0o600 });
  renameSync(draft, engineFile);
}

async function start(options: ChildOptions, ended: Promise<void>): Promise<void> {
  mkdirSync(storeDir, { recursive: true, mode: 0o700 });
  const engine = openEngine(options);
  if (engine === null) {
    process.exitCode = 3;
    return;
  }
  const server = new EngineServer({
    engine,
    pipes: new PipePool(join(dataDir, 'pipes'), options.sessions),
    sessions: options.sessions,
    username: options.username,
    password: options.password,
    limits: {
      maxSeconds: DEFAULT_MAX_SECONDS,
      maxMemoryBytes: Math.floor(options.memoryMaxBytes * DEFAULT_MEMORY_SHARE),
    },
  });
  const port = await server.listen(options.port);
  writeEngineFile({
    url: `http://127.0.0.1:${port}`,
    username: options.username,
    password: options.password,
    pid: process.pid,
  });
  report({ kind: 'ready', port });
  await ended;
  rmSync(engineFile, { force: true });
  // A statement that not even a kill ends must not hold the directory for ever.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), options.drainMaxMs + KILL_MAX_MS).unref();
  await server.drain(options.drainMaxMs);
  engine.close();
}

const input = createInterface({ input: process.stdin });
const ended = new Promise<void>((resolve) => {
  input.once('close', resolve);
  process.once('SIGTERM', () => resolve());
});
// A Ctrl-C in the terminal reaches the whole group; the parent decides when the store stops.
process.on('SIGINT', () => undefined);
// The parent may be gone before its pipes are read.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

input.once('line', (line) => {
  start(JSON.parse(line) as ChildOptions, ended)
    .catch((error: unknown) => {
      report({ kind: 'failed', holderPid: null, message: toEngineError(error).message });
      process.exitCode = 1;
    })
    // Native threads of the engine keep a process alive.
    .finally(() => process.stdout.write('', () => process.exit()));
});
