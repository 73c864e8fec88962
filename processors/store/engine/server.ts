/** The engine child's HTTP server: who may ask, how many at once, and what happens when one side goes away. */
import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Answer } from './answer.js';
import type { ChdbEngine } from './chdb.js';
import { EngineError, toEngineError } from './engine-error.js';
import type { PipePool } from './pipes.js';
import { authenticate, type DefaultLimits, type EngineRequest, parseRequest, readBody } from './request.js';
import { runInsert, runPlain, runRead } from './run.js';
import { Slots } from './slots.js';
import { parseStatement } from './statement.js';

const STATEMENT_MAX_BYTES = 32 << 20;
const HEADERS_MAX_BYTES = 4 << 20;
/** Longer than clients keep idle sockets, so that the client is the one who closes them. */
const KEEP_ALIVE_MS = 60_000;
const WAITERS_PER_SLOT = 8;
const WAIT_MAX_MS = 2_000;

export interface EngineServerOptions {
  readonly engine: ChdbEngine;
  readonly pipes: PipePool;
  readonly sessions: number;
  readonly username: string;
  readonly password: string;
  readonly limits: DefaultLimits;
}

export class EngineServer {
  readonly #options: EngineServerOptions;
  readonly #slots: Slots;
  readonly #server: Server;
  readonly #abandon = new AbortController();
  #draining = false;

  constructor(options: EngineServerOptions) {
    this.#options = options;
    // Every request listens to it.
    setMaxListeners(0, this.#abandon.signal);
    this.#slots = new Slots({
      slots: options.sessions,
      waitersMax: options.sessions * WAITERS_PER_SLOT,
      waitMaxMs: WAIT_MAX_MS,
    });
    this.#server = createServer(
      {
        keepAlive: true,
        keepAliveTimeout: KEEP_ALIVE_MS,
        requestTimeout: 0,
        maxHeaderSize: HEADERS_MAX_BYTES,
        highWaterMark: 256 << 10,
      },
      (request, response) => void this.#handle(request, response),
    );
  }

  /** Listens on loopback; port 0 takes a free one. Resolves to the port. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no more statements, lets those that run finish for `maxMs`, then kills them and waits for their end. */
  async drain(maxMs: number): Promise<void> {
    this.#draining = true;
    this.#server.close();
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#abandon.abort(), maxMs);
    await this.#slots.whenIdle();
    clearTimeout(timer);
    this.#server.closeAllConnections();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    if ((request.url ?? '').split('?', 1)[0] === '/ping') {
      response.writeHead(200, { 'Content-Type': 'text/plain' }).end('Ok.\n');
      return;
    }
    let answer: Answer | null = null;
    try {
      authenticate(request, this.#options.username, this.#options.password);
      const asked = parseRequest(request, this.#options.limits);
      answer = new Answer(response, asked.queryId);
      await this.#inSlot(asked, answer, request, response);
    } catch (error) {
      // The rest of the body is read and dropped: closing now would take the answer along.
      request.on('error', () => undefined);
      request.resume();
      if (this.#draining && !response.headersSent) response.setHeader('Connection', 'close');
      (answer ?? new Answer(response, '')).fail(toEngineError(error));
    }
  }

  async #inSlot(
    asked: EngineRequest,
    answer: Answer,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    request.on('error', leave);
    response.on('close', () => {
      if (!response.writableFinished) leave();
    });
    this.#abandon.signal.addEventListener('abort', leave, { once: true });
    try {
      if (this.#draining || !(await this.#slots.take(gone.signal)))
        throw new EngineError(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', 'Too many simultaneous queries');
      try {
        await this.#run(asked, answer, request, response, gone.signal);
      } finally {
        this.#slots.release();
      }
    } finally {
      this.#abandon.signal.removeEventListener('abort', leave);
    }
  }

  async #run(
    asked: EngineRequest,
    answer: Answer,
    request: IncomingMessage,
    response: ServerResponse,
    gone: AbortSignal,
  ): Promise<void> {
    const { engine, pipes } = this.#options;
    const run = { engine, pipes, context: asked.context, answer, request, response, gone };
    const body = asked.sql === null ? await readBody(request, STATEMENT_MAX_BYTES) : null;
    const sql = asked.sql ?? body!.toString('utf8');
    const format = asked.defaultFormat ?? undefined;
    const statement = parseStatement(sql, format);
    if (statement.kind === 'insert') {
      const source = body ?? Buffer.from(sql);
      await runInsert(run, statement, source.subarray(Buffer.byteLength(sql.slice(0, statement.dataAt))));
      return;
    }
    if (body === null && (await readBody(request, STATEMENT_MAX_BYTES)).length > 0)
      throw new EngineError(62, 'SYNTAX_ERROR', 'This statement takes no data in the body');
    if (statement.kind === 'read') await runRead(run, statement);
    else await runPlain(run, statement.sql, format ?? 'TabSeparated');
  }
}
