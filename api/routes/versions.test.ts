/** Versions over HTTP, on a real store. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPolicies } from '../../processors/policy/open.js';
import { startTestEngine, type TestEngine } from '../../processors/testing/engine.js';
import { openCatalogs } from '../../processors/versions/open.js';
import { type App, buildApp } from '../app.js';
import { fakeDeps } from '../testing/fake-pipeline.js';

let engine: TestEngine;
let app: App;

const ENCODING = '{"name":"x","entity":"envelope","rules":[{"match":"*","track":{"z":"/z","a":"/a"}}]}';
const RULES =
  '{"name":"authz","entrypoint":"authz/allow","modules":{"a.rego":"package authz\\nallow := true"},"data":{"max":12345678901234567890}}';

const policies = openPolicies(fakeDeps().config.policies);
beforeAll(async () => {
  engine = await startTestEngine();
  const { deps, config } = fakeDeps();
  const limited = {
    ...config,
    versions: { ...config.versions, perTenantMax: 5, definitionMaxBytes: 10_000 },
  };
  const sources = [
    { name: 'all', topics: ['audit-events'], decoder: 'rewind-avro' as const },
    { name: 'globex', topics: ['globex.only'], decoder: 'json' as const, tenantId: 'globex' },
  ];
  app = buildApp({ ...deps, config: limited, ...openCatalogs(limited, engine.store, sources, policies) });
}, 60_000);
afterAll(async () => {
  await app?.close();
  await engine?.stop();
  await policies.close();
});

async function post(url: string, body: string, headers: Record<string, string> = {}) {
  return app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', 'x-actor': 'ann', ...headers },
    body,
  });
}
const get = (url: string) => app.inject({ method: 'GET', url });

describe('an encoding', () => {
  const url = '/tenants/acme/encodings';

  it('is saved as a version once, with its fields in the order they were written', async () => {
    const first = await post(url, `{"definition":${ENCODING},"note":"first"}`);
    expect([first.statusCode, first.json().data.version]).toEqual([201, 2]);
    expect(first.json().data.hash).toMatch(/^[0-9a-f]{64}$/);
    const again = await post(url, `{"definition":${ENCODING.replace('"name":"x",', '"name" : "x" , ')}}`);
    expect([again.statusCode, again.json().data]).toEqual([200, first.json().data]);
    const one = await get(`${url}/2`);
    expect(one.headers['cache-control']).toBe('private, max-age=86400, immutable');
    const listed = await get(url);
    expect(listed.headers['cache-control']).toBe('private, no-cache');
    expect(listed.body).toContain(ENCODING);
    expect(listed.json().data).toMatchObject([
      { version: 1, name: 'rewind', created_by: '', created_at: null, revises: null },
      { version: 2, name: 'x', created_by: 'ann', note: 'first' },
    ]);
    expect(listed.json().page).toEqual({ next: null });
  });

  it('names what it was made from, and what differs', async () => {
    const changed = ENCODING.replace('{"z":"/z","a":"/a"}', '{"a":"/a","z":"/zz"}');
    const saved = await post(url, `{"definition":${changed},"revises":2,"note":"a first"}`);
    expect(saved.json().data.version).toBe(3);
    const found = await get(`${url}/3`);
    expect(found.json().data).toMatchObject({ version: 3, revises: 2, note: 'a first' });
    expect((await get(`${url}/2/diff/3`)).json().data).toEqual({
      from: 2,
      to: 3,
      changes: [
        { op: 'replace', pointer: '/rules/0/track/z', before: '/z', after: '/zz' },
        { op: 'order', pointer: '/rules/0/track', before: ['z', 'a'], after: ['a', 'z'] },
      ],
    });
    expect((await get(`${url}/2/diff/2`)).json().data.changes).toEqual([]);
    const orphan = await post(url, `{"definition":${ENCODING.replace('"x"', '"y"')},"revises":77}`);
    expect([orphan.statusCode, orphan.json().code, orphan.json().errors[0].pointer]).toEqual([
      400,
      'version_unknown',
      '/revises',
    ]);
  });

  it('is paged by number', async () => {
    const first = await get(`${url}?limit=2`);
    expect(first.json().data.map((one: { version: number }) => one.version)).toEqual([1, 2]);
    const next = await get(`${url}?limit=2&cursor=${first.json().page.next}`);
    expect(next.json().data.map((one: { version: number }) => one.version)).toEqual([3]);
    expect(next.json().page.next).toBeNull();
  });

  it('that is wrong is told by its place in the body, all at once, and saved nowhere', async () => {
    const wrong = '{"name":"","entity":"envelope","rules":[{"match":"a*b","track":{"z":"$none"}}]}';
    const parts = ENCODING.replace('"match":"*"', '"match":"a*b"').replace('/z', '$none');
    const refused = await post(url, `{"definition":${parts}}`);
    expect([refused.statusCode, refused.json().code]).toEqual([400, 'encoding_invalid']);
    expect(refused.json().errors.map((one: { pointer: string }) => one.pointer)).toEqual([
      '/definition/rules/0/match',
      '/definition/rules/0/track/z',
    ]);
    const told = await post(`${url}:validate`, `{"definition":${wrong}}`);
    expect([told.statusCode, told.json().data.valid]).toEqual([200, false]);
    expect(told.json().data.problems[0].pointer).toBe('/definition/name');
    expect((await post(`${url}:validate`, `{"definition":${ENCODING}}`)).json().data).toEqual({
      valid: true,
      problems: [],
    });
    expect((await post(url, '{"definition":{"a":1,"a":2}}')).json().code).toBe('json_duplicate_key');
    expect((await post(url, '{}')).json().code).toBe('field_missing');
    expect((await get(url)).json().data).toHaveLength(3);
  });

  it('that is not there is not found, also where another tenant has it', async () => {
    for (const path of [`${url}/99`, `${url}/1/diff/99`, '/tenants/other/encodings/2']) {
      const missing = await get(path);
      expect([path, missing.statusCode, missing.json().code]).toEqual([path, 404, 'version_not_found']);
    }
    expect((await get(`${url}/0`)).statusCode).toBe(400);
  });

  it('is saved by those who may write', async () => {
    const refused = await post(url, `{"definition":${ENCODING}}`, { 'x-role': 'member' });
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'forbidden']);
  });

  it('has limits in size and number', async () => {
    const long = ENCODING.replace('"x"', `"x","description":"${'d'.repeat(2000)}"`);
    const many = long.replace('[{', `[${'{"match":"m","track":{"f":"/f"}},'.repeat(400)}{`);
    expect((await post(url, `{"definition":${many}}`)).statusCode).toBe(413);
    for (let i = 3; i < 6; i++)
      expect((await post(url, `{"definition":${ENCODING.replace('"x"', `"x${i}"`)}}`)).statusCode).toBe(201);
    const full = await post(url, `{"definition":${ENCODING.replace('"x"', '"x9"')}}`);
    expect([full.statusCode, full.json().code]).toEqual([422, 'versions_full']);
    // What is there already needs no place.
    expect((await post(url, `{"definition":${ENCODING}}`)).statusCode).toBe(200);
  });

  it('gets one number, whoever saves it at the same time', async () => {
    const of = (i: number) => `{"definition":${ENCODING.replace('"x"', `"x${i % 3}"`)}}`;
    const answers = await Promise.all(
      Array.from({ length: 9 }, (_, i) => post('/tenants/race/encodings', of(i))),
    );
    const numbers = answers.map((answer) => answer.json().data.version as number);
    expect([...new Set(numbers)].sort()).toEqual([2, 3, 4]);
    for (let i = 0; i < 9; i++) expect(numbers[i]).toBe(numbers[i % 3]);
  });
});

describe('rules', () => {
  const url = '/tenants/acme/rules';

  it('are versions too, with every digit of their data', async () => {
    const saved = await post(url, `{"definition":${RULES}}`);
    expect([saved.statusCode, saved.json().data.version]).toEqual([201, 2]);
    expect((await get(`${url}/2`)).body).toContain('"max":12345678901234567890');
    const next = await post(url, `{"definition":${RULES.replace('67890}', '67891}')}}`);
    expect(next.json().data.version).toBe(3);
    expect((await get(`${url}/2/diff/3`)).body).toContain(
      '{"op":"replace","pointer":"/data/max","before":12345678901234567890,"after":12345678901234567891}',
    );
    expect((await get(`${url}/1`)).json().data).toMatchObject({
      name: 'rewind',
      definition: { entrypoint: 'rewind/allow' },
    });
    const wrong = await post(url, `{"definition":${RULES.replace('package', 'pack')}}`);
    expect([wrong.json().code, wrong.json().errors[0].pointer]).toEqual([
      'rules_invalid',
      '/definition/modules/a.rego',
    ]);
  });
});

describe('sources', () => {
  it('of version 1 are the configured ones, without those of other tenants', async () => {
    const topics = async (tenant: string) =>
      (await get(`/tenants/${tenant}/sources/1`))
        .json()
        .data.definition.sources.flatMap((source: { topics: string[] }) => source.topics);
    expect(await topics('acme')).toEqual(['audit-events']);
    expect(await topics('globex')).toEqual(['audit-events', 'globex.only']);
  });

  it('may not read topics that nobody gave to the tenant', async () => {
    const definition =
      '{"name":"mine","sources":[{"name":"a","topics":["globex.only"],"decoder":"json","mapping":{"eventType":"/t","occurredAt":"/at"}}]}';
    const refused = await post('/tenants/acme/sources', `{"definition":${definition}}`);
    expect([refused.statusCode, refused.json().code, refused.json().errors[0].pointer]).toEqual([
      400,
      'source_invalid',
      '/definition/sources/0/topics/0',
    ]);
  });
});
