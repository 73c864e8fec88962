/**
 * Every route × every role × own and foreign tenant × signed out, with real tokens. What a route asks for is written
 * down in testing/asked-roles.ts by hand, a second time: a route that is new, or that asks for another role than before, fails until its line
 * says so.
 */
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROLES, type Role } from '../schemas/access.js';
import { type App, buildApp } from './app.js';
import { ASKED } from './testing/asked-roles.js';
import { fakeDeps } from './testing/fake-pipeline.js';

const SECRET = 'a shared secret of the test, 32 bytes or more';
const TENANT = 'acme';
/** With 'foreign', each of these must read the same for a tenant that does not exist. */
const FOREIGN = ['other', 'nobody-has-this'];

let app: App;
const tokens = new Map<Role | 'operator', string>();

beforeAll(async () => {
  const { deps } = fakeDeps({
    REWIND_AUTH_METHODS: 'jwt',
    REWIND_AUTH_JWT_SECRET: SECRET,
    REWIND_AUTH_JWT_ISSUER: 'https://issuer.test',
    REWIND_AUTH_JWT_AUDIENCE: 'rewind',
    REWIND_AUTH_GROUPS: JSON.stringify(ROLES.map((role) => ({ group: `${role}s`, tenant: TENANT, role }))),
    REWIND_AUTH_OPERATOR_GROUPS: 'operators',
    REWIND_AUTH_REQUESTS_PER_MINUTE: '1000000',
    REWIND_AUTH_FAILURES_PER_MINUTE: '100000',
    REWIND_HTTP_CHECK_ANSWERS: 'false',
  });
  app = buildApp(deps);
  await app.ready();
  for (const role of [...ROLES, 'operator' as const]) {
    const token = await new SignJWT({ groups: [`${role}s`] })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(`ann the ${role}`)
      .setIssuer('https://issuer.test')
      .setAudience('rewind')
      .setExpirationTime('10 minutes')
      .sign(new TextEncoder().encode(SECRET));
    tokens.set(role, token);
  }
});
afterAll(() => app.close());

const routes = () =>
  app.routeAccess
    .filter(({ method, url }) => method !== 'HEAD' && !url.startsWith('/docs'))
    .map(({ method, url, access }) => ({ name: `${method} ${url}`, method, url, access }));

const pathOf = (url: string, tenant: string) =>
  url
    .replaceAll('::', '\u0000')
    .replaceAll(':tenant_id', tenant)
    .replaceAll(/:(index|version|a|b)\b/g, '1')
    .replaceAll(/:[a-z_]+/g, 'x')
    .replaceAll('\u0000', ':');

async function ask(route: { method: string; url: string }, tenant: string, who: Role | 'operator' | null) {
  const answer = await app.inject({
    method: route.method as 'GET',
    url: pathOf(route.url, tenant),
    headers: who === null ? {} : { authorization: `Bearer ${tokens.get(who)}` },
    ...(['POST', 'PATCH', 'PUT'].includes(route.method) ? { payload: {} } : {}),
  });
  const { code = '' } = /^application\/(problem\+)?json/.test(String(answer.headers['content-type'] ?? ''))
    ? (answer.json() as { code?: string })
    : {};
  return { status: answer.statusCode, code, body: answer.body.replace(/"traceId":"\w+"/, '') };
}

it('knows every route', () => {
  const lines = routes()
    .filter(({ name }) => ASKED[name] === undefined)
    .map(({ name, access }) => `  '${name}': '${LEAST[access]}',`);
  expect(
    lines,
    'add these lines to api/testing/asked-roles.ts, each after a thought on who may do it',
  ).toEqual([]);
  const gone = Object.keys(ASKED).filter((name) => !routes().some((route) => route.name === name));
  expect(gone, 'remove these lines from api/testing/asked-roles.ts').toEqual([]);
});

const LEAST: Readonly<Record<string, string>> = {
  public: 'public',
  read: 'viewer',
  annotate: 'member',
  ingest: 'member',
  write: 'admin',
  manage: 'owner',
  operate: 'operator',
};

it('lets in by role, and nobody who is signed out', async () => {
  const wrong: string[] = [];
  for (const route of routes()) {
    const least = ASKED[route.name] ?? 'owner';
    if (least === 'public') continue;
    const out = await ask(route, TENANT, null);
    if (out.status !== 401 || out.code !== 'unauthenticated')
      wrong.push(`${route.name} signed out: ${out.status}`);
    for (const who of [...ROLES, 'operator' as const]) {
      const { status, code } = await ask(route, TENANT, who);
      const refused = status === 401 || status === 403 || code === 'tenant_not_found';
      if (refused !== !expected(least, who)) wrong.push(`${route.name} as ${who}: ${status} ${code}`);
    }
  }
  expect(wrong).toEqual([]);
});

function expected(least: Role | 'operator', who: Role | 'operator'): boolean {
  if (least === 'operator' || who === 'operator') return least === who;
  return ROLES.indexOf(who) >= ROLES.indexOf(least);
}

it('answers for a tenant of others as for none at all, whatever the role', async () => {
  const wrong: string[] = [];
  for (const route of routes()) {
    if (!route.url.includes(':tenant_id') || ASKED[route.name] === 'public') continue;
    for (const who of [...ROLES, 'operator' as const]) {
      const [other, none] = await Promise.all(FOREIGN.map((tenant) => ask(route, tenant, who)));
      if (other?.status !== 404 || other.code !== 'tenant_not_found' || other.body !== none?.body)
        wrong.push(`${route.name} as ${who}: ${other?.status} ${other?.code}`);
    }
  }
  expect(wrong).toEqual([]);
});

it('takes no tenant from a header that the token does not give', async () => {
  const wrong: string[] = [];
  for (const route of routes()) {
    if (route.url.includes(':tenant_id') || ['public', 'operator'].includes(ASKED[route.name] ?? ''))
      continue;
    const answer = await app.inject({
      method: route.method as 'GET',
      url: pathOf(route.url, ''),
      headers: { authorization: `Bearer ${tokens.get('owner')}`, 'x-tenant-id': 'other', 'x-role': 'owner' },
      ...(route.method === 'POST' ? { payload: {} } : {}),
    });
    if (answer.json().code !== 'tenant_not_found') wrong.push(`${route.name}: ${answer.statusCode}`);
  }
  expect(wrong).toEqual([]);
});
