/** Runs a contestant that is a process of its own, and says what it took: time, CPU time, the most memory. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const SAMPLE_MS = 50;
/** Linux counts CPU time in hundredths of a second on every architecture that Node supports. */
const TICKS_PER_SECOND = 100;

export interface Usage {
  /** Of all threads, user and system. */
  readonly cpuSeconds: number;
  /** The most resident memory so far. */
  readonly peakRssBytes: number;
}

/** Linux's own count for a running process; zeros once it is gone or where there is no /proc. */
export function usageOf(pid: number): Usage {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold spaces: count from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
      peakRssBytes: Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024,
    };
  } catch {
    return { cpuSeconds: 0, peakRssBytes: 0 };
  }
}

export interface MeasuredRun extends Usage {
  readonly stdout: string;
  readonly stderr: string;
  /** From the start of the process to its end. */
  readonly seconds: number;
}

/**
 * Runs a command to its end. CPU time and memory are as last sampled, at most 50 ms before the end. Its standard input
 * stays open as long as this process lives: a child that should not outlive us can wait for its end.
 * Rejects when the command does not exist, exits with another code than 0 or takes longer than timeoutMs.
 */
export function runMeasured(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly timeoutMs: number },
): Promise<MeasuredRun> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let usage: Usage = { cpuSeconds: 0, peakRssBytes: 0 };
    const timer = setInterval(() => {
      const now = usageOf(child.pid ?? 0);
      // A process that has just ended has no memory any more.
      if (now.peakRssBytes > 0) usage = now;
    }, SAMPLE_MS);
    child.stdin.on('error', () => {});
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (error) => {
      clearInterval(timer);
      reject(error);
    });
    child.on('close', (code, signal) => {
      clearInterval(timer);
      const seconds = (performance.now() - started) / 1000;
      const out = Buffer.concat(stdout).toString();
      const err = Buffer.concat(stderr).toString();
      if (code === 0) resolve({ ...usage, stdout: out, stderr: err, seconds });
      else reject(new Error(`${command} ended with ${signal ?? code}: ${(err || out).slice(-2000)}`));
    });
  });
}
