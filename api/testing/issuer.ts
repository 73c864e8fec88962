/** An issuer of tokens for tests: discovery, keys, and the code flow with PKCE, over real HTTP. */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export interface Issuer {
  readonly url: string;
  readonly jwksUrl: string;
  /** Who the next sign-in turns out to be. */
  claims: JWTPayload;
  /** A token of this issuer; `alg` RS256 by its key unless a header says otherwise. */
  token(claims: JWTPayload): Promise<string>;
  close(): Promise<void>;
}

interface Grant {
  readonly challenge: string;
  readonly nonce: string;
  readonly clientId: string;
}

const KID = 'key-1';

export async function startIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: KID, alg: 'RS256', use: 'sig' };
  const grants = new Map<string, Grant>();
  const signed = (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: KID }).setIssuedAt().sign(privateKey);
  const soon = () => Math.floor(Date.now() / 1000) + 300;

  const answer = async (
    request: IncomingMessage,
  ): Promise<{ status: number; body?: object; location?: string }> => {
    const url = new URL(request.url ?? '/', issuer.url);
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return {
          status: 200,
          body: {
            issuer: issuer.url,
            authorization_endpoint: `${issuer.url}/authorize`,
            token_endpoint: `${issuer.url}/token`,
            jwks_uri: issuer.jwksUrl,
            response_types_supported: ['code'],
            id_token_signing_alg_values_supported: ['RS256'],
            code_challenge_methods_supported: ['S256'],
          },
        };
      case '/jwks':
        return { status: 200, body: { keys: [jwk] } };
      case '/authorize': {
        const code = randomBytes(8).toString('hex');
        const asked = (name: string) => url.searchParams.get(name) ?? '';
        grants.set(code, {
          challenge: asked('code_challenge'),
          nonce: asked('nonce'),
          clientId: asked('client_id'),
        });
        return { status: 302, location: `${asked('redirect_uri')}?code=${code}&state=${asked('state')}` };
      }
      case '/token': {
        const form = new URLSearchParams(await bodyOf(request));
        const grant = grants.get(form.get('code') ?? '');
        grants.delete(form.get('code') ?? '');
        const challenge = createHash('sha256')
          .update(form.get('code_verifier') ?? '')
          .digest('base64url');
        if (grant === undefined || grant.challenge !== challenge)
          return { status: 400, body: { error: 'invalid_grant' } };
        const idToken = await signed({
          iss: issuer.url,
          aud: grant.clientId,
          nonce: grant.nonce,
          exp: soon(),
          ...issuer.claims,
        });
        return { status: 200, body: { access_token: 'a', token_type: 'bearer', id_token: idToken } };
      }
      default:
        return { status: 404, body: {} };
    }
  };

  const server = createServer((request, response) => {
    void answer(request).then(({ status, body, location }) => {
      response.writeHead(status, {
        'content-type': 'application/json',
        ...(location === undefined ? {} : { location }),
      });
      response.end(body === undefined ? '' : JSON.stringify(body));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: Issuer = {
    url,
    jwksUrl: `${url}/jwks`,
    claims: { sub: 'ann' },
    token: (claims) => signed({ iss: url, aud: 'rewind', exp: soon(), ...claims }),
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
  return issuer;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
