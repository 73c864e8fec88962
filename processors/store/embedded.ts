/**
 * Starts and watches the engine child: a crash of the engine is a second without store, on the same address with the
 * same password, and never the end of the process that uses it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { RewindError } from '../../schemas/errors.js';
import { entryPoint } from '../package-root.js';
import type { ChildOptions, ChildReport, EngineFile } from './engine/protocol.js';

const USERNAME = 'rewind';
const START_MAX_MS = 60_000;
/** An engine whose parent died finishes its statements; its successor waits so long for the directory. */
const DRAIN_MAX_MS = 8_000;
const HANDOVER_MAX_MS = 10_000;
const STOP_MAX_MS = 20_000;
const RESTART_FIRST_MS = 100;
const RESTART_SLOWEST_MS = 5_000;
/** An engine that crashes more often than this is broken, not unlucky. */
const RESTARTS_PER_MINUTE = 20;
const PING_MAX_MS = 3_000;

export type EngineLog = (level: 'info' | 'warn' | 'error', message: string, facts?: object) => void;

export interface EngineOptions {
  readonly dataDir: string;
  readonly memoryMaxBytes: number;
  readonly sessions: number;
  readonly log?: EngineLog;
}

/** How to reach a running engine. */
export type EngineAddress = EngineFile;

export interface EngineHandle extends Omit<EngineAddress, 'pid'> {
  /** Of the child that runs now; changes with a restart. */
  readonly pid: number;
  /** Lets running statements finish (for some seconds), then ends the child. */
  stop(): Promise<void>;
}

/**
 * Starts the engine on `dataDir` and resolves when it takes statements.
 * Errors: store_in_use (names the path and the holder), store_unavailable (the engine does not start).
 */
export async function startEngine(options: EngineOptions): Promise<EngineHandle> {
  const engine = new SupervisedEngine(options);
  await engine.start();
  return engine;
}

/** The engine that runs on `dataDir`, started by whatever process; null: none runs. */
export async function connectEngine(dataDir: string): Promise<EngineAddress | null> {
  const file = readEngineFile(resolve(dataDir));
  if (file === null || !isAlive(file.pid)) return null;
  try {
    // With the password: another process may have got the port since.
    const answer = await fetch(`${file.url}/?query=SELECT+1`, {
      headers: { 'X-ClickHouse-User': file.username, 'X-ClickHouse-Key': file.password },
      signal: AbortSignal.timeout(PING_MAX_MS),
    });
    await answer.arrayBuffer();
    return answer.ok || answer.status === 503 ? file : null;
  } catch {
    return null;
  }
}

