/** Tokens of an issuer: signature by pinned algorithms, then iss, aud, exp and nbf. */
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { AuthConfig } from '../../schemas/config-auth.js';
import { RewindError } from '../../schemas/errors.js';
import { type Principal, principalOfClaims, unauthenticated } from './principal.js';
import { isSafeUrl } from './safe-url.js';

const SECRET_BYTES = 32;
const KEYS_TIMEOUT_MS = 5_000;

export type TokenCheck = (token: string) => Promise<Principal>;

/** @throws RewindError config_invalid */
export function openJwt(auth: AuthConfig): TokenCheck {
  const { jwt } = auth;
  const problem = jwtProblem(jwt);
  if (problem !== null) throw new RewindError('config_invalid', `auth.jwt: ${problem}`);
  const options: JWTVerifyOptions = {
    issuer: jwt.issuer,
    audience: jwt.audience,
    // A shared secret and public keys never share an algorithm: no public key can be passed off as a secret.
    algorithms: jwt.secret === '' ? [...jwt.algorithms] : ['HS256'],
    clockTolerance: jwt.leewaySeconds,
    requiredClaims: ['exp'],
  };
  const remote: JWTVerifyGetKey | null =
    jwt.secret === '' ? createRemoteJWKSet(new URL(jwt.jwksUrl), { timeoutDuration: KEYS_TIMEOUT_MS }) : null;
  const shared = new TextEncoder().encode(jwt.secret);
  return async (token) => {
    try {
      const { payload } = await (remote === null
        ? jwtVerify(token, shared, options)
        : jwtVerify(token, remote, options));
      return principalOfClaims(payload, 'jwt', auth);
    } catch (error) {
      throw refused(error);
    }
  };
}

function refused(error: unknown): RewindError {
  if (error instanceof RewindError) return error;
  // Neither the token nor its parts are repeated: the answer could be logged.
  if (error instanceof errors.JWTExpired) return unauthenticated('the token has expired');
  if (error instanceof errors.JWTClaimValidationFailed)
    return unauthenticated(`the token is not for this server: claim ${error.claim}`);
  const keysAway =
    error instanceof errors.JWKSTimeout ||
    error instanceof TypeError ||
    (error as { code?: string }).code === 'ERR_JOSE_GENERIC';
  if (keysAway) return new RewindError('signin_unavailable', 'the keys of the issuer cannot be read');
  return unauthenticated('the token is not valid');
}

function jwtProblem(jwt: AuthConfig['jwt']): string | null {
  if ((jwt.jwksUrl === '') === (jwt.secret === '')) return 'set jwksUrl or secret, one of them';
  if (jwt.issuer === '' || jwt.audience === '') return 'issuer and audience are needed';
  if (jwt.secret !== '' && Buffer.byteLength(jwt.secret) < SECRET_BYTES)
    return `secret needs ${SECRET_BYTES} bytes`;
  if (jwt.jwksUrl !== '' && !isSafeUrl(jwt.jwksUrl)) return 'jwksUrl must be https, or http on loopback';
  const wrong = jwt.algorithms.filter((name) => !ALGORITHMS.has(name));
  if (jwt.algorithms.length === 0) return 'algorithms must name one';
  return wrong.length === 0
    ? null
    : `algorithms: ${wrong.join(', ')} is none of ${[...ALGORITHMS].join(', ')}`;
}

const ALGORITHMS = new Set([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
]);
