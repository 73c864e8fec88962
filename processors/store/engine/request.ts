/** What one HTTP request asks of the engine: ClickHouse's HTTP interface, as far as the stock client uses it. */
import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { StatementContext } from './chdb.js';
import { EngineError } from './engine-error.js';

/** Limits that apply where the request sets none. */
export interface DefaultLimits {
  readonly maxSeconds: number;
  readonly maxMemoryBytes: number;
}

export interface EngineRequest {
  readonly queryId: string;
  readonly context: StatementContext;
  /** From the URL; null: the body is the statement. */
  readonly sql: string | null;
  readonly defaultFormat: string | null;
}

/** Parameters of the HTTP interface that are no settings of a statement, or that mean nothing here. */
const NOT_SETTINGS = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'quota_key',
  'role',
  'session_id',
  'session_check',
  'session_timeout',
  'close_session',
  'stacktrace',
  'wait_end_of_query',
  'buffer_size',
  'compress',
  'decompress',
  'enable_http_compression',
  'http_zlib_compression_level',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'http_write_exception_in_output_format',
  'add_http_cors_header',
  'cancel_http_readonly_queries_on_client_close',
]);

export function parseRequest(request: IncomingMessage, limits: DefaultLimits): EngineRequest {
  const url = new URL(request.url ?? '/', 'http://engine');
  if (url.pathname !== '/')
    throw new EngineError(1, 'UNSUPPORTED_METHOD', `There is no handle ${url.pathname}`);
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
    throw new EngineError(48, 'NOT_IMPLEMENTED', 'Compressed request bodies are not supported');
  const settings = new Map<string, string>();
  const params = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (name.startsWith('param_')) params.set(name.slice('param_'.length), value);
    else if (!NOT_SETTINGS.has(name)) settings.set(name, value);
  }
  if (request.method === 'GET' || request.method === 'HEAD') settings.set('readonly', '1');
  if (!settings.has('max_execution_time')) settings.set('max_execution_time', String(limits.maxSeconds));
  if (!settings.has('max_memory_usage')) settings.set('max_memory_usage', String(limits.maxMemoryBytes));
  const queryId = url.searchParams.get('query_id') || randomUUID();
  return {
    queryId,
    context: {
      // Own id: two requests may carry the same query_id, and a kill must hit one of them.
      id: randomUUID(),
      database: url.searchParams.get('database') || null,
      settings,
      params,
    },
    sql: url.searchParams.get('query'),
    defaultFormat: url.searchParams.get('default_format'),
  };
}

/** @throws EngineError 516 */
export function authenticate(request: IncomingMessage, username: string, password: string): void {
  const [user, key] = credentials(request);
  const given = Buffer.from(`${user}\0${key}`);
  const wanted = Buffer.from(`${username}\0${password}`);
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw new EngineError(
    516,
    'AUTHENTICATION_FAILED',
    `${user}: Authentication failed: password is incorrect, or there is no user with such name`,
  );
}

function credentials(request: IncomingMessage): [string, string] {
  const basic = /^Basic (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const text = Buffer.from(basic, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  }
  const header = (name: string): string => String(request.headers[name] ?? '');
  return [header('x-clickhouse-user') || 'default', header('x-clickhouse-key')];
}

/** The whole body. @throws EngineError 307 beyond `maxBytes`, 210 when the sender went away */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      size += (chunk as Buffer).length;
      if (size > maxBytes)
        throw new EngineError(307, 'TOO_MANY_BYTES', `A statement is longer than ${maxBytes} bytes`);
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError(210, 'NETWORK_ERROR', 'The request ended before its body was complete');
  }
  return Buffer.concat(chunks);
}