class SupervisedEngine implements EngineHandle {
  readonly username = USERNAME;
  readonly password = randomBytes(24).toString('base64url');
  readonly #options: EngineOptions;
  readonly #dataDir: string;
  readonly #log: EngineLog;
  readonly #starts: number[] = [];
  #child: ChildProcess | null = null;
  #port = 0;
  #pid = 0;
  #stopping = false;
  #lockRefused = false;
  #restarting: Promise<void> = Promise.resolve();

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#dataDir = resolve(options.dataDir);
    this.#log = options.log ?? (() => undefined);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number {
    return this.#pid;
  }

  async start(): Promise<void> {
    mkdirSync(this.#dataDir, { recursive: true, mode: 0o700 });
    const deadline = Date.now() + HANDOVER_MAX_MS;
    for (;;) {
      const report = await this.#spawn();
      if (report.kind === 'ready') return;
      if (!this.#lockRefused)
        throw new RewindError(
          'store_unavailable',
          `the engine does not start on ${this.#dataDir}: ${report.message}`,
        );
      // An engine that answers will not go away; one that was orphaned finishes its statements and leaves.
      if (Date.now() > deadline || (await connectEngine(this.#dataDir)) !== null)
        throw new RewindError(
          'store_in_use',
          `${this.#dataDir} is in use by process ${report.holderPid ?? 'unknown'}`,
          {
            facts: { path: this.#dataDir, pid: report.holderPid },
          },
        );
      await sleep(200);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#restarting;
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.stdin?.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MAX_MS);
    await exit;
    clearTimeout(timer);
  }

  /** One child, up to its first report. A child that came up is watched from then on. */
  async #spawn(): Promise<ChildReport> {
    const { sessions, memoryMaxBytes } = this.#options;
    const child = spawn(process.execPath, [entryPoint('processors/store/engine/main.js'), this.#dataDir], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // Every statement holds one libuv thread; file IO and DNS need some besides.
      env: { ...process.env, UV_THREADPOOL_SIZE: String(sessions + 8), NODE_OPTIONS: '' },
    });
    this.#child = child;
    child.stdin.on('error', () => undefined);
    const stderr = createInterface({ input: child.stderr });
    this.#lockRefused = false;
    stderr.on('line', (line) => {
      // chDB tells its caller only that it could not start; the reason goes to stderr.
      if (line.includes('Cannot lock file')) this.#lockRefused = true;
      else this.#log('warn', 'engine', { line });
    });
    const childOptions: ChildOptions = {
      port: this.#port,
      username: this.username,
      password: this.password,
      sessions,
      memoryMaxBytes,
      drainMaxMs: DRAIN_MAX_MS,
    };
    child.stdin.write(`${JSON.stringify(childOptions)}\n`);
    const ended = once(child, 'close');
    const report = await firstReport(child);
    // What it wrote to stderr belongs to the report.
    if (report.kind === 'failed' && child.pid !== undefined) await ended;
    if (report.kind === 'ready') {
      this.#port = report.port;
      this.#pid = child.pid!;
      child.once('exit', (code, signal) => this.#onExit(code, signal));
      // It may have ended between its report and this line.
      if (child.exitCode !== null || child.signalCode !== null)
        this.#onExit(child.exitCode, child.signalCode);
    }
    return report;
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#stopping) return;
    this.#log('warn', 'the engine ended and is started again', { code, signal, pid: this.#pid });
    this.#restarting = this.#restart();
  }

  async #restart(): Promise<void> {
    for (let delay = RESTART_FIRST_MS; !this.#stopping; delay = Math.min(delay * 2, RESTART_SLOWEST_MS)) {
      const now = Date.now();
      while (this.#starts[0] !== undefined && this.#starts[0] < now - 60_000) this.#starts.shift();
      if (this.#starts.length >= RESTARTS_PER_MINUTE) {
        this.#log('error', 'the engine keeps ending; it is tried again in a minute', {
          restarts: this.#starts.length,
        });
        for (let waited = 0; waited < 60_000 && !this.#stopping; waited += 200) await sleep(200);
        continue;
      }
      await sleep(delay);
      if (this.#stopping) return;
      this.#starts.push(Date.now());
      const report = await this.#spawn();
      if (report.kind === 'ready') {
        this.#log('info', 'the engine is back', { pid: this.#pid });
        return;
      }
      this.#log('error', 'the engine does not start', { reason: report.message });
    }
  }
}

async function firstReport(child: ChildProcess): Promise<ChildReport> {
  const lines = createInterface({ input: child.stdout! });
  const failed = (message: string): ChildReport => ({
    kind: 'failed',
    holderPid: null,
    message,
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MAX_MS);
  try {
    return await new Promise<ChildReport>((resolve) => {
      child.once('error', (error) => resolve(failed(error.message)));
      child.once('close', (code, signal) =>
        resolve(failed(`it ended with ${signal ?? code} before it was ready`)),
      );
      // chDB writes to stdout as well, before it is silenced.
      lines.on('line', (line) => {
        if (line.startsWith('{"kind":')) resolve(JSON.parse(line) as ChildReport);
      });
    });
  } finally {
    clearTimeout(timer);
  }
}

function readEngineFile(dataDir: string): EngineFile | null {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'engine.json'), 'utf8')) as EngineFile;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
