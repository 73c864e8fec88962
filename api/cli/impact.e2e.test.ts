/** Decision logs, bundles and the impact of a change from the command line, against a server on the real pipeline. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningRewind, startRunning, testDirectory } from '../testing/running.js';
import { typed } from '../testing/typed.js';

const REGO = 'package shop\n\nallow if input.role == "clerk"\n\nallow if input.role == "admin"\n';
const STRICTER = 'package shop\n\nallow if input.role == "admin"\n';

let directory: Awaited<ReturnType<typeof testDirectory>>;
let running: RunningRewind;

beforeAll(async () => {
  directory = await testDirectory();
  // Small steps: a replay of all takes several requests.
  running = await startRunning(directory.dataDir, { workers: 0, flags: { 'logReplay.batchOffsets': 25 } });
}, 60_000);
afterAll(async () => {
  await running?.close();
  await directory?.remove();
});

const rewind = (argv: readonly string[], stdin: string | Buffer = '') =>
  typed(argv, { url: running.url, cwd: directory.dataDir, stdin: Readable.from([Buffer.from(stdin)]) });

const file = (name: string, content: string | Buffer): string => {
  mkdirSync(join(directory.dataDir, name, '..'), { recursive: true });
  writeFileSync(join(directory.dataDir, name), content);
  return name;
};

const decisions = Array.from({ length: 90 }, (_, i) => {
  const role = ['clerk', 'admin', 'guest'][i % 3]!;
  return JSON.stringify({
    decision_id: `d${i}`,
    path: 'shop/allow',
    input: { role, user: `u${i % 6}` },
    ...(role === 'guest' ? {} : { result: true }),
    timestamp: new Date(Date.now() - i * 60_000).toISOString(),
    bundles: { shop: { revision: 'v1' } },
  });
});

test('decision logs come in as lines, as an array, packed, and from standard input', async () => {
  const lines = file('a.ndjson', `${decisions.slice(0, 30).join('\n')}\n`);
  expect(await rewind(['decisions', 'ingest', lines, '--output', 'json'])).toMatchObject({ code: 0 });
  const packed = file('b.json.gz', gzipSync(`[${decisions.slice(30, 60).join()}]`));
  expect((await rewind(['decisions', 'ingest', packed])).out).toMatch(/accepted +30/);
  const rest = `${decisions.slice(60).join('\n')}\n{"path":"no time"}\n`;
  const told = await rewind(['decisions', 'ingest', '-', '--partition', 'edge'], rest);
  expect(told.code).toBe(6);
  expect(told.out).toMatch(/rejected +1/);
  expect(told.err).toContain('decision 31: field_missing: timestamp is missing');
  expect((await rewind(['decisions', 'ingest', 'none.ndjson'])).code).toBe(2);
});

test('bundles are pushed from a directory, once for each revision', async () => {
  file('v1/shop.rego', REGO);
  file('v1/shop_test.rego', 'no rego at all');
  file('v1/limits/data.json', '{"n": 12345678901234567890}');
  expect((await rewind(['bundles', 'push', 'v1'])).code).toBe(2);
  expect((await rewind(['bundles', 'push', 'v1', '--revision', 'v1'])).out).toBe('Kept: v1\n');
  expect((await rewind(['bundles', 'push', 'v1', '--revision', 'v1'])).out).toBe('Was kept already: v1\n');
  file('v1/.manifest', '{"revision": "v1"}');
  expect((await rewind(['bundles', 'push', 'v1'])).code).toBe(0);
  file('other/shop.rego', STRICTER);
  expect((await rewind(['bundles', 'push', 'other', '--revision', 'v1'])).code).toBe(4);
  expect((await rewind(['bundles', 'list'])).out).toMatch(/v1 +1 /);
  expect((await rewind(['bundles', 'get', 'v1', '--output', 'json'])).out).toContain('12345678901234567890');
  expect((await rewind(['bundles', 'get', 'v9'])).code).toBe(3);
});

test('the impact of a change is told for people, for programs and for a pull request, and by the exit code', async () => {
  const told = await rewind(['impact', '--policy-dir', 'other', '--affected', '/input/user']);
  expect([told.code, told.out.split('\n')[0]]).toEqual([
    0,
    '90 decisions looked at: 30 changed, 60 unchanged',
  ]);
  expect(told.out).toMatch(/shop\/allow +true +undefined +30/);
  expect(told.out).toMatch(/\/input\/user: u[03] \(15\), u[03] \(15\)/);
  const json = JSON.parse((await rewind(['impact', '--policy-dir', 'other', '--output', 'json'])).out);
  expect(json).toMatchObject({
    complete: true,
    classes: { changed: 30, unchanged: 60 },
    stats: { entries_observed: 90, results_changed: 30 },
    transitions: expect.arrayContaining([
      { from: 'allow', to: 'allow', count: 30 },
      { from: 'undefined', to: 'undefined', count: 30 },
      { from: 'allow', to: 'undefined', count: 30 },
    ]),
  });
  expect(json.samples[0]).toMatchObject({ path: 'shop/allow', input: { role: 'clerk' }, result: true });

  const failing = [
    'impact',
    '--policy-dir',
    'other',
    '--fail-on',
    'allow->undefined>29',
    '--output',
    'markdown',
  ];
  const report = await rewind(failing);
  expect(report.code).toBe(1);
  expect(report.out).toContain('| `shop/allow` | `true` | `undefined` | 30 |');
  expect(report.out).toContain('- :x: `allow->undefined>29: 30`');
  expect(report.err).toContain('Not allowed: allow->undefined>29: 30');
  const passing = ['allow->undefined>30', 'deny->allow', '*->error>=1,failed>0'].flatMap((one) => [
    '--fail-on',
    one,
  ]);
  expect((await rewind(['impact', '--policy-dir', 'other', ...passing])).code).toBe(0);
  expect((await rewind(['impact', '--policy-dir', 'other', '--fail-on', '*->*'])).code).toBe(1);
  expect((await rewind(['impact', '--policy-dir', 'other', '--fail-on', 'yes->no'])).code).toBe(2);
  expect((await rewind(['impact', '--policy-dir', 'other', '--since', '30m'])).out).toMatch(
    /^3[01] decisions/,
  );
  expect((await rewind(['impact'])).code).toBe(2);
  file('broken/shop.rego', 'package shop\n\nallow if nope(1)\n');
  const refused = await rewind(['impact', '--policy-dir', 'broken']);
  expect(refused.code).toBe(2);
  expect(refused.err).toContain('shop.rego:3:10');
}, 60_000);

test('Markdown is for commands that have it', async () => {
  expect((await rewind(['bundles', 'list', '--output', 'markdown'])).code).toBe(2);
});

test('as a job of the server: waited for, left alone, shown, listed and removed', async () => {
  const asked = ['impact', '--policy-dir', 'other', '--affected', '/input/user', '--async'];
  expect((await rewind(['impact', '--policy-dir', 'other', '--detach'])).code).toBe(2);
  const left = await rewind([...asked, '--detach']);
  const id = left.out.trim();
  expect(id).toMatch(/^replay-/);
  expect((await rewind(['impact', 'list'])).out).toMatch(new RegExp(`${id} +Pending +0 %`));
  await running.rewind.startWorkers(1);
  const shown = await rewind(['impact', 'show', id, '--fail-on', 'allow->undefined>29']);
  expect(shown.code).toBe(1);
  expect(shown.out).toMatch(/shop\/allow +true +undefined +30/);
  const waited = await rewind([...asked, '--output', 'json']);
  expect(JSON.parse(waited.out)).toMatchObject({ complete: true, classes: { changed: 30, unchanged: 60 } });
  expect((await rewind(['impact', 'list'])).out).toMatch(new RegExp(`${id} +Complete +100 % +90 +30`));
  expect((await rewind(['impact', 'delete', id])).out).toBe(`Deleted: ${id}\n`);
  expect((await rewind(['impact', 'show', id])).code).toBe(3);
  expect((await rewind(['impact', 'cancel', id])).code).toBe(3);
});
