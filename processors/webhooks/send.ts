/**
 * One message to one receiver. The address is checked and then connected to, the very same: a name that answers
 * differently the second time gains nothing. No redirects, one limit on the whole, and an answer is read only so far.
 */
import { type LookupAddress, lookup } from 'node:dns';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { AddressGuard } from './address-guard.js';

export interface SendLimits {
  readonly guard: AddressGuard;
  readonly allowHttp: boolean;
  readonly timeoutMs: number;
  readonly answerMaxBytes: number;
  /** Looks a name up; left out: as the system does. */
  readonly resolve?: (name: string) => Promise<LookupAddress[]>;
}

export interface Sent {
  /** 0: no answer. */
  readonly status: number;
  /** Empty: the receiver took it. */
  readonly error: string;
  /** What the receiver asked to wait. */
  readonly retryAfterMs: number | null;
}

/** Never rejects. */
export async function send(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  limits: SendLimits,
): Promise<Sent> {
  const signal = AbortSignal.timeout(limits.timeoutMs);
  try {
    const target = new URL(url);
    if (target.protocol !== 'https:' && !(limits.allowHttp && target.protocol === 'http:'))
      return failed('only https is sent to');
    const addresses = await Promise.race([
      addressesOf(target, limits.resolve ?? systemLookup),
      aborted(signal),
    ]);
    if (addresses.length === 0 || !addresses.every(({ address }) => limits.guard.allows(address)))
      return failed('the name leads to an address that is not public (webhooks.allowNetworks)');
    return await post(target, headers, body, addresses, limits, signal);
  } catch (error) {
    if (signal.aborted) return failed(`no answer within ${limits.timeoutMs} ms`);
    const { code, message } = error as NodeJS.ErrnoException;
    return failed(code ?? message);
  }
}

function failed(error: string): Sent {
  return { status: 0, error, retryAfterMs: null };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('too late')), { once: true });
  });
}

async function addressesOf(
  { hostname }: URL,
  resolve: (name: string) => Promise<LookupAddress[]>,
): Promise<LookupAddress[]> {
  const bare = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(bare);
  return family === 0 ? resolve(bare) : [{ address: bare, family }];
}

function systemLookup(name: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(name, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });
}

/** Answers with the addresses that were checked, whatever the name leads to by now. */
function pinned(addresses: readonly LookupAddress[]): LookupFunction {
  return (_name, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first!.address, first!.family);
  };
}

function post(
  target: URL,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  addresses: readonly LookupAddress[],
  limits: SendLimits,
  signal: AbortSignal,
): Promise<Sent> {
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': body.length },
    // No connection is kept: the next message checks its address anew.
    agent: false,
    lookup: pinned(addresses),
    signal,
  };
  return new Promise((resolve, reject) => {
    const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = request(target, options, (answer) => {
      drained(answer, limits.answerMaxBytes).then(() => resolve(resultOf(answer)), reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Reads and forgets; what goes on beyond the limit is cut. */
function drained(answer: IncomingMessage, maxBytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) return;
      resolve();
      answer.destroy();
    });
    answer.on('end', resolve);
    answer.on('error', reject);
  });
}

function resultOf({ statusCode = 0, headers }: IncomingMessage): Sent {
  const wait = /^\d{1,6}$/.exec(headers['retry-after'] ?? '')?.[0];
  const retryAfterMs = wait === undefined ? null : Number(wait) * 1000;
  if (statusCode >= 200 && statusCode < 300) return { status: statusCode, error: '', retryAfterMs };
  const error =
    statusCode >= 300 && statusCode < 400 ? 'redirects are not followed' : `HTTP status ${statusCode}`;
  return { status: statusCode, error, retryAfterMs };
}
