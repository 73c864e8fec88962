/**
 * The store's contract: one ClickHouse over HTTP, embedded (the engine child) or a server. Everything that reads or
 * writes rows does it through this interface; one contract suite runs against both.
 */
import type { Readable } from 'node:stream';

/** Values bound on the server as {name:Type}; never spliced into SQL text. */
export type QueryParams = Readonly<Record<string, unknown>>;

export interface QueryOptions {
  readonly signal?: AbortSignal;
  /** Overrides store.queryMaxSeconds for a statement that is known to be long (a seal, a fold read). */
  readonly maxSeconds?: number;
  readonly maxMemoryBytes?: number;
  /** Further ClickHouse settings for this statement alone; they never leak to another. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

export interface Store {
  /** Name of a table or view with database and prefix, ready for SQL text: `t('snapshots')` → `rewind.snapshots`. */
  t(name: string): string;

  /** Rows of a SELECT. 64-bit integers arrive as strings of digits. Errors: store_* codes. */
  query<Row>(sql: string, params?: QueryParams, options?: QueryOptions): Promise<Row[]>;

  /**
   * The bytes of a SELECT in RowBinary, as they come. The reader applies backpressure; an error in mid-stream destroys
   * the stream with a RewindError. The caller consumes or destroys it.
   */
  streamRowBinary(sql: string, params?: QueryParams, options?: QueryOptions): Promise<Readable>;

  /** The bytes of a SELECT in any ClickHouse output format: for exports, and Native for the fold. Same rules as streamRowBinary. */
  streamFormat(sql: string, format: string, params?: QueryParams, options?: QueryOptions): Promise<Readable>;

  /** DDL, INSERT … SELECT and the like. */
  command(sql: string, params?: QueryParams, options?: QueryOptions): Promise<void>;

  /**
   * Inserts rows that are already RowBinary. Resolves when the store has acknowledged all of them; rejects with
   * insert_unknown when the outcome cannot be known (rows may be there, in part or in full, or arrive later): the
   * caller then never repeats the insert under the same claim. Any other code: no later arrival is possible, though
   * rows of a failed multi-block insert may remain (invisible without a manifest).
   * The buffers may be reused once the promise settles.
   */
  insertRowBinary(
    table: string,
    columns: readonly string[],
    chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
    options?: QueryOptions,
  ): Promise<void>;

  /**
   * Inserts rows that are blocks in ClickHouse's Native format already (native-columns.ts), for the hot path: the store
   * takes them faster than RowBinary. Same rules as insertRowBinary.
   */
  insertNative(
    table: string,
    columns: readonly string[],
    chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
    options?: QueryOptions,
  ): Promise<void>;

  /** Inserts a few small rows (log entries). Same outcome rules as insertRowBinary. */
  insertRows(
    table: string,
    rows: readonly Readonly<Record<string, unknown>>[],
    options?: QueryOptions,
  ): Promise<void>;

  ping(): Promise<boolean>;
  close(): Promise<void>;
}
