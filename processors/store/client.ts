/**
 * The one door to ClickHouse, embedded engine or server: the stock client behind the contract of store.ts. Every
 * statement carries its own limits and settings; nothing depends on what the server's profile says.
 */
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { RewindError } from '../../schemas/errors.js';
import { AnswerStream, readRows } from './answer-stream.js';
import { type ResolvedConnection, resolveConnection, type StoreConnection } from './connection.js';
import { Deadline } from './deadline.js';
import { httpClient } from './http-client.js';
import {
  INSERT_SETTINGS,
  knownNoDeduplication,
  READ_SETTINGS,
  WRITE_SETTINGS,
} from './statement-settings.js';
import type { QueryOptions, QueryParams, Store } from './store.js';
import { type StatementKind, toStoreError } from './store-errors.js';

export type { StoreConnection } from './connection.js';

/** The server ends a statement by itself; the client waits so much longer before it gives up on it. */
const GRACE_MS = 10_000;
const PING_MAX_MS = 3_000;
const RETRY_FIRST_MS = 50;
const RETRY_SLOWEST_MS = 1_000;

type Settings = Record<string, string | number>;
type InsertArguments = Parameters<Store['insertNative']>;

/** Opens a store on a connection, which is plain data (it can be handed to a worker thread). Connects when first used. */
export function openStore(connection: StoreConnection): Store {
  return new HttpStore(resolveConnection(connection));
}

class HttpStore implements Store {
  readonly #connection: ResolvedConnection;
  /** Reads that nobody consumes must not hold up inserts, nor either of them the ping. */
  readonly #reads: ClickHouseClient;
  readonly #writes: ClickHouseClient;
  readonly #pings: ClickHouseClient;
  readonly #closing = new AbortController();
  #noDeduplication: Promise<Settings> | null = null;

