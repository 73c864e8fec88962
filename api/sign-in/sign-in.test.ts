/** Signing in by tokens, sessions, headers and keys, against a real issuer over HTTP. */
import { createPublicKey } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../processors/config/load.js';
import { type App, buildApp } from '../app.js';
import type { FakeAudit } from '../testing/fake-audit.js';
import { fakeDeps } from '../testing/fake-pipeline.js';
import { type Issuer, startIssuer } from '../testing/issuer.js';

let issuer: Issuer;
let app: App;
let audit: FakeAudit;

const GROUPS = JSON.stringify([
  { group: 'readers', tenant: 'acme', role: 'viewer' },
  { group: 'admins', tenant: 'acme', role: 'admin' },
  { group: 'admins', tenant: 'beta', role: 'owner' },
]);

function open(env: Record<string, string>): void {
  const fake = fakeDeps({ REWIND_AUTH_GROUPS: GROUPS, REWIND_AUTH_OPERATOR_GROUPS: 'operators', ...env });
  audit = fake.audit;
  app = buildApp(fake.deps);
}

const JWT = () => ({
  REWIND_AUTH_METHODS: 'jwt',
  REWIND_AUTH_JWT_JWKS_URL: issuer.jwksUrl,
  REWIND_AUTH_JWT_ISSUER: issuer.url,
  REWIND_AUTH_JWT_AUDIENCE: 'rewind',
});

beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());
afterEach(() => app?.close());

const JOBS = '/tenants/acme/replay-jobs';
const withToken = (token: string, url = JOBS, headers = {}) =>
  app.inject({ url, headers: { authorization: `Bearer ${token}`, ...headers } });
const status = async (token: string) => (await withToken(token)).statusCode;
const now = () => Math.floor(Date.now() / 1000);

