/**
 * Sign-in of browsers: OpenID Connect's code flow with PKCE, state and nonce. What must be remembered between the two
 * steps, and the session itself, are sealed cookies: no process keeps anything.
 */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { AuthConfig } from '../../schemas/config-auth.js';
import { RewindError } from '../../schemas/errors.js';
import { type Claims, type Principal, principalOfClaims, unauthenticated } from './principal.js';
import { isSafeUrl } from './safe-url.js';
import { Sealed } from './sealed.js';

export const SESSION_COOKIE = 'rewind_session';
export const LOGIN_COOKIE = 'rewind_login';
export const LOGIN_SECONDS = 600;
export const CALLBACK_PATH = '/auth/callback';

export interface BrowserSignIn {
  /** Cookies go over https only. */
  readonly secure: boolean;
  readonly origin: string;
  /** Where the browser is sent, and what it keeps until it comes back. */
  begin(returnTo: string): Promise<{ readonly url: string; readonly login: string }>;
  /** @throws RewindError unauthenticated */
  finish(
    query: string,
    login: string | undefined,
  ): Promise<{ readonly principal: Principal; readonly session: string; readonly returnTo: string }>;
  principal(session: string): Promise<Principal | null>;
}

/** @throws RewindError config_invalid */
export function openOidc(auth: AuthConfig, secret: Buffer): BrowserSignIn {
  const { oidc } = auth;
  if (!isSafeUrl(oidc.issuer) || oidc.clientId === '')
    throw new RewindError(
      'config_invalid',
      'auth.oidc needs issuer (https, or http on loopback) and clientId',
    );
  if (!isSafeUrl(oidc.redirectUrl) || !new URL(oidc.redirectUrl).pathname.endsWith(CALLBACK_PATH))
    throw new RewindError('config_invalid', `auth.oidc.redirectUrl must end in ${CALLBACK_PATH}`);
  const logins = new Sealed(secret, 'login');
  const sessions = new Sealed(secret, 'session');
  const issuer = issuerOf(auth);
  const redirect = new URL(oidc.redirectUrl);
  return {
    secure: redirect.protocol === 'https:',
    origin: redirect.origin,
    begin: async (returnTo) => {
      const verifier = randomPKCECodeVerifier();
      const state = randomState();
      const nonce = randomNonce();
      const url = buildAuthorizationUrl(await issuer(), {
        redirect_uri: oidc.redirectUrl,
        scope: oidc.scope,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      const login = await logins.seal({ verifier, state, nonce, returnTo: ownPath(returnTo) }, LOGIN_SECONDS);
      return { url: url.href, login };
    },
    finish: async (query, login) => {
      const begun = login === undefined ? null : await logins.open(login);
      if (begun === null) throw unauthenticated('this sign-in was not begun here, or took too long');
      const claims = await grantedClaims(await issuer(), new URL(`${oidc.redirectUrl}${query}`), begun);
      const principal = principalOfClaims(claims, 'oidc', auth);
      const session = await sessions.seal({ claims: needed(claims, auth) }, oidc.sessionSeconds);
      return { principal, session, returnTo: String(begun.returnTo) };
    },
    principal: async (session) => {
      const opened = await sessions.open(session);
      return opened === null ? null : principalOfClaims(opened.claims as Claims, 'oidc', auth);
    },
  };
}

/** The discovery document is read once; after a failure the next sign-in tries again. */
function issuerOf({ oidc }: AuthConfig): () => Promise<Configuration> {
  let found: Promise<Configuration> | null = null;
  const url = new URL(oidc.issuer);
  const options = url.protocol === 'http:' ? { execute: [allowInsecureRequests] } : {};
  const authentication = oidc.clientSecret === '' ? None() : undefined;
  return () => {
    found ??= discovery(
      url,
      oidc.clientId,
      oidc.clientSecret === '' ? undefined : oidc.clientSecret,
      authentication,
      options,
    ).catch((cause: unknown) => {
      found = null;
      throw new RewindError('signin_unavailable', 'the issuer does not answer', { cause });
    });
    return found;
  };
}

async function grantedClaims(
  issuer: Configuration,
  url: URL,
  begun: Readonly<Record<string, unknown>>,
): Promise<Claims> {
  try {
    const tokens = await authorizationCodeGrant(issuer, url, {
      pkceCodeVerifier: String(begun.verifier),
      expectedState: String(begun.state),
      expectedNonce: String(begun.nonce),
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined) throw new Error('no claims');
    return claims as Claims;
  } catch {
    throw unauthenticated('the issuer did not confirm this sign-in');
  }
}

/** Of the claims only those that decide, and of the groups only those that count: a cookie holds 4 KiB. */
function needed(claims: Claims, auth: AuthConfig): Claims {
  const { actor, groups, tenant, role } = auth.claims;
  const known = new Set([...auth.groups.map(({ group }) => group), ...auth.operatorGroups]);
  const listed = claims[groups];
  const kept = Array.isArray(listed) ? listed.filter((group) => known.has(group as string)) : [];
  const names = [actor, tenant, role].filter((name) => name !== '');
  return { ...Object.fromEntries(names.map((name) => [name, claims[name]])), [groups]: kept };
}

/** A path of this server: never another host, however it is spelt. */
function ownPath(text: string): string {
  const base = 'http://rewind.invalid';
  if (!text.startsWith('/') || !URL.canParse(text, base)) return '/';
  const url = new URL(text, base);
  return url.origin === base ? `${url.pathname}${url.search}` : '/';
}
