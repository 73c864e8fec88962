/**
 * A Java server as a child that cannot outlive us: a watchdog shell holds the read end of a pipe whose write end only
 * this process has; when we die, however hard, the pipe closes and the watchdog kills the server.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { excerpt, RewindError } from '../../schemas/errors.js';
import { javaCommand } from './java.js';

export interface JavaServer {
  readonly pid: number;
  readonly exited: Promise<number>;
  /** Ends the server: SIGTERM, after `graceMs` SIGKILL. Resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts `java …args` with its output appended to logFile and waits until `ready` answers true.
 * preflight_failed with the last lines of its output when it exits or is not ready within timeoutMs.
 */
export async function startJava(options: {
  name: string;
  args: readonly string[];
  cwd: string;
  logFile: string;
  ready: () => Promise<boolean>;
  timeoutMs: number;
}): Promise<JavaServer> {
  const output = openSync(options.logFile, 'a');
  // A group of its own: Ctrl-C must reach us alone, so that we end before our broker does.
  const child = spawn(javaCommand(), options.args, {
    cwd: options.cwd,
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const server = watch(child);
  const deadline = Date.now() + options.timeoutMs;
  let code: number | null = null;
  void server.exited.then((value) => {
    code = value;
  });
  while (code === null && Date.now() < deadline) {
    if (await options.ready().catch(() => false)) return server;
    await sleep(100);
  }
  await server.stop(0);
  const reason = code === null ? `was not ready after ${options.timeoutMs} ms` : `ended with code ${code}`;
  throw new RewindError('preflight_failed', `${options.name} ${reason}: ${lastLines(options.logFile)}`);
}

function watch(child: ChildProcess): JavaServer {
  const pid = child.pid ?? 0;
  const exited = new Promise<number>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
  // `read` also returns at end of file, which is what our death looks like from there.
  const watchdog = spawn('/bin/sh', ['-c', `read _; kill -9 ${pid} 2>/dev/null`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.on('error', () => {});
  watchdog.stdin.on('error', () => {});
  watchdog.unref();
  child.unref();
  // A pid can be given to somebody else once the child is gone: the watchdog goes first.
  void exited.then(() => watchdog.kill('SIGKILL'));
  const send = (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  };
  return {
    pid,
    exited,
    async stop(graceMs) {
      // Not kept alive by a running server, but by one that we wait for.
      child.ref();
      if (graceMs > 0) {
        send('SIGTERM');
        const timer = setTimeout(() => send('SIGKILL'), graceMs);
        await exited;
        clearTimeout(timer);
      } else {
        send('SIGKILL');
        await exited;
      }
    },
  };
}

function lastLines(path: string): string {
  const text = readFileSync(path, 'utf8').trimEnd();
  const errors = text.split('\n').filter((line) => /ERROR|Exception|already in use/i.test(line));
  return excerpt((errors.length > 0 ? errors.slice(0, 2) : text.split('\n').slice(-3)).join(' | '));
}

/** A TCP port on loopback that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