describe('tokens', () => {
  it('give the highest role of their groups, and the actor', async () => {
    open(JWT());
    const token = await issuer.token({ sub: 'ann', groups: ['readers', 'admins', 'unknown'] });
    const created = await app.inject({
      method: 'POST',
      url: JOBS,
      headers: { authorization: `Bearer ${token}`, 'x-actor': 'eve', 'x-role': 'owner' },
      payload: {
        job_type: 'DryRun',
        encoding_version: 1,
        rule_version: 1,
        time_range_start: '2024-01-01T00:00:00Z',
        time_range_end: '2024-01-02T00:00:00Z',
      },
    });
    expect(created.statusCode, created.body).toBe(202);
    expect(audit.acts.at(-1)).toMatchObject({ actor: 'ann', tenantId: 'acme', action: 'replay_job.created' });
    expect(await status(await issuer.token({ sub: 'bob', groups: ['readers'] }))).toBe(200);
    expect(await status(await issuer.token({ sub: 'eve' }))).toBe(404);
  });

  it('that name several tenants must say which on routes without one', async () => {
    open(JWT());
    const token = await issuer.token({ sub: 'ann', groups: ['admins'] });
    const runs = '/api/v1/audit/replays';
    expect((await withToken(token, runs)).json()).toMatchObject({ code: 'field_missing' });
    expect((await withToken(token, runs, { 'x-tenant-id': 'beta' })).statusCode).toBe(200);
    expect((await withToken(token, runs, { 'x-tenant-id': 'other' })).statusCode).toBe(404);
  });

  it('that are forged or not for us are refused, and entered', async () => {
    open(JWT());
    const good = await issuer.token({ sub: 'ann', groups: ['readers'] });
    const [head = '', body = '', signature = ''] = good.split('.');
    const keys = (await (await fetch(issuer.jwksUrl)).json()) as { keys: never[] };
    const publicPem = createPublicKey({ key: keys.keys[0]!, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    });
    const claims = { sub: 'ann', groups: ['readers'], iss: issuer.url, aud: 'rewind', exp: now() + 60 };
    const header = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forged = {
      none: new UnsecuredJWT(claims).encode(),
      'HS256 by the public key': await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256' })
        .sign(Buffer.from(publicPem)),
      'other key': await (async () => {
        const other = await startIssuer();
        const token = await other.token(claims);
        await other.close();
        return token;
      })(),
      'changed body': `${head}.${Buffer.from(JSON.stringify({ ...claims, groups: ['admins'] })).toString('base64url')}.${signature}`,
      'no signature': `${head}.${body}.`,
      'key id of a path': `${header({ alg: 'RS256', kid: '../../etc/passwd' })}.${body}.${signature}`,
      'keys of its own': `${header({ alg: 'RS256', jku: 'http://127.0.0.1:1/', kid: 'x' })}.${body}.${signature}`,
      'unknown critical member': `${header({ alg: 'RS256', kid: 'key-1', crit: ['b64'], b64: false })}.${body}.${signature}`,
      'other audience': await issuer.token({ ...claims, aud: 'billing' }),
      'other issuer': await issuer.token({ ...claims, iss: 'https://elsewhere' }),
      expired: await issuer.token({ ...claims, exp: now() - 60 }),
      'not yet': await issuer.token({ ...claims, nbf: now() + 3_600 }),
      'no end': await issuer.token({ ...claims, exp: undefined as never }),
      nobody: await issuer.token({ ...claims, sub: undefined as never }),
      nonsense: 'x.y.z',
      empty: '',
    };
    const taken: string[] = [];
    for (const [name, token] of Object.entries(forged)) {
      const answer = await withToken(token);
      const said = [answer.statusCode, answer.json().code, answer.headers['www-authenticate']];
      if (said.join(' ') !== '401 unauthenticated Bearer realm="rewind"')
        taken.push(`${name}: ${said.join(' ')}`);
      if (token !== '' && answer.body.includes(token)) taken.push(`${name}: repeats the token`);
    }
    expect(taken).toEqual([]);
    expect(audit.acts.filter(({ action }) => action === 'sign_in.failed')).toHaveLength(16);
    expect(await status(good)).toBe(200);
    expect(await status(await issuer.token({ ...claims, exp: now() - 5 }))).toBe(200);
  });

  it('cannot be judged while the keys are away', async () => {
    const other = await startIssuer();
    open({ ...JWT(), REWIND_AUTH_JWT_JWKS_URL: other.jwksUrl });
    await other.close();
    const answer = await withToken(await issuer.token({ sub: 'ann' }));
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'signin_unavailable']);
  });

  it('let an operator see and stop all jobs, and see nothing of a tenant', async () => {
    open(JWT());
    const token = await issuer.token({ sub: 'olga', groups: ['operators'] });
    expect((await withToken(token, '/instance/jobs')).statusCode).toBe(200);
    expect((await withToken(token)).json().code).toBe('tenant_not_found');
  });
});

describe('limits', () => {
  it('stop an identity that asks too often, and an address that fails too often', async () => {
    open({ ...JWT(), REWIND_AUTH_REQUESTS_PER_MINUTE: '3', REWIND_AUTH_FAILURES_PER_MINUTE: '4' });
    const ann = await issuer.token({ sub: 'ann', groups: ['readers'] });
    const bob = await issuer.token({ sub: 'bob', groups: ['readers'] });
    expect([await status(ann), await status(ann), await status(ann), await status(ann)]).toEqual([
      200, 200, 200, 429,
    ]);
    const limited = await withToken(ann);
    expect(limited.json().code).toBe('rate_limited');
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    expect(await status(bob)).toBe(200);
    const failures = [];
    for (let number = 0; number < 6; number++) failures.push(await status('x.y.z'));
    expect(failures.slice(0, 2)).toEqual([401, 401]);
    expect(failures.at(-1)).toBe(429);
  });
});

