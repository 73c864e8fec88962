import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { ERRORS } from '../schemas/errors.js';
import { type App, buildApp } from './app.js';
import { describeApi } from './describe-api.js';
import { operationIdOf } from './openapi.js';
import { hoistTitled } from './openapi-components.js';
import { fakeDeps } from './testing/fake-pipeline.js';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly description: string;
  readonly responses: Readonly<Record<string, object>>;
}
interface Description {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, { properties: { code: { enum: string[] } } }>>;
  };
}

let app: App | undefined;
afterEach(() => app?.close());

describe('the API description', () => {
  it('is OpenAPI 3.1, and says of every operation what it does, who may use it, and how it answers', async () => {
    const document = (await describeApi()) as Description;
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations.length).toBeGreaterThan(15);
    for (const operation of operations) {
      expect(operation.summary).not.toBe('');
      expect(operation.tags.length).toBe(1);
      expect(operation.description).toMatch(/Public|role|operators/);
      const statuses = Object.keys(operation.responses);
      expect(statuses).toContain('default');
      expect(statuses.some((status) => /^[23]/.test(status))).toBe(true);
    }
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    expect(Object.keys(document.paths)).toContain('/tenants/{tenant_id}/replay-jobs:plan');
    expect(Object.keys(document.paths).filter((path) => path.startsWith('/docs'))).toEqual([]);
  });

  it('lists the same error codes as the table and its document', async () => {
    const document = (await describeApi()) as Description;
    const codes = Object.keys(ERRORS);
    expect(document.components.schemas.Problem?.properties.code.enum).toEqual(codes);
    const table = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');
    expect([...table.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1])).toEqual(codes);
  });

  it('is refused where a route says too little', () => {
    app = buildApp(fakeDeps().deps);
    const bare = () => app?.get('/bare', { config: { access: 'read' } }, async () => ({}));
    expect(bare).toThrow('GET /bare lacks summary, tags, response');
  });

  it('is shown on a page that loads nothing from elsewhere', async () => {
    app = buildApp(fakeDeps().deps);
    const page = await app.inject({ url: '/docs/' });
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    const assets = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(assets.length).toBeGreaterThan(3);
    for (const asset of assets) {
      const { pathname } = new URL(asset, 'http://host/docs/');
      expect(asset).not.toMatch(/^(https?:)?\/\//);
      expect([asset, (await app.inject({ url: pathname })).statusCode]).toEqual([asset, 200]);
    }
    expect((await app.inject({ url: '/docs/json' })).json().openapi).toBe('3.1.0');
    await app.close();
    app = buildApp(fakeDeps({ REWIND_HTTP_DOCS: 'false' }).deps);
    expect((await app.inject({ url: '/docs/json' })).statusCode).toBe(404);
  });

  it('is what answers are held to', async () => {
    const { deps, replay } = fakeDeps();
    const [job] = replay.jobs;
    replay.jobs = [{ ...job!, createdAt: 7 as unknown as string }];
    app = buildApp(deps);
    const answer = await app.inject({ url: '/tenants/acme/replay-jobs' });
    expect([answer.statusCode, answer.json().detail]).toEqual([
      500,
      expect.stringContaining('/data/0/created_at'),
    ]);
  });

  it('names operations by method and path', () => {
    expect(operationIdOf('GET', '/tenants/:tenant_id/replay-jobs/:job_id/snapshots/:index')).toBe(
      'getReplayJobsByJobIdSnapshotsByIndex',
    );
    expect(operationIdOf('POST', '/tenants/:tenant_id/replay-jobs::plan')).toBe('postReplayJobsPlan');
    expect(operationIdOf('GET', '/livez')).toBe('getLivez');
  });

  it('writes a schema with a title once', () => {
    const row = { type: 'object', title: 'Row', properties: { title: { type: 'string' } } };
    const bare = { type: 'object', properties: { title: { type: 'string' } } };
    expect(hoistTitled({ info: { title: 'API' }, a: row, b: [row], components: {} }, { More: row })).toEqual({
      info: { title: 'API' },
      a: { $ref: '#/components/schemas/Row' },
      b: [{ $ref: '#/components/schemas/Row' }],
      components: { schemas: { Row: bare } },
    });
    expect(() => hoistTitled({ a: row, b: { ...row, type: 'array' } }, {})).toThrow('two schemas');
  });
});
