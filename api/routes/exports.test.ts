/** Exports over real HTTP: every row of a run in each format, narrowed by filters; the audit trail names each. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runRewind } from '../../processors/testing/rewind-process.js';
import { type RunningRewind, startRunning, testDirectory } from '../testing/running.js';

const TENANT = 'acme';
const BIG = '123456789012345678901234567890.5';
/** What spreadsheets take for formulas, and what they do not. */
const TITLES = ['=1+1', '+1', '-1', '@sum', '\tx', '\rx', 'plain', 'a=b', 'say "hi", you'];
const EVENTS = TITLES.map(
  (title, i) =>
    `{"event_id":${JSON.stringify(title)},"event_type":"content.${i === 0 ? 'created' : 'updated'}","occurred_at":"2024-01-15T10:0${i}:00.000000001Z","payload":{"id":"content-${i % 2}","title":${JSON.stringify(title)},"wordCount":${BIG}}}`,
);

let directory: Awaited<ReturnType<typeof testDirectory>>;
let running: RunningRewind;
let base: string;

beforeAll(async () => {
  directory = await testDirectory();
  running = await startRunning(directory.dataDir);
  const sent = await running.call('POST', `/tenants/${TENANT}/audit-events`, `[${EVENTS.join(',')}]`);
  expect(sent.status, sent.text).toBe(202);
  const made = await running.call('POST', `/tenants/${TENANT}/replay-jobs`, {
    job_type: 'StateRebuild',
    encoding_version: 1,
    rule_version: 1,
    time_range_start: '2024-01-15T00:00:00Z',
    time_range_end: '2024-01-16T00:00:00Z',
  });
  expect(made.status, made.text).toBe(202);
  const jobId = made.body.data.job_id;
  expect(await running.ended(TENANT, jobId)).toMatchObject({ status: 'Complete' });
  base = `/tenants/${TENANT}/replay-jobs/${jobId}/export`;
});
afterAll(async () => {
  await running?.close();
  await directory?.remove();
});

async function lines(path: string): Promise<Record<string, unknown>[]> {
  const { status, text, headers } = await running.call('GET', `${base}/${path}`);
  expect(status, text).toBe(200);
  expect(headers.get('content-type')).toContain('application/x-ndjson');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

it('gives all snapshots as lines of JSON, states as they are and numbers with every digit', async () => {
  const rows = await lines('snapshots');
  expect(rows.map((row) => row.event_id).sort()).toEqual([...TITLES].sort());
  for (const row of rows) expect(row.state_after).toMatchObject({ title: row.event_id });
  const { text } = await running.call('GET', `${base}/snapshots`);
  expect(text.split(`"wordCount":${BIG}`).length).toBeGreaterThan(TITLES.length);
  expect(rows[0]!.occurred_at).toMatch(/^2024-01-15T10:0\d:00\.000000001Z$/);
});

it('narrows by entity, event type, time and field', async () => {
  const ids = (rows: Record<string, unknown>[]) => rows.map((row) => row.event_id);
  const even = TITLES.filter((_title, i) => i % 2 === 0);
  expect(ids(await lines('timeline?entity_type=content&entity_id=content-0'))).toEqual(even);
  expect(ids(await lines('timeline?event_type=content.created'))).toEqual([TITLES[0]]);
  const range = 'from=2024-01-15T10:02:00.000000001Z&to=2024-01-15T10:04:00.000000001Z';
  expect(ids(await lines(`timeline?${range}`))).toEqual(TITLES.slice(2, 5));
  const titles = await lines('field-changes?field=title');
  expect(titles.length).toBe(TITLES.length);
  expect(new Set(titles.map((row) => row.field))).toEqual(new Set(['title']));
  expect((await lines('field-changes?field=wordCount')).length).toBe(2);
  expect(await lines('dead-letters')).toEqual([]);
  expect(await lines('decisions')).toEqual([]);
  const wrong = await running.call('GET', `${base}/timeline?field=title`);
  expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([400, '/field']);
});

it('writes CSV in which no cell is a formula', async () => {
  const { text, headers } = await running.call('GET', `${base}/timeline?format=csv`);
  expect(headers.get('content-type')).toContain('text/csv');
  expect(headers.get('content-disposition')).toMatch(/^attachment; filename="run-[\w-]+-timeline\.csv"$/);
  const cells = TITLES.map((title) => (/^[=+\-@\t\r]/.test(title) ? `'${title}` : title));
  for (const cell of cells) expect(text).toContain(`\n"${cell.replaceAll('"', '""')}",`);
  expect(text).not.toMatch(/(^|[\n,])"?[=+@\t]/);
  const accepted = await running.call('GET', `${base}/timeline`, undefined, { accept: 'text/csv' });
  expect(accepted.text).toBe(text);
});

it('writes a Parquet file from its first magic bytes to its last', async () => {
  const answer = await fetch(`${running.url}${base}/snapshots?format=parquet`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(answer.headers.get('content-type')).toContain('application/vnd.apache.parquet');
  expect([bytes.subarray(0, 4).toString(), bytes.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1']);
});

it('finds the next and the last change of a field', async () => {
  const path = `/tenants/${TENANT}/entities/content/content-0/next-change`;
  const event = async (query: string) => {
    const { status, body } = await running.call('GET', `${path}?${query}`);
    return status === 200 ? body.data.event_id : body.code;
  };
  const [first, second] = [TITLES[0], TITLES[2]];
  expect(await event('field=title')).toBe(first);
  expect(await event('field=title&after=0')).toBe(second);
  expect(await event('field=title&after=2024-01-15T10:00:00.000000001Z')).toBe(second);
  expect(await event('field=title&direction=previous')).toBe(TITLES[8]);
  expect(await event('field=title&direction=previous&after=1')).toBe(first);
  expect(await event('field=wordCount&direction=previous')).toBe(first);
  expect(await event('field=wordCount&after=0')).toBe('change_not_found');
});

it('is what the command line writes', async () => {
  const job = base.split('/').at(-2)!;
  const place = { cwd: directory.dataDir, env: { REWIND_URL: running.url, REWIND_TENANT: TENANT } };
  const { text } = await running.call('GET', `${base}/timeline?format=csv`);
  const shown = await runRewind(['export', job, '--list', 'timeline', '--format', 'csv'], place);
  expect([shown.code, shown.out]).toEqual([0, text]);
  const written = await runRewind(
    ['export', job, '--list', 'timeline', '--format', 'csv', '--out', 't.csv'],
    place,
  );
  expect([written.code, await readFile(join(directory.dataDir, 't.csv'), 'utf8')]).toEqual([0, text]);
  expect((await runRewind(['export', 'run-none'], place)).code).toBe(3);
});

it('is entered in the audit trail, and not there for other tenants', async () => {
  const { body } = await running.call('GET', `/tenants/${TENANT}/audit-entries?action=export.made`);
  expect(body.data.length).toBeGreaterThan(5);
  const foreign = await running.call('GET', `${base.replace(TENANT, 'other')}/snapshots`);
  expect([foreign.status, foreign.body.code]).toEqual([404, 'job_not_found']);
});