describe('API keys', () => {
  const KEYS = { REWIND_AUTH_METHODS: 'key', REWIND_AUTH_BOOTSTRAP_TOKEN: 'the-first-token-of-all' };
  const send = (method: 'POST' | 'DELETE' | 'GET', url: string, token: string, payload?: object) =>
    app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${token}` },
      ...(payload === undefined ? {} : { payload }),
    });

  /** What an answer that goes on for long hears, before and after the key is revoked in its midst. */
  const stillAllowed = (token: string, kept: boolean) =>
    send('GET', `/tenants/acme/slow?kept=${kept}`, token);
  const slowRoute = () =>
    app.get<{ Params: { tenant_id: string }; Querystring: { kept: string } }>(
      '/tenants/:tenant_id/slow',
      { config: { access: 'read' }, schema: { hide: true } },
      async (request) => {
        const before = await request.stillAllowed();
        const keyId = request.identity.actor.replace('key:', '');
        if (request.query.kept === 'false')
          await send('DELETE', `/tenants/acme/api-keys/${keyId}`, KEYS.REWIND_AUTH_BOOTSTRAP_TOKEN);
        return { before, after: await request.stillAllowed() };
      },
    );

  it('are shown once, hold a role in one tenant, and end when revoked', async () => {
    open(KEYS);
    slowRoute();
    const boot = KEYS.REWIND_AUTH_BOOTSTRAP_TOKEN;
    const made = await send('POST', '/tenants/acme/api-keys', boot, { name: 'first', role: 'owner' });
    expect(made.statusCode, made.body).toBe(201);
    const { token, key_id } = made.json().data;
    expect(token).toMatch(/^rwd_[0-9a-f]{16}_[\w-]{43}$/);
    expect((await send('GET', JOBS, boot)).statusCode).toBe(403);
    expect((await send('GET', JOBS, token)).statusCode).toBe(200);
    expect((await send('GET', '/tenants/beta/replay-jobs', token)).json().code).toBe('tenant_not_found');
    expect(
      (await send('GET', JOBS, `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).statusCode,
    ).toBe(401);
    const listed = await send('GET', '/tenants/acme/api-keys', token);
    expect(listed.body).not.toContain(token.slice(-20));
    expect(listed.json().data).toMatchObject([{ key_id, name: 'first', created_by: 'bootstrap' }]);

    const reader = (await send('POST', '/tenants/acme/api-keys', token, { name: 'r', role: 'viewer' })).json()
      .data;
    expect((await send('GET', '/tenants/acme/api-keys', reader.token)).statusCode).toBe(403);
    expect((await send('DELETE', `/tenants/beta/api-keys/${reader.key_id}`, boot)).json().code).toBe(
      'key_not_found',
    );
    expect((await send('DELETE', `/tenants/acme/api-keys/${reader.key_id}`, token)).statusCode).toBe(200);
    expect((await send('GET', JOBS, reader.token)).statusCode).toBe(401);
    expect(
      audit.acts.map(({ actor, action, target, tenantId }) => [actor, action, target, tenantId]),
    ).toEqual([
      ['bootstrap', 'api_key.created', key_id, 'acme'],
      ['unknown', 'sign_in.failed', '', ''],
      [`key:${key_id}`, 'api_key.created', reader.key_id, 'acme'],
      [`key:${key_id}`, 'api_key.revoked', reader.key_id, 'acme'],
      [`key:${reader.key_id}`, 'sign_in.failed', '', 'acme'],
    ]);
    expect((await stillAllowed(token, true)).json()).toEqual({ before: true, after: true });
    expect((await stillAllowed(token, false)).json()).toEqual({ before: true, after: false });
    const again = await send('POST', '/tenants/acme/api-keys', boot, { name: 'again', role: 'owner' });
    const late = { name: 'x', role: 'viewer', expires_at: '2200-01-01T00:00:00Z' };
    expect(
      (await send('POST', '/tenants/acme/api-keys', again.json().data.token, late)).json().errors[0].pointer,
    ).toBe('/expires_at');
  });
});

