/** How often an identity may ask and an address may fail, and how failures reach the audit trail without filling it. */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuditTrail } from '../../processors/audit/contract.js';
import type { AuthConfig } from '../../schemas/config-auth.js';
import { RewindError } from '../../schemas/errors.js';

const WINDOW_MS = 60_000;
/** Failed sign-ins that one process enters in a minute; the others are counted in the next entry. */
const ENTRIES_PER_MINUTE = 20;

export interface Rates {
  /** @throws RewindError rate_limited for an address that failed too often, before anything is looked up */
  beforeSignIn(request: FastifyRequest): Promise<void>;
  failed(request: FastifyRequest): Promise<void>;
  /** @throws RewindError rate_limited */
  signedIn(request: FastifyRequest, actor: string): Promise<void>;
}

type Counter = ReturnType<FastifyInstance['createRateLimit']>;

export function openRates(app: FastifyInstance, auth: AuthConfig): Rates {
  app.register(rateLimit, { global: false, timeWindow: WINDOW_MS, cache: 20_000 });
  const actors = new WeakMap<FastifyRequest, string>();
  let failures: Counter;
  let requests: Counter;
  // The plugin's own call: there once everything is loaded.
  app.addHook('onReady', async () => {
    failures = app.createRateLimit({ max: auth.failuresPerMinute, keyGenerator: addressOf });
    requests = app.createRateLimit({
      max: auth.requestsPerMinute,
      keyGenerator: (request) => actors.get(request) ?? '',
    });
  });
  return {
    beforeSignIn: async (request) => {
      const state = await failures(request, { increment: false });
      if (!state.isAllowed && state.remaining <= 0 && state.ttl > 0)
        throw limited('failed sign-ins', state.ttl);
    },
    failed: async (request) => {
      await failures(request);
    },
    signedIn: async (request, actor) => {
      actors.set(request, actor);
      const state = await requests(request);
      if (!state.isAllowed && state.isExceeded) throw limited('requests', state.ttl);
    },
  };
}

function addressOf(request: FastifyRequest): string {
  return request.raw.socket.remoteAddress ?? '';
}

function limited(what: string, ttlMs: number): RewindError {
  const seconds = Math.ceil(ttlMs / 1000);
  return new RewindError('rate_limited', `too many ${what}; again in ${seconds} s`, {
    facts: { retryAfterSeconds: seconds },
  });
}

export interface Failures {
  enter(request: FastifyRequest, error: RewindError): Promise<void>;
}

/** A failed sign-in is refused whether or not its entry can be stored. */
export function openFailures(trail: AuditTrail, now: () => number = Date.now): Failures {
  let minute = 0;
  let entered = 0;
  let suppressed = 0;
  return {
    enter: async (request, error) => {
      const current = Math.floor(now() / WINDOW_MS);
      if (current !== minute) {
        minute = current;
        entered = 0;
      }
      if (entered >= ENTRIES_PER_MINUTE) {
        suppressed++;
        return;
      }
      entered++;
      const detail = {
        reason: error.message,
        address: addressOf(request),
        route: request.routeOptions.url ?? '',
        trace_id: request.id,
        ...(suppressed === 0 ? {} : { suppressed }),
      };
      suppressed = 0;
      const who = (error.facts.who ?? {}) as { tenantId?: string; actor?: string };
      await trail
        .enter({
          tenantId: who.tenantId ?? '',
          actor: who.actor ?? 'unknown',
          action: 'sign_in.failed',
          target: '',
          outcome: 'failure',
          detail,
        })
        .catch(() => undefined);
    },
  };
}
