/** One try of a message: signed, sent, and what becomes of it by how it went. */
import { isIP } from 'node:net';
import type { Config } from '../../schemas/config.js';
import type { StandingDelivery } from '../store/delivery-log.js';
import { AddressGuard } from './address-guard.js';
import { type Sent, send } from './send.js';
import { signature } from './signature.js';

/** Each further wait is so many times as long. */
const BACK_OFF = 4;
/** HTTP status by which a receiver says that it is no more. */
const GONE = 410;

export interface Tried extends Sent {
  readonly outcome: 'delivered' | 'failed' | 'given_up';
  readonly durationMs: number;
  readonly nextMs: number;
}

export class Sender {
  readonly #settings: Config['webhooks'];
  readonly #guard: AddressGuard;
  readonly #version: string;

  /** @throws RewindError config_invalid */
  constructor(settings: Config['webhooks'], version = 'Rewind') {
    this.#settings = settings;
    this.#guard = new AddressGuard(settings.allowNetworks);
    this.#version = version;
  }

  /** Whether a host may be asked, as far as its name says; names are looked up when something is sent. */
  mayReach(hostname: string): boolean {
    const bare = hostname.replace(/^\[|\]$/g, '');
    return isIP(bare) === 0 || this.#guard.allows(bare);
  }

  /** @param attempt number of this try, from 1; the last one is not followed by another */
  async attempt(
    to: { readonly url: string; readonly secret: string },
    message: { readonly id: string; readonly body: Buffer },
    attempt: number,
    attemptsMax = this.#settings.attemptsMax,
  ): Promise<Tried> {
    const seconds = Math.floor(Date.now() / 1000);
    const headers = {
      'content-type': 'application/json',
      'user-agent': this.#version,
      'webhook-id': message.id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': signature(to.secret, message.id, seconds, message.body),
    };
    const started = performance.now();
    const sent = await send(to.url, headers, message.body, { ...this.#settings, guard: this.#guard });
    const durationMs = Math.round(performance.now() - started);
    if (sent.error === '') return { ...sent, outcome: 'delivered', durationMs, nextMs: 0 };
    if (attempt >= attemptsMax || sent.status === GONE)
      return { ...sent, outcome: 'given_up', durationMs, nextMs: 0 };
    return { ...sent, outcome: 'failed', durationMs, nextMs: Date.now() + this.#waitMs(sent, attempt) };
  }

  #waitMs({ retryAfterMs }: Sent, attempt: number): number {
    const { retryFirstMs, retryLongestMs } = this.#settings;
    const wait = Math.max(retryFirstMs * BACK_OFF ** (attempt - 1), retryAfterMs ?? 0);
    return Math.min(wait, retryLongestMs);
  }
}

/** Whether a delivery is to be tried now; undefined: it never was. */
export function isDue(state: StandingDelivery | undefined, nowMs: number): boolean {
  if (state === undefined || state.outcome === 'requested') return true;
  return state.outcome === 'failed' && state.nextMs <= nowMs;
}