describe('browsers', () => {
  const ORIGIN = 'http://127.0.0.1:8080';
  const OIDC = () => ({
    REWIND_AUTH_METHODS: 'oidc',
    REWIND_AUTH_OIDC_ISSUER: issuer.url,
    REWIND_AUTH_OIDC_CLIENT_ID: 'rewind-web',
    REWIND_AUTH_OIDC_REDIRECT_URL: `${ORIGIN}/auth/callback`,
    REWIND_HTTP_SECRET: 'a secret of this test, long enough',
  });
  const cookieOf = (answer: { headers: Record<string, unknown> }, name: string) =>
    [answer.headers['set-cookie']]
      .flat()
      .map(String)
      .find((line) => line.startsWith(`${name}=`)) ?? '';
  const pair = (line: string) => line.split(';')[0] ?? '';

  async function signIn(returnTo = '/'): Promise<{ session: string; line: string; location: unknown }> {
    const begun = await app.inject(`/auth/login?return_to=${encodeURIComponent(returnTo)}`);
    expect(begun.statusCode, begun.body).toBe(302);
    const back = await fetch(String(begun.headers.location), { redirect: 'manual' });
    const { pathname, search } = new URL(back.headers.get('location') ?? '');
    const done = await app.inject({
      url: pathname + search,
      headers: { cookie: pair(cookieOf(begun, 'rewind_login')) },
    });
    expect(done.statusCode, done.body).toBe(302);
    const line = cookieOf(done, 'rewind_session');
    return { session: pair(line), line, location: done.headers.location };
  }

  it('sign in by the code flow, and out again', async () => {
    open(OIDC());
    issuer.claims = { sub: 'ann', groups: ['admins', 'g'.repeat(6_000)] };
    const { session, line, location } = await signIn('/jobs?x=1');
    expect(location).toBe('/jobs?x=1');
    expect(line).toMatch(/HttpOnly/);
    expect(line).toMatch(/SameSite=Lax/);
    expect(line.length).toBeLessThan(4_096);
    expect((await app.inject({ url: JOBS, headers: { cookie: session } })).statusCode).toBe(200);
    const me = await app.inject({ url: '/auth/me', headers: { cookie: session } });
    expect(me.json().data).toMatchObject({
      signed_in: true,
      actor: 'ann',
      tenants: { acme: 'admin', beta: 'owner' },
    });
    const changed = `${session.slice(0, -2)}${session.endsWith('aa') ? 'bb' : 'aa'}`;
    expect((await app.inject({ url: JOBS, headers: { cookie: changed } })).statusCode).toBe(401);
    const out = await app.inject({
      method: 'POST',
      url: '/auth/logout',
      headers: { cookie: session, origin: ORIGIN },
    });
    expect(cookieOf(out, 'rewind_session')).toMatch(/^rewind_session=;.*Max-Age=0/);
  });

  it('are not sent to other sites, nor let in by half a sign-in', async () => {
    open(OIDC());
    issuer.claims = { sub: 'ann', groups: ['admins'] };
    for (const to of ['https://evil.test/', '//evil.test', '/\\evil.test', 'javascript:alert(1)'])
      expect((await signIn(to)).location).toBe('/');
    const begun = await app.inject('/auth/login');
    const login = pair(cookieOf(begun, 'rewind_login'));
    const back = await fetch(String(begun.headers.location), { redirect: 'manual' });
    const { pathname, search } = new URL(back.headers.get('location') ?? '');
    const finish = (query: string, cookie: string) =>
      app.inject({ url: pathname + query, headers: { cookie } });
    expect((await finish(search, '')).statusCode).toBe(401);
    expect((await finish(search.replace(/state=\w/, 'state=_'), login)).statusCode).toBe(401);
    const other = pair(cookieOf(await app.inject('/auth/login'), 'rewind_login'));
    expect((await finish(search, other)).statusCode).toBe(401);
    // A login cookie is no session.
    const asSession = login.replace('rewind_login', 'rewind_session');
    expect((await app.inject({ url: JOBS, headers: { cookie: asSession } })).statusCode).toBe(401);
  });

  it('change nothing for another site', async () => {
    open(OIDC());
    issuer.claims = { sub: 'ann', groups: ['admins'] };
    const { session } = await signIn();
    const cancel = (headers: object) =>
      app.inject({ method: 'POST', url: `${JOBS}/run-x/cancel`, headers: { cookie: session, ...headers } });
    const code = async (headers: object) => (await cancel(headers)).json().code;
    expect(await code({})).toBe('cross_site');
    expect(await code({ origin: 'https://evil.test' })).toBe('cross_site');
    expect(await code({ origin: 'null' })).toBe('cross_site');
    expect(await code({ 'sec-fetch-site': 'cross-site' })).toBe('cross_site');
    expect(await code({ 'sec-fetch-site': 'same-site', origin: ORIGIN })).toBe('cross_site');
    expect(await code({ origin: ORIGIN })).toBe('job_not_found');
    expect(await code({ 'sec-fetch-site': 'same-origin' })).toBe('job_not_found');
  });
});

