/** Current state as people type it, against a real server; what was done stands in the audit trail. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runRewind, type ServerProcess, startRewind } from '../../processors/testing/rewind-process.js';

const BIG = '123456789012345678901234567890.5';
const event = (day: number, id: string, payload: string) =>
  `{"event_id":"e${day}-${id}","event_type":"content.updated","entity_type":"content","entity_id":"${id}","occurred_at":"2024-01-0${day}T00:00:00Z","payload":${payload}}\n`;
const EVENTS = [
  event(1, 'a', `{"title":"A1","wordCount":${BIG}}`),
  event(1, 'b', '{"title":"B1"}'),
  event(2, 'a', '{"title":"A2"}'),
  event(2, 'c', '{"title":"C2"}'),
].join('');
const DAY_1 = ['--from', '2024-01-01T00:00:00Z', '--to', '2024-01-01T23:59:59.999999999Z'];

let cwd: string;
let server: ServerProcess;
let first: string;

const rewind = (...argv: string[]) => typed(EVENTS, ...argv);
const typed = (stdin: string, ...argv: string[]) =>
  runRewind(argv, { cwd, env: { REWIND_URL: server.url, REWIND_TENANT: 'acme' }, stdin });

async function json(...argv: string[]) {
  const { code, out, err } = await rewind(...argv, '--output', 'json');
  expect(code, err).toBe(0);
  return JSON.parse(out);
}

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'rewind-current-'));
  server = await startRewind([], { cwd, env: { REWIND_HTTP_CHECK_ANSWERS: 'true' } });
  expect((await rewind('ingest', '-')).code).toBe(0);
  first = (await json('replay', 'create', ...DAY_1, '--watch')).job_id;
});
afterAll(async () => {
  await server?.stop();
  await rm(cwd, { recursive: true, force: true });
});

test('nothing is current at first', async () => {
  const shown = await rewind('current', 'show');
  expect(shown.code).toBe(3);
  expect(shown.err).toContain('no_current_state');
  expect((await rewind('current', 'history')).out).toBe('Nothing has been promoted.\n');
  const { totals } = await json('current', 'review', first);
  expect(totals).toEqual({ added: 2, removed: 0, changed: 0, unchanged: 0 });
});

test('a run is promoted, shown, listed and exported, every digit kept', async () => {
  expect(await json('current', 'promote', first)).toMatchObject({ status: 'current', entities: 2 });
  expect(await json('current', 'show')).toMatchObject({
    job_id: first,
    as_of: '2024-01-01T23:59:59.999999999Z',
    verdict: { exactness: 'exact' },
    following: { on: false, step: null },
  });
  const one = await rewind('current', 'get', 'content', 'a');
  expect(one.out).toContain(`"wordCount": ${BIG}`);
  const page = await rewind('current', 'list', '--limit', '1', '--output', 'ndjson');
  expect(JSON.parse(page.out)).toMatchObject({ entity_id: 'a', state: { title: 'A1' } });
  const cursor = /--cursor (\S+)/.exec(page.err)![1]!;
  const rest = await json('current', 'list', '--cursor', cursor);
  expect(rest.map((row: { entity_id: string }) => row.entity_id)).toEqual(['b']);
  expect((await json('current', 'list', '--prefix', 'b')).length).toBe(1);
  const exported = await rewind('current', 'export');
  expect(exported.out.trim().split('\n').length).toBe(2);
  expect(exported.out).toContain(`"wordCount":${BIG}`);
  expect((await rewind('current', 'export', '--format', 'csv', '--out', 'state.csv')).code).toBe(0);
  expect(await readFile(join(cwd, 'state.csv'), 'utf8')).toContain('"content","a"');
  const foreign = await runRewind(['current', 'show'], {
    cwd,
    env: { REWIND_URL: server.url, REWIND_TENANT: 'globex' },
  });
  expect(foreign.code).toBe(3);
});

test('it is gone on from, reviewed by field, and returned from', async () => {
  const going = ['replay', 'continue', '--current', '--to', '2024-01-02T12:00:00Z'];
  const { job_id: next } = await json(...going, '--idempotency-key', 'second day');
  await json('replay', 'watch', next);
  const review = await json('current', 'review', next);
  expect(review).toMatchObject({
    current_job_id: first,
    totals: { added: 1, removed: 0, changed: 1, unchanged: 1 },
    fields: [{ entity_type: 'content', field: 'title', operation: 'modified', entities: 1 }],
  });
  expect(await json('current', 'review', next, '--entities', '--change', 'changed')).toEqual([
    {
      entity_type: 'content',
      entity_id: 'a',
      change: 'changed',
      changes: [{ field: 'title', before: 'A1', after: 'A2', operation: 'modified' }],
    },
  ]);
  const again = [...going, '--idempotency-key', 'second day', '--promote'];
  expect(await json(...again)).toMatchObject({ job_id: next, status: 'current' });
  expect((await json('current', 'list')).length).toBe(3);
  const older = await rewind('current', 'promote', first);
  expect(older).toMatchObject({ code: 4 });
  expect(older.err).toContain('promotion_older');
  expect(await json('current', 'revert', '--reason', 'too early')).toMatchObject({
    job_id: first,
    act: 'revert',
  });
  expect((await json('current', 'list')).length).toBe(2);
  const deleted = await rewind('replay', 'delete', first);
  expect(deleted.err).toContain('job_is_current');
  const table = await rewind('current', 'history');
  expect(table.out.split('\n').length).toBe(5);
});

test('a followed state takes what arrives, in whatever order, until it is stopped', async () => {
  const titles = async () => {
    const rows = (await json('current', 'list')) as { entity_id: string; state: { title: string } }[];
    return rows.map(({ entity_id, state }) => `${entity_id} ${state.title}`).sort();
  };
  const until = async (expected: readonly string[]) => {
    while ((await titles()).join() !== expected.join()) await sleep(200);
  };
  expect(await titles()).toEqual(['a A1', 'b B1']);
  expect((await rewind('replay', 'follow')).out).toMatch(/following +on, since/);
  // What lies behind the run's end is folded first.
  await until(['a A2', 'b B1', 'c C2']);
  const late = event(1, 'c', '{"title":"C1"}') + event(4, 'b', '{"title":"B4"}');
  expect((await typed(late, 'ingest', '-')).code).toBe(0);
  await until(['a A2', 'b B4', 'c C2']);
  expect(await json('current', 'show')).toMatchObject({ job_id: first, following: { on: true } });
  expect((await rewind('replay', 'follow', '--stop')).out).toMatch(/following +off/);
  expect(await json('replay', 'follow', '--status')).toMatchObject({ on: false, job_id: first });
  expect(await titles()).toEqual(['a A2', 'b B4', 'c C2']);
}, 120_000);

test('each act stands in the audit trail', async () => {
  const entries = (await json('audit', 'list', '--limit', '100')) as { action: string; target: string }[];
  const acts = entries
    .filter(({ action }) => action.startsWith('current_state.'))
    .map(({ action }) => action);
  expect(acts.sort()).toEqual([
    ...Array<string>(2).fill('current_state.follow_switched'),
    ...Array<string>(2).fill('current_state.promoted'),
    'current_state.reverted',
  ]);
  expect((await rewind('audit', 'verify')).code).toBe(0);
});
