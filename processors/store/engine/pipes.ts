/**
 * Named pipes between the HTTP requests and the engine: one per running statement, made once at start. A pipe is free
 * again only when the engine and this process have both closed it, so no byte of one statement can reach the next.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

export class PipePool {
  readonly #free: string[] = [];

  /** Makes `count` pipes in `directory`; what an earlier start left there is deleted. */
  constructor(directory: string, count: number) {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (let i = 0; i < count; i++) this.#free.push(join(directory, `pipe${i}`));
    execFileSync('mkfifo', ['-m', '600', ...this.#free]);
  }

  /** The caller has a slot, and there are as many pipes as slots. */
  take(): string {
    const pipe = this.#free.pop();
    if (pipe === undefined) throw new Error('more statements than pipes');
    return pipe;
  }

  give(pipe: string): void {
    this.#free.push(pipe);
  }
}

/** One end of a pipe as a stream, and a spare write end that holds back the end of file while it is open. */
export interface PipeEnd {
  readonly stream: Socket;
  /** Closes the spare write end. Harmless when repeated. */
  release(): void;
}

/** The reading end. The stream ends once the engine has closed its end and `release` was called. */
export function openReader(pipe: string): PipeEnd {
  const fd = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  const spare = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  return { stream: new Socket({ fd, readable: true, writable: false }), release: closeOnce(spare) };
}

/**
 * The writing end, once the engine has opened the pipe; null when `stopped` says that it never will. Opening must not
 * block (it would stop the process), so it is tried again until a reader is there: about a millisecond.
 */
export async function openWriter(pipe: string, stopped: () => boolean): Promise<PipeEnd | null> {
  for (let attempt = 0; !stopped(); attempt++) {
    const spare = tryOpenWriter(pipe);
    const fd = spare === null ? null : tryOpenWriter(pipe);
    if (spare !== null && fd !== null)
      return { stream: new Socket({ fd, readable: false, writable: true }), release: closeOnce(spare) };
    if (spare !== null) closeSync(spare);
    await new Promise<void>((resolve) => {
      if (attempt < 20) setImmediate(resolve);
      else setTimeout(resolve, 1);
    });
  }
  return null;
}

function tryOpenWriter(pipe: string): number | null {
  try {
    return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return null;
    throw error;
  }
}

function closeOnce(fd: number): () => void {
  let open = true;
  return () => {
    if (!open) return;
    open = false;
    closeSync(fd);
  };
}
