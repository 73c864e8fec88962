/** Worker processes as users start them (`rewind worker`), watched so that a test can kill, freeze and wake them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { entryPoint } from '../../package-root.js';

const OUTPUT_KEPT = 8_000;

/** A worker serves on without whoever started it: a test that is cut off takes its own along. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class WorkerProcess {
  readonly #child: ChildProcess;
  #output = '';

  /** `failpoint` as in REWIND_FAILPOINT; empty: none. */
  constructor(options: { configFile: string; cwd: string; threads: number; failpoint: string }) {
    const env: NodeJS.ProcessEnv = { ...process.env, REWIND_CONFIG: options.configFile, REWIND_LOG: 'warn' };
    for (const name of Object.keys(env)) if (name.startsWith('REWIND_TEST_')) delete env[name];
    delete env.REWIND_FAILPOINT;
    if (options.failpoint !== '') env.REWIND_FAILPOINT = options.failpoint;
    const args = [entryPoint('api/cli/main.js'), 'worker', '--workers', String(options.threads)];
    this.#child = spawn(process.execPath, args, { cwd: options.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this.#child);
    this.#child.once('exit', () => running.delete(this.#child));
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_KEPT);
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The signal that ended it; null: alive, or it ended by itself. */
  get signal(): string | null {
    return this.#child.signalCode;
  }

  /** The last of what it wrote, for messages of failed tests. */
  get output(): string {
    return this.#output;
  }

  /** Resolves once it has started its workers. */
  async ready(): Promise<void> {
    while (!this.#output.includes('look for work') && this.alive) await sleep(50);
  }

  /** True while it is stopped by SIGSTOP. */
  get frozen(): boolean {
    try {
      const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
    } catch {
      return false;
    }
  }

  wake(): void {
    this.#child.kill('SIGCONT');
  }

  /** kill -9, also of a frozen process; resolves when it is gone. */
  async kill(): Promise<void> {
    if (!this.alive) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }
}
