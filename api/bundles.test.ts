/** Bundles by revision over HTTP, in both forms, on a real store; the archive is one that OPA itself built. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opaBinary } from '../processors/testing/opa.js';
import { type RunningRewind, startRunning, testDirectory } from './testing/running.js';

const REGO = 'package httpapi.authz\n\nallow if input.user == data.users.boss\n';
let running: RunningRewind;
let directory: Awaited<ReturnType<typeof testDirectory>>;
let archive: Buffer;

beforeAll(async () => {
  const opa = await opaBinary();
  const source = mkdtempSync(join(tmpdir(), 'rewind-bundle-'));
  try {
    const nested = join(source, 'httpapi', 'a'.repeat(90), 'b'.repeat(60));
    mkdirSync(nested, { recursive: true });
    mkdirSync(join(source, 'users'));
    writeFileSync(join(nested, 'authz.rego'), REGO);
    writeFileSync(join(source, 'data.json'), '{"limits": {"n": 12345678901234567890.5}}');
    writeFileSync(join(source, 'users', 'data.yaml'), 'boss: ann\nids: [12345678901234567890]\n');
    const out = join(source, '..', `${source.split('/').at(-1)}.tar.gz`);
    execFileSync(opa, ['build', '-b', source, '-r', 'rev/1', '-o', out]);
    archive = readFileSync(out);
    rmSync(out);
  } finally {
    rmSync(source, { recursive: true });
  }
  directory = await testDirectory();
  running = await startRunning(directory.dataDir, { workers: 0 });
}, 180_000);
afterAll(async () => {
  await running?.close();
  await directory?.remove();
});

const acme = { 'x-tenant-id': 'acme' };
const putArchive = (revision: string, body: Buffer) =>
  fetch(`${running.url}/v1/bundles/${encodeURIComponent(revision)}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/gzip', ...acme },
    body: new Uint8Array(body),
  });
const put = (revision: string, body: unknown) =>
  running.call('PUT', `/v1/bundles/${encodeURIComponent(revision)}`, body, acme);

describe('bundles', () => {
  it('takes what opa build makes, with every digit', async () => {
    expect((await putArchive('rev/1', archive)).status).toBe(201);
    const answer = await running.call('GET', '/v1/bundles/rev%2F1', undefined, acme);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('"limits":{"n":12345678901234567890.5}');
    expect(answer.text).toContain('"users":{"boss":"ann","ids":[12345678901234567890]}');
    const modules = Object.entries<string>(answer.body.data.modules);
    expect(modules).toHaveLength(1);
    expect(modules[0]?.[0]).toMatch(/httpapi\/a{90}\/b{60}\/authz\.rego$/);
    expect(modules[0]?.[1]).toContain('allow if');
  });

  it('never changes a revision', async () => {
    const bundle = { modules: { 'a.rego': REGO }, data: { n: 1 } };
    expect((await put('r2', bundle)).status).toBe(201);
    expect((await put('r2', { data: { n: 1.0 }, modules: { 'a.rego': REGO } })).status).toBe(200);
    const other = await put('r2', { ...bundle, data: { n: 2 } });
    expect([other.status, other.body.code]).toEqual([409, 'bundle_conflict']);
    const both = await Promise.all([put('r3', bundle), put('r3', { ...bundle, data: {} })]);
    const statuses = both.map(({ status }) => status);
    expect(statuses).toContain(201);
    const kept = (await running.call('GET', '/v1/bundles/r3', undefined, acme)).body.data.hash;
    // Whoever was answered with success finds what was sent.
    for (const { status, body } of both) if (status < 300) expect(body.data.hash).toBe(kept);
  });

  it('lists them by pages, for their tenant alone, and enters who kept them', async () => {
    const first = await running.call('GET', '/v1/bundles?limit=2', undefined, acme);
    expect(first.body.data.map((one: { revision: string }) => one.revision)).toEqual(['r2', 'r3']);
    const next = await running.call(
      'GET',
      `/v1/bundles?limit=2&cursor=${first.body.page.next}`,
      undefined,
      acme,
    );
    expect(next.body.data).toMatchObject([{ revision: 'rev/1', rego_version: 1, modules: 1 }]);
    const foreign = { 'x-tenant-id': 'other' };
    expect((await running.call('GET', '/v1/bundles', undefined, foreign)).body.data).toEqual([]);
    expect((await running.call('GET', '/v1/bundles/r2', undefined, foreign)).status).toBe(404);
    const trail = await running.call('GET', '/tenants/acme/audit-entries?limit=100');
    const saved = trail.body.data.filter((entry: { action: string }) => entry.action === 'bundle.saved');
    expect(saved.map((entry: { target: string }) => entry.target)).toContain('rev/1');
  });

  it('refuses what is none', async () => {
    const code = async (answer: Response) => ((await answer.json()) as { code: string }).code;
    expect(await code(await putArchive('other', archive))).toBe('field_invalid');
    expect(await code(await putArchive('x', gzipSync('no tar, but long enough to be one'.repeat(40))))).toBe(
      'bundle_invalid',
    );
    expect(await code(await putArchive('x', gzipSync(Buffer.alloc(40 << 20))))).toBe('body_too_large');
    expect(await code(await putArchive('x', Buffer.from('no gzip')))).toBe('json_invalid');
    expect((await put('x', { modules: { a: 1 } })).body.errors[0]).toMatchObject({ pointer: '/modules/a' });
    expect((await put('x', { modules: {}, data: [1] })).body.errors[0]).toMatchObject({ pointer: '/data' });
  });
});
