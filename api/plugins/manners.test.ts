/** What all routes have in common: pages, conditional requests, media types, a proxy's path. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { serverSecret } from '../../processors/config/server-secret.js';
import { type App, buildApp } from '../app.js';
import { type FakeReplay, fakeDeps } from '../testing/fake-pipeline.js';
import { accepts } from './negotiation.js';

let app: App;
let replay: FakeReplay;

function open(env: Record<string, string> = {}): void {
  const fake = fakeDeps(env);
  replay = fake.replay;
  app = buildApp(fake.deps);
}
afterEach(() => app?.close());

const LIST = '/tenants/acme/replay-jobs';
const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });

describe('pages', () => {
  it('go on by an opaque cursor and by the Link header, to what the list itself named', async () => {
    open();
    const first = await get(`${LIST}?status=Complete&limit=1`);
    const { next } = first.json().page;
    expect(Buffer.from(next, 'base64url').toString('latin1')).not.toBe('cursor-2');
    const link = /^<([^>]+)>; rel="next"$/.exec(String(first.headers.link))?.[1] ?? '';
    expect(new URL(link, 'http://host').searchParams.get('cursor')).toBe(next);
    expect((await get(link)).statusCode).toBe(200);
    expect(replay.asked.at(-1)).toEqual({ limit: 1, status: ['Complete'], cursor: 'cursor-2' });
    const larger = await get(`${LIST}?status=Complete&limit=9&cursor=${next}`);
    expect(larger.statusCode).toBe(200);
  });

  it('take no cursor of another list, tenant, filter or server, nor one that was changed', async () => {
    open();
    const { next } = (await get(`${LIST}?status=Complete`)).json().page;
    const wrong = [
      `/tenants/other/replay-jobs?status=Complete&cursor=${next}`,
      `${LIST}?status=Failed&cursor=${next}`,
      `${LIST}?cursor=${next}`,
      `${LIST}/run-123/dead-letters?cursor=${next}`,
      `/api/v1/audit/replays?cursor=${next}`,
      `${LIST}?status=Complete&cursor=x${next}`,
      `${LIST}?status=Complete&cursor=cursor-2`,
      `${LIST}?status=Complete&cursor=${next}&cursor=${next}`,
    ];
    for (const url of wrong) {
      const answer = await get(url);
      expect([url, answer.statusCode, answer.json().code]).toEqual([url, 400, 'cursor_invalid']);
    }
    await app.close();
    open({ REWIND_HTTP_SECRET: 'another' });
    expect((await get(`${LIST}?status=Complete&cursor=${next}`)).json().code).toBe('cursor_invalid');
  });

  it('of a timeline go on by its index', async () => {
    open();
    const first = await get(`${LIST}/run-123/timeline?limit=2`);
    expect(first.json().page).toEqual({ next: 2 });
    expect(first.headers.link).toBe(`<${LIST}/run-123/timeline?limit=2&from=2>; rel="next"`);
    expect((await get(`${LIST}/run-123/timeline?limit=9`)).headers.link).toBeUndefined();
  });
});

describe('conditional requests', () => {
  it('are answered 304 while the bytes are the same', async () => {
    open();
    const url = `${LIST}/run-123/snapshots/5`;
    const first = await get(url);
    const tag = String(first.headers.etag);
    expect(tag).toMatch(/^"[\w-]{27}"$/);
    expect(first.headers['cache-control']).toBe('private, no-cache');
    for (const given of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const again = await get(url, { 'if-none-match': given });
      expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', tag]);
    }
    expect((await get(url, { 'if-none-match': '"other"' })).statusCode).toBe(200);
    expect((await get(`${LIST}/run-123/snapshots/6`)).headers.etag).toBeUndefined();
  });
});

describe('media types', () => {
  it('that a route cannot give are refused with those that it can', async () => {
    open();
    const wrong = await get(LIST, { accept: 'text/html, image/*' });
    expect([wrong.statusCode, wrong.json().code]).toEqual([406, 'not_acceptable']);
    expect(wrong.json().detail).toContain('application/json');
    expect((await get(LIST, { accept: 'text/html, */*;q=0.1' })).statusCode).toBe(200);
    expect((await get(`${LIST}/run-123/snapshots`, { accept: 'application/json' })).statusCode).toBe(406);
    expect((await get(`${LIST}/run-123/snapshots`, { accept: 'application/x-ndjson' })).statusCode).toBe(200);
  });

  it('are chosen by the most specific range', () => {
    const type = 'application/json';
    expect(accepts('application/*', type)).toBe(true);
    expect(accepts('*/*, application/json;q=0', type)).toBe(false);
    expect(accepts('application/json;q=0.2, */*;q=0', type)).toBe(true);
    expect(accepts('APPLICATION/JSON; charset=utf-8', type)).toBe(true);
    expect(accepts('', type)).toBe(false);
  });
});

describe('a path of a proxy', () => {
  it('is taken with and without, and stands in all addresses', async () => {
    open({ REWIND_HTTP_BASE_PATH: '/tools/rewind' });
    expect((await get('/livez')).statusCode).toBe(200);
    expect((await get('/tools/rewind/livez')).statusCode).toBe(200);
    expect((await get('/tools/rewinding/livez')).statusCode).toBe(404);
    const page = await get(`/tools/rewind${LIST}?limit=1`);
    expect(page.headers.link).toMatch(/^<\/tools\/rewind\/tenants\/acme\/replay-jobs\?limit=1&cursor=/);
    const created = await app.inject({
      method: 'POST',
      url: `/tools/rewind${LIST}`,
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify({
        job_type: 'StateRebuild',
        encoding_version: 1,
        rule_version: 1,
        time_range_start: '7d',
        time_range_end: 'now',
      }),
    });
    expect(created.headers.location).toBe(`/tools/rewind${LIST}/run-new`);
    await app.close();
    const wrong = () => open({ REWIND_HTTP_BASE_PATH: 'rewind/' });
    expect(wrong).toThrow('basePath');
  });
});

it('the secret is made once, for its owner alone', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'rewind-secret-'));
  try {
    const { config } = fakeDeps({ REWIND_DATA_DIR: dataDir });
    const own = { ...config, http: { ...config.http, secret: '' } };
    const secret = serverSecret(own);
    expect(serverSecret(own)).toEqual(secret);
    const file = join(dataDir, 'http-secret');
    expect(readFileSync(file)).toEqual(secret);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(serverSecret(config).toString()).toBe('of tests');
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});
