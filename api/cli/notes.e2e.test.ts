/** Notes as people type them, against a real server. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runRewind } from '../../processors/testing/rewind-process.js';
import { type RunningRewind, startRunning, testDirectory } from '../testing/running.js';

let directory: Awaited<ReturnType<typeof testDirectory>>;
let running: RunningRewind;

beforeAll(async () => {
  directory = await testDirectory();
  running = await startRunning(directory.dataDir);
  await running.call('POST', '/tenants/demo/audit-events', {
    event_id: 'e1',
    event_type: 'content.created',
    occurred_at: '2024-01-14T09:00:00Z',
    payload: { id: 'c1', title: 'Draft' },
  });
});
afterAll(async () => {
  await running?.close();
  await directory?.remove();
});

it('goes from a note to its change and its end, and back by a bookmark', async () => {
  const rewind = async (...argv: string[]) => {
    const { code, out, err } = await runRewind(argv, {
      cwd: directory.dataDir,
      env: { REWIND_URL: running.url, COLUMNS: '200' },
    });
    expect(code, err).toBe(0);
    return out;
  };
  const made = await running.call('POST', '/tenants/demo/replay-jobs', {
    job_type: 'StateRebuild',
    encoding_version: 1,
    rule_version: 1,
    time_range_start: '2024-01-01T00:00:00Z',
    time_range_end: '2024-01-31T23:59:59Z',
  });
  const job: string = made.body.data.job_id;
  await running.ended('demo', job);
  const note = (await rewind('note', 'add', job, '0', 'first of all')).trim();
  await rewind('note', 'edit', job, note, 'the very first');
  expect(await rewind('note', 'list', job, '--index', '0')).toContain(note);
  await rewind('note', 'delete', job, note);
  const bookmark = (await rewind('bookmark', 'add', job, '0', 'start')).trim();
  await rewind('bookmark', 'edit', bookmark, '--name', 'the start', '--shared');
  expect(JSON.parse(await rewind('bookmark', 'list', '--own', '--output', 'json'))).toMatchObject([
    { name: 'the start', shared: true },
  ]);
  expect(await rewind('bookmark', 'show', bookmark)).toContain('"title":"Draft"');
  await rewind('bookmark', 'delete', bookmark);
});