describe('a proxy that signs in', () => {
  const HEADERS = { 'x-forwarded-user': 'ann', 'x-forwarded-groups': 'readers, admins' };
  const from = (remoteAddress: string, headers: object = HEADERS) =>
    app.inject({ url: JOBS, remoteAddress, headers: { ...headers } });

  it('is believed from listed addresses only', async () => {
    open({ REWIND_AUTH_METHODS: 'header', REWIND_AUTH_HEADER_ADDRESSES: '10.1.0.0/16,fd00::1' });
    expect((await from('10.1.2.3')).statusCode).toBe(200);
    expect((await from('::ffff:10.1.2.3')).statusCode).toBe(200);
    expect((await from('fd00::1')).statusCode).toBe(200);
    expect((await from('10.2.0.1')).statusCode).toBe(401);
    expect((await from('10.2.0.1', { ...HEADERS, 'x-forwarded-for': '10.1.2.3' })).statusCode).toBe(401);
    expect((await from('10.1.2.3', {})).statusCode).toBe(401);
  });
});

describe('nobody signs in', () => {
  it('only on loopback, for its own names and pages', async () => {
    expect(() => open({ REWIND_HTTP_HOST: '0.0.0.0' })).toThrow('auth.methods is empty');
    open({});
    const jobs = (headers: object, method: 'GET' | 'POST' = 'GET') =>
      app.inject({
        method,
        url: method === 'GET' ? JOBS : `${JOBS}/run-123/cancel`,
        headers: { ...headers },
      });
    expect((await jobs({})).statusCode).toBe(200);
    expect((await jobs({ host: 'evil.test:8080' })).statusCode).toBe(403);
    expect((await jobs({ origin: 'https://evil.test' }, 'POST')).statusCode).toBe(403);
    expect((await jobs({ 'sec-fetch-site': 'cross-site' }, 'POST')).statusCode).toBe(403);
  });

  it('and settings that cannot work are refused at the start', () => {
    const refused = (env: Record<string, string>) => {
      const { config } = loadConfig({ env: { ...env, REWIND_AUTH_GROUPS: '[]' }, cwd: '/nonexistent' });
      return () => buildApp({ ...fakeDeps().deps, config });
    };
    expect(refused({ REWIND_AUTH_METHODS: 'jwt' })).toThrow('jwksUrl or secret');
    expect(refused({ ...JWT(), REWIND_AUTH_JWT_AUDIENCE: '' })).toThrow('audience');
    expect(refused({ ...JWT(), REWIND_AUTH_JWT_ALGORITHMS: 'none' })).toThrow('none');
    expect(refused({ ...JWT(), REWIND_AUTH_JWT_ALGORITHMS: 'HS256' })).toThrow('HS256');
    expect(refused({ ...JWT(), REWIND_AUTH_JWT_JWKS_URL: 'http://10.0.0.1/jwks' })).toThrow('https');
    expect(refused({ REWIND_AUTH_METHODS: 'header' })).toThrow('addresses');
    expect(refused({ REWIND_AUTH_METHODS: 'header', REWIND_AUTH_HEADER_ADDRESSES: '10.0.0.0/33' })).toThrow(
      '10.0.0.0/33',
    );
    expect(refused({ REWIND_AUTH_METHODS: 'oidc' })).toThrow('auth.oidc');
  });
});

it('every answer tells browsers what not to do with it', async () => {
  open({});
  for (const url of [JOBS, '/livez', '/nope']) {
    const { headers } = await app.inject(url);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  }
});
