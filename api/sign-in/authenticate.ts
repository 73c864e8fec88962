/** Finds out who asks, by whatever the configuration allows: key, token, session cookie, or a proxy's header. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { type ApiKeys, KEY_PREFIX } from '../../processors/access/contract.js';
import type { AuthConfig } from '../../schemas/config-auth.js';
import { openJwt } from './jwt.js';
import { type BrowserSignIn, openOidc, SESSION_COOKIE } from './oidc.js';
import { type Principal, unauthenticated } from './principal.js';
import { requireSameOrigin } from './same-origin.js';
import { openTrustedHeader } from './trusted-header.js';

export interface SignIn {
  /** Null: browsers do not sign in here. */
  readonly browser: BrowserSignIn | null;
  /** @throws RewindError unauthenticated, cross_site, signin_unavailable */
  principal(request: FastifyRequest): Promise<Principal>;
}

/** @throws RewindError config_invalid */
export function openSignIn(auth: AuthConfig, keys: ApiKeys, secret: Buffer): SignIn {
  const uses = new Set(auth.methods);
  const jwt = uses.has('jwt') ? openJwt(auth) : null;
  const header = uses.has('header') ? openTrustedHeader(auth) : null;
  const browser = uses.has('oidc') ? openOidc(auth, secret) : null;
  const bearer = async (token: string): Promise<Principal> => {
    if (isBootstrap(auth.bootstrapToken, token)) return BOOTSTRAP;
    if (token.startsWith(KEY_PREFIX)) {
      if (!uses.has('key')) throw unauthenticated('API keys are not taken here');
      return principalOfKey(keys, token);
    }
    if (jwt === null) throw unauthenticated('tokens are not taken here');
    return jwt(token);
  };
  return {
    browser,
    principal: async (request) => {
      const given = request.headers.authorization;
      if (given !== undefined) {
        const token = /^Bearer +([^\s]+)$/i.exec(given)?.[1];
        if (token === undefined) throw unauthenticated('authorization must be `Bearer <token>`');
        return bearer(token);
      }
      const cookie = browser === null ? undefined : sessionCookie(request);
      if (browser !== null && cookie !== undefined) {
        const principal = await browser.principal(cookie);
        if (principal === null) throw unauthenticated('the session has ended: sign in again');
        requireSameOrigin(request, browser.origin, true);
        return principal;
      }
      const believed = header?.(request) ?? null;
      if (believed === null) throw unauthenticated('nobody has signed in');
      requireSameOrigin(request, null, false);
      return believed;
    },
  };
}

const BOOTSTRAP: Principal = { actor: 'bootstrap', by: 'bootstrap', tenants: new Map(), operator: true };

function isBootstrap(secret: string, token: string): boolean {
  if (secret === '') return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(secret), digest(token));
}

async function principalOfKey(keys: ApiKeys, token: string): Promise<Principal> {
  const found = await keys.identify(token);
  if (found === null) throw unauthenticated('the API key is not valid');
  const { keyId, tenantId, role } = found.key;
  const actor = `key:${keyId}`;
  if (found.kind === 'stale') throw unauthenticated(`the API key is ${found.reason}`, { tenantId, actor });
  return {
    actor,
    by: 'key',
    tenants: role === null ? new Map() : new Map([[tenantId, role]]),
    operator: role === null,
  };
}

/** The plugin's own parser: the gate runs before the cookies of a request are read. */
export function cookieOf(request: FastifyRequest, name: string): string | undefined {
  const text = request.headers.cookie;
  return text === undefined ? undefined : request.server.parseCookie(text)[name];
}

function sessionCookie(request: FastifyRequest): string | undefined {
  return cookieOf(request, SESSION_COOKIE);
}
