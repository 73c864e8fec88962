/**
 * Runs one statement: reads through a pipe into the answer, inserts from the request's body through a pipe, the rest as
 * it is. Ends only when the engine has ended too: until then the statement keeps its slot, its pipe and its session.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Session } from 'chdb';
import type { Answer } from './answer.js';
import type { ChdbEngine, StatementContext } from './chdb.js';
import { EngineError, toEngineError } from './engine-error.js';
import { openReader, openWriter, type PipeEnd, type PipePool } from './pipes.js';
import type { Statement } from './statement.js';

const KILL_RETRY_MS = 20;

export interface Run {
  readonly engine: ChdbEngine;
  readonly pipes: PipePool;
  readonly context: StatementContext;
  readonly answer: Answer;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Fires when the client is gone. */
  readonly gone: AbortSignal;
}

type Outcome =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly error: EngineError };

/** A statement inside the engine. `outcome` never rejects. */
interface Started {
  readonly outcome: Promise<Outcome>;
  readonly settled: () => boolean;
}

export async function runPlain(run: Run, sql: string, format: string): Promise<void> {
  await withSession(run, async (session) => {
    const started = start(session, sql, format);
    killWhenGone(run, started, () => undefined);
    const outcome = await started.outcome;
    if (!outcome.ok) throw outcome.error;
    run.answer.format(format);
    run.answer.write(outcome.bytes);
    run.answer.end();
  });
}

export async function runRead(run: Run, statement: Extract<Statement, { kind: 'read' }>): Promise<void> {
  run.answer.format(statement.format);
  await withPipe(run, async (session, pipe) => {
    const end = openReader(pipe);
    const finished = new Promise<void>((resolve) => {
      end.stream.once('end', resolve);
      end.stream.once('close', resolve);
      end.stream.once('error', () => resolve());
    });
    const started = start(session, statement.sql(pipe), statement.format);
    // A gone client takes nothing more; the engine must still be able to write until it notices the kill.
    killWhenGone(run, started, () => undefined);
    forward(run, end);
    const outcome = await started.outcome;
    end.release();
    await finished;
    end.stream.destroy();
    if (!outcome.ok) throw outcome.error;
    run.answer.end();
  });
}

function forward(run: Run, end: PipeEnd): void {
  const resume = (): void => {
    end.stream.resume();
  };
  run.response.on('drain', resume);
  run.gone.addEventListener('abort', resume, { once: true });
  end.stream.on('data', (chunk: Buffer) => {
    if (!run.gone.aborted && !run.answer.write(chunk) && !run.gone.aborted) end.stream.pause();
  });
}

/** `data` comes before the body: what stood behind the statement in the same text. */
export async function runInsert(
  run: Run,
  statement: Extract<Statement, { kind: 'insert' }>,
  data: Buffer,
): Promise<void> {
  await withPipe(run, async (session, pipe) => {
    const started = start(session, statement.sql(pipe), 'Null');
    const end = await openWriter(pipe, started.settled);
    if (end !== null) {
      // The end of file must not reach the engine before the kill: cut at the end of a row, the rest would count as all.
      killWhenGone(run, started, () => {
        end.stream.destroy();
        end.release();
      });
      void feed(run, end, data);
    }
    const outcome = await started.outcome;
    end?.stream.destroy();
    end?.release();
    if (!outcome.ok) throw outcome.error;
    // A success with a body that was cut cannot be: the kill came first, or the body was complete.
    run.answer.end();
  });
}

async function feed(run: Run, end: PipeEnd, data: Buffer): Promise<void> {
  const { stream } = end;
  // The engine closes early when it rejects the data; its error is the one that counts.
  stream.on('error', () => run.request.resume());
  if (data.length > 0) stream.write(data);
  run.request.on('data', (chunk: Buffer) => {
    if (!stream.destroyed && !stream.write(chunk)) run.request.pause();
  });
  stream.on('drain', () => run.request.resume());
  stream.on('close', () => run.request.resume());
  await new Promise<void>((resolve) => {
    if (run.request.readableEnded) resolve();
    else run.request.once('end', resolve);
  });
  if (!run.request.complete || run.gone.aborted) return;
  stream.end(() => end.release());
}

function start(session: Session, sql: string, format: string): Started {
  let settled = false;
  const outcome = session.queryAsync(sql, { format }).then(
    (result): Outcome => {
      settled = true;
      return { ok: true, bytes: Buffer.from(result.bytes()) };
    },
    (error: unknown): Outcome => {
      settled = true;
      return { ok: false, error: toEngineError(error) };
    },
  );
  return { outcome, settled: () => settled };
}

/** Kills the statement once the client is gone, again and again until the engine has heard it; then calls `landed`. */
function killWhenGone(run: Run, started: Started, landed: () => void): void {
  const kill = async (): Promise<void> => {
    while (!started.settled()) {
      const found = await run.engine.kill(run.context.id).catch(() => false);
      if (found) break;
      await new Promise((resolve) => setTimeout(resolve, KILL_RETRY_MS));
    }
    landed();
  };
  const onGone = (): void => void kill();
  if (run.gone.aborted) onGone();
  else {
    run.gone.addEventListener('abort', onGone, { once: true });
    void started.outcome.then(() => run.gone.removeEventListener('abort', onGone));
  }
}

async function withPipe(run: Run, work: (session: Session, pipe: string) => Promise<void>): Promise<void> {
  await withSession(run, async (session) => {
    const pipe = run.pipes.take();
    try {
      await work(session, pipe);
    } finally {
      run.pipes.give(pipe);
    }
  });
}

async function withSession(run: Run, work: (session: Session) => Promise<void>): Promise<void> {
  if (run.gone.aborted) throw new EngineError(735, 'QUERY_WAS_CANCELLED_BY_CLIENT', 'The client is gone');
  const session = run.engine.open(run.context);
  try {
    await work(session);
  } finally {
    session.close();
  }
}
