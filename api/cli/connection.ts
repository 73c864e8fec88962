/**
 * The command line's way to a running server, over the client that is generated from its description: a path, parameter
 * or body that the server does not have does not compile. Answers stay bytes: numbers of any length reach stdout as the
 * server wrote them. An answer that is no success becomes the same RewindError that the server raised.
 */
import { userInfo } from 'node:os';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { ClientPathsWithMethod, FetchOptions, ParseAs } from 'openapi-fetch';
import { ERRORS, type ErrorCode, excerpt, RewindError } from '../../schemas/errors.js';
import { type ApiClient, openClient, type paths } from '../client/client.js';
import { splitObject } from '../json/split.js';

export interface Answer {
  readonly status: number;
  /** JSON text of `data`, or of `result`. */
  readonly data: Buffer;
  /** `page.next`, where the answer is a page. */
  readonly next: string | number | null;
}

type HttpMethod = 'get' | 'put' | 'post' | 'patch' | 'delete';

/** Distributes over paths, so that one call can serve several that are alike. */
type Operation<P, M> = P extends keyof paths ? (M extends keyof paths[P] ? paths[P][M] : never) : never;
type Options<O> = O extends unknown ? FetchOptions<O> : never;
/** What is undefined is not sent. */
type Loose<T> = T extends object ? { readonly [K in keyof T]: T[K] | undefined } : T;
type Params<T> = Omit<T, 'query'> & {
  readonly [K in keyof T as K extends 'query' ? K : never]: Loose<T[K]>;
};
type Body<O> =
  O extends Readonly<Record<'body', infer B>>
    ? { readonly body: Loose<B> | Buffer }
    : O extends { readonly body?: infer B }
      ? { readonly body?: [B] extends [undefined] ? never : Loose<B> | Buffer }
      : unknown;

/** `params` and `body` of an operation. A body that is a Buffer is sent as it is. */
type Call<P, M extends HttpMethod> =
  Options<Operation<P, M>> extends infer O
    ? O extends { params: infer T }
      ? { readonly params: Params<T>; readonly contentType?: string } & Body<O>
      : O extends { params?: infer T }
        ? { readonly params?: Params<T>; readonly contentType?: string } & Body<O>
        : never
    : never;
type Given<C> = Record<never, never> extends C ? [call?: C] : [call: C];
type Ask<M extends HttpMethod, A> = <P extends ClientPathsWithMethod<ApiClient, M>>(
  path: P,
  ...given: Given<Call<P, M>>
) => Promise<A>;

export interface Connection {
  readonly url: string;
  readonly get: Ask<'get', Answer>;
  readonly post: Ask<'post', Answer>;
  readonly put: Ask<'put', Answer>;
  readonly patch: Ask<'patch', Answer>;
  readonly delete: Ask<'delete', Answer>;
  /** An answer that is no JSON, as it comes; without a time limit. */
  readonly download: Ask<'get', Readable>;
}

const TIMEOUT_MS = 120_000;

/** What the types above have checked. */
interface Request {
  readonly params?: object;
  readonly body?: object;
  readonly contentType?: string;
}

/**
 * @param url with the server's base path
 * @param signal ends requests under way, for example on Ctrl-C
 * @param token sent with every request; empty: none
 */
export function openConnection(url: string, signal: AbortSignal, token = ''): Connection {
  const base = url.replace(/\/+$/, '');
  const client = openClient(base, {
    headers: { 'x-actor': actorName(), ...(token === '' ? {} : { authorization: `Bearer ${token}` }) },
  });
  const reach = async (
    method: HttpMethod,
    path: string,
    call: Request,
    options: { readonly parseAs: ParseAs; readonly signal: AbortSignal },
  ): Promise<{ readonly data?: unknown; readonly response: Response }> => {
    const { params = {}, body, contentType = 'application/json' } = call;
    const sent = body === undefined ? {} : { body, headers: { 'content-type': contentType } };
    const init = { params, ...sent, bodySerializer, ...options };
    // The path and the call belong together by their types, which no loop over methods can say again.
    const answer = await client.request(method, path as never, init as never).catch((cause: unknown) => {
      throw unreachable(base, cause);
    });
    if (!answer.response.ok) throw problemFrom(answer.response.status, answer.error);
    return answer;
  };
  const ask =
    (method: HttpMethod) =>
    async (path: string, call: Request = {}): Promise<Answer> => {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
      const { data, response } = await reach(method, path, call, { parseAs: 'arrayBuffer', signal: limited });
      return answerFrom(response.status, Buffer.from(data as ArrayBuffer));
    };
  const download = async (path: string, call: Request = {}): Promise<Readable> => {
    const { data } = await reach('get', path, call, { parseAs: 'stream', signal });
    return Readable.fromWeb(data as NodeReadableStream);
  };
  return {
    url: base,
    get: ask('get'),
    post: ask('post'),
    put: ask('put'),
    patch: ask('patch'),
    delete: ask('delete'),
    download,
  };
}

function bodySerializer(body: unknown): string | Uint8Array<ArrayBuffer> {
  return Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body);
}

function actorName(): string {
  try {
    return encodeURIComponent(userInfo().username) || 'cli';
  } catch {
    return 'cli';
  }
}

function answerFrom(status: number, body: Buffer): Answer {
  const members = new Map(splitObject(body));
  const page = members.get('page');
  const next =
    page === undefined ? null : (JSON.parse(page.toString()) as { next: string | number | null }).next;
  // Log replays have the envelope of another document.
  const data = members.get('data') ?? members.get('result') ?? Buffer.from('null');
  return { status, data, next };
}

function unreachable(base: string, cause: unknown): RewindError {
  const reason = ((cause as Error).cause as Error | undefined)?.message ?? (cause as Error).message;
  return new RewindError('server_unavailable', `No answer from ${base} (${reason || 'connection refused'})`, {
    cause,
  });
}

/** The server's error, with its list of problems, or `internal` for an answer that is none of ours: a proxy's page. */
function problemFrom(status: number, problem: unknown): RewindError {
  const facts = typeof problem === 'object' && problem !== null ? (problem as Record<string, unknown>) : {};
  const code = String(facts.code);
  if (Object.hasOwn(ERRORS, code)) return new RewindError(code as ErrorCode, String(facts.detail), { facts });
  const other = status === 503 || status === 502 || status === 504 ? 'server_unavailable' : 'internal';
  const text = typeof problem === 'string' ? problem : JSON.stringify(problem ?? '');
  return new RewindError(other, `HTTP ${status}: ${excerpt(text)}`);
}
