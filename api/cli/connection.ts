/**
 * The command line's way to a running server. Answers stay bytes: numbers of any length reach stdout as the server
 * wrote them. An answer that is no success becomes the same RewindError that the server raised.
 */
import { userInfo } from 'node:os';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { ERRORS, type ErrorCode, excerpt, RewindError } from '../../schemas/errors.js';
import { splitObject } from '../json/split.js';

export interface Answer {
  readonly status: number;
  /** JSON text of `data`. */
  readonly data: Buffer;
  /** `page.next`, where the answer is a page. */
  readonly next: string | number | null;
}

type Query = Readonly<Record<string, string | number | undefined>>;

export interface Connection {
  readonly url: string;
  get(path: string, query?: Query): Promise<Answer>;
  /** @param body JSON unless a content type is given */
  post(path: string, body?: string | Buffer, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  patch(path: string, body: string): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  /** An answer that is no JSON, as it comes; without a time limit. */
  download(path: string, query?: Query): Promise<Readable>;
}

const TIMEOUT_MS = 120_000;

/**
 * @param signal ends requests under way, for example on Ctrl-C
 * @param token sent with every request; empty: none
 */
export function openConnection(url: string, signal: AbortSignal, token = ''): Connection {
  const base = url.replace(/\/+$/, '');
  const signedIn: Readonly<Record<string, string>> = token === '' ? {} : { authorization: `Bearer ${token}` };
  const change = (
    method: string,
    path: string,
    body?: string | Buffer,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> =>
    send(base, path, {
      method,
      signal,
      headers: {
        'x-actor': actorName(),
        ...signedIn,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
    });
  return {
    url: base,
    get: (path, query = {}) =>
      send(base, withQuery(path, query), { method: 'GET', signal, headers: signedIn }),
    post: (path, body, headers = {}) => change('POST', path, body, headers),
    patch: (path, body) => change('PATCH', path, body),
    delete: (path) => change('DELETE', path),
    download: async (path, query = {}) => {
      const response = await reach(base, withQuery(path, query), {
        method: 'GET',
        signal,
        headers: { 'x-actor': actorName(), ...signedIn },
      });
      if (!response.ok) throw problemFrom(response.status, Buffer.from(await response.arrayBuffer()));
      return Readable.fromWeb(response.body as NodeReadableStream);
    },
  };
}

function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return search.size === 0 ? path : `${path}?${search}`;
}

/** Path from parts, each percent-encoded. */
export function pathOf(...parts: readonly string[]): string {
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

function actorName(): string {
  try {
    return encodeURIComponent(userInfo().username) || 'cli';
  } catch {
    return 'cli';
  }
}

async function send(
  base: string,
  path: string,
  init: RequestInit & { readonly signal: AbortSignal },
): Promise<Answer> {
  let response: Response;
  let body: Buffer;
  try {
    const signal = AbortSignal.any([init.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    response = await fetch(base + path, { ...init, signal });
    body = Buffer.from(await response.arrayBuffer());
  } catch (cause) {
    throw unreachable(base, cause);
  }
  if (!response.ok) throw problemFrom(response.status, body);
  const members = new Map(splitObject(body));
  const page = members.get('page');
  const next =
    page === undefined ? null : (JSON.parse(page.toString()) as { next: string | number | null }).next;
  return { status: response.status, data: members.get('data') ?? Buffer.from('null'), next };
}

async function reach(base: string, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(base + path, init);
  } catch (cause) {
    throw unreachable(base, cause);
  }
}

function unreachable(base: string, cause: unknown): RewindError {
  const reason = ((cause as Error).cause as Error | undefined)?.message ?? (cause as Error).message;
  return new RewindError('server_unavailable', `No answer from ${base} (${reason || 'connection refused'})`, {
    cause,
  });
}

/** The server's error, with its list of problems, or `internal` for an answer that is none of ours. */
function problemFrom(status: number, body: Buffer): RewindError {
  try {
    const problem = JSON.parse(body.toString()) as Record<string, unknown>;
    const code = String(problem.code);
    if (Object.hasOwn(ERRORS, code)) {
      return new RewindError(code as ErrorCode, String(problem.detail), { facts: problem });
    }
  } catch {
    // Not JSON: a proxy's page, reported below by its status and first words.
  }
  const code = status === 503 || status === 502 || status === 504 ? 'server_unavailable' : 'internal';
  return new RewindError(code, `HTTP ${status}: ${excerpt(body.toString())}`);
}