  constructor(connection: ResolvedConnection) {
    this.#connection = connection;
    // Every statement that runs listens to it.
    setMaxListeners(0, this.#closing.signal);
    // The socket's silence limit: a statement that runs for an hour sends nothing before it ends.
    const silenceMs = connection.statementMaxSeconds * 1000 + 2 * GRACE_MS;
    this.#reads = httpClient(connection, connection.maxInFlight, silenceMs);
    this.#writes = httpClient(connection, connection.maxInFlight, silenceMs);
    this.#pings = httpClient(connection, 1, PING_MAX_MS);
  }

  t(name: string): string {
    return `${this.#connection.database}.${this.#connection.prefix}${name}`;
  }

  async query<Row>(sql: string, params?: QueryParams, options: QueryOptions = {}): Promise<Row[]> {
    return this.#retried(options, async () => {
      const stream = await this.#read(sql, 'JSONEachRow', params, options);
      return readRows<Row>(stream);
    });
  }

  streamRowBinary(sql: string, params?: QueryParams, options: QueryOptions = {}): Promise<Readable> {
    return this.streamFormat(sql, 'RowBinary', params, options);
  }

  streamFormat(
    sql: string,
    format: string,
    params?: QueryParams,
    options: QueryOptions = {},
  ): Promise<Readable> {
    return this.#retried(options, () => this.#read(sql, format, params, options));
  }

  async command(sql: string, params?: QueryParams, options: QueryOptions = {}): Promise<void> {
    // INSERT … SELECT is an insert: when its answer is lost, it may have happened.
    const kind = /^\s*INSERT\b/i.test(sql) ? 'insert' : 'command';
    const noDeduplication = kind === 'insert' ? await this.#knownNoDeduplication() : {};
    await this.#drained(kind, sql, options, this.#limitMs(options), (signal) =>
      this.#writes.exec({
        query: sql,
        query_id: randomUUID(),
        abort_signal: signal,
        clickhouse_settings: {
          ...WRITE_SETTINGS,
          ...noDeduplication,
          ...this.#limits(options),
          ...options.settings,
          ...this.#readonly(),
        },
        ...(params === undefined ? {} : { query_params: params }),
      }),
    );
  }

  insertRowBinary(...rows: InsertArguments): Promise<void> {
    return this.#insertBytes('RowBinary', ...rows);
  }

  insertNative(...rows: InsertArguments): Promise<void> {
    return this.#insertBytes('Native', ...rows);
  }

  #insertBytes(format: string, ...[table, columns, chunks, options = {}]: InsertArguments): Promise<void> {
    return this.#insert(table, columns, format, Readable.from(chunks, { objectMode: false }), options);
  }

  async insertRows(
    table: string,
    rows: readonly Readonly<Record<string, unknown>>[],
    options: QueryOptions = {},
  ): Promise<void> {
    if (rows.length === 0) return;
    // Threads for parsing cost more than a few rows do.
    const settings = { input_format_parallel_parsing: 0, ...options.settings };
    const columns = new Set<string>();
    for (const row of rows) for (const name of Object.keys(row)) columns.add(name);
    const lines = rows.map((row) => `${JSON.stringify(row, writeBigint)}\n`).join('');
    const body = [Buffer.from(lines)];
    await this.#insertBytes('JSONEachRow', table, [...columns], body, { ...options, settings });
  }

  async ping(): Promise<boolean> {
    const answer = await this.#pings.ping({ select: true }).catch(() => ({ success: false }));
    return answer.success;
  }

  async close(): Promise<void> {
    this.#closing.abort(new RewindError('store_unavailable', 'the store was closed'));
    await Promise.all([this.#reads.close(), this.#writes.close(), this.#pings.close()]);
  }

  async #insert(
    table: string,
    columns: readonly string[],
    format: string,
    values: Readable,
    options: QueryOptions,
  ): Promise<void> {
    const { insertTimeoutMs, queryMaxMemoryBytes } = this.#connection;
    const limitMs = options.maxSeconds === undefined ? insertTimeoutMs : options.maxSeconds * 1000;
    const query = `INSERT INTO ${this.t(table)} (${columns.map(quoteName).join(', ')}) FORMAT ${format}`;
    const noDeduplication = await this.#knownNoDeduplication();
    // Destroyed with an error of the caller's iterator, which the client reports as a broken request.
    let source: Error | null = null;
    values.once('error', (error) => {
      source = error;
    });
    await this.#drained('insert', query, options, limitMs, (signal) =>
      this.#writes.exec({
        query,
        values,
        query_id: randomUUID(),
        abort_signal: signal,
        clickhouse_settings: {
          ...WRITE_SETTINGS,
          ...INSERT_SETTINGS,
          ...noDeduplication,
          max_execution_time: Math.ceil(limitMs / 1000),
          max_memory_usage: String(options.maxMemoryBytes ?? queryMaxMemoryBytes),
          ...options.settings,
          ...this.#readonly(),
        },
      }),
    ).catch((error: unknown) => {
      values.destroy();
      if (source === null) throw error;
      throw new RewindError('insert_unknown', 'the rows of an insert ended with an error', { cause: source });
    });
  }

  /** Sends a statement whose answer carries nothing, and waits for its end. */
  async #drained(
    kind: StatementKind,
    sql: string,
    options: QueryOptions,
    limitMs: number,
    send: (signal: AbortSignal) => Promise<{ stream: Readable; response_headers: object }>,
  ): Promise<void> {
    const limit = this.#deadline(options, limitMs + (kind === 'insert' ? 0 : GRACE_MS));
    try {
      const answer = await this.#sent(kind, sql, limit, send);
      answer.resume();
      await new Promise<void>((resolve, reject) => {
        answer.once('end', resolve);
        answer.once('error', reject);
        answer.once('close', () => reject(toStoreError(new Error('the answer broke off'), kind, sql)));
      });
    } finally {
      limit.clear();
    }
  }

  async #read(
    sql: string,
    format: string,
    params: QueryParams | undefined,
    options: QueryOptions,
  ): Promise<Readable> {
    const limit = this.#deadline(options, this.#limitMs(options) + GRACE_MS);
    try {
      const stream = await this.#sent('read', sql, limit, (signal) =>
        this.#reads.exec({
          query: `${sql}\nFORMAT ${format}`,
          query_id: randomUUID(),
          abort_signal: signal,
          clickhouse_settings: {
            ...READ_SETTINGS,
            ...this.#limits(options),
            ...options.settings,
            ...this.#readonly(),
          },
          ...(params === undefined ? {} : { query_params: params }),
        }),
      );
      return stream;
    } finally {
      // From here on the receiver sets the pace; the server's own limit still holds.
      limit.clearTimer();
    }
  }

  async #sent(
    kind: StatementKind,
    sql: string,
    limit: Deadline,
    send: (signal: AbortSignal) => Promise<{ stream: Readable; response_headers: object }>,
  ): Promise<AnswerStream> {
    const toError = (error: unknown): RewindError =>
      limit.reason(kind, sql) ?? toStoreError(error, kind, sql);
    if (limit.signal.aborted) throw toError(new Error('aborted before it was sent'));
    try {
      const { stream, response_headers: headers } = await send(limit.signal);
      const tag = (headers as Record<string, string | undefined>)['x-clickhouse-exception-tag'] ?? null;
      const abort = (): void => void answer.destroy(toError(new Error('aborted')));
      const answer = new AnswerStream({
        source: stream,
        tag,
        toError,
        onSettled: () => {
          limit.signal.removeEventListener('abort', abort);
          limit.clear();
        },
      });
      limit.signal.addEventListener('abort', abort, { once: true });
      if (limit.signal.aborted) abort();
      return answer;
    } catch (error) {
      throw toError(error);
    }
  }

  /** Repeats a read while the store is busy or away; each wait is longer, and none is like another. */
  async #retried<T>(options: QueryOptions, run: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await run();
      } catch (error) {
        const again =
          error instanceof RewindError && (error.code === 'store_busy' || error.code === 'store_unavailable');
        const over = attempt >= this.#connection.readRetries || this.#closing.signal.aborted;
        if (!again || over || options.signal?.aborted) throw error;
      }
      const wait = Math.min(RETRY_FIRST_MS * 2 ** attempt, RETRY_SLOWEST_MS);
      await sleep(wait * (0.5 + Math.random()));
    }
  }

  #limitMs(options: QueryOptions): number {
    return (options.maxSeconds ?? this.#connection.queryMaxSeconds) * 1000;
  }

  #limits(options: QueryOptions): Settings {
    return {
      max_execution_time: options.maxSeconds ?? this.#connection.queryMaxSeconds,
      max_memory_usage: String(options.maxMemoryBytes ?? this.#connection.queryMaxMemoryBytes),
    };
  }

  /** Asked once; again only when the question failed. */
  #knownNoDeduplication(): Promise<Settings> {
    this.#noDeduplication ??= knownNoDeduplication(this).catch((error: unknown) => {
      this.#noDeduplication = null;
      throw error;
    });
    return this.#noDeduplication;
  }

  /** The store itself refuses what a reader must not do. */
  #readonly(): { readonly?: '2' } {
    return this.#connection.sendReadonly ? { readonly: '2' } : {};
  }

  #deadline(options: QueryOptions, limitMs: number): Deadline {
    return new Deadline(limitMs, [
      this.#closing.signal,
      ...(options.signal === undefined ? [] : [options.signal]),
    ]);
  }
}

function writeBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function quoteName(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}
