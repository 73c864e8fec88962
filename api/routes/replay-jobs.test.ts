/** Lists, waits and units of jobs over HTTP, on the real pipeline. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  contentEvents,
  JANUARY,
  openTestRewind,
  type TestRewind,
} from '../../processors/testing/test-rewind.js';
import { type RunningServer, startServer } from '../server.js';

let world: TestRewind;
let server: RunningServer;
const ids = new Map<string, string>();

beforeAll(async () => {
  world = await openTestRewind({
    flags: { 'http.port': 0, 'http.checkAnswers': true, 'replay.unitEvents': 100 },
  });
  await world.append('acme', contentEvents(0, 400));
  const { config, telemetry, rewind } = world;
  server = await startServer({ ...rewind, config, telemetry, version: '0.0.0' });
  const make = async (name: string, change: object, actor = 'ann') => {
    const job = await rewind.replay.create('acme', { ...JANUARY, name, ...change }, actor);
    ids.set(name, job.jobId);
  };
  await make('Nightly billing', { labels: { team: 'billing', env: 'prod' } });
  await make('nightly crm', { labels: { team: 'crm', env: 'prod' } }, 'bob');
  await make('look', { job_type: 'DryRun', labels: { team: 'billing' } });
  await make('gone', {});
  await rewind.life.cancel('acme', ids.get('gone')!, 'ann', 'drop');
  await rewind.life.remove('acme', ids.get('gone')!, 'ann');
  const again = await rewind.life.rerun('acme', ids.get('look')!, 'ann');
  ids.set('again', again.jobId);
  await rewind.life.pause('acme', again.jobId, 'ann');
}, 60_000);
afterAll(async () => {
  await server?.stop('end of the tests');
  await world?.close();
});

async function get(path: string): Promise<{ status: number; data: never; page?: { next: string | null } }> {
  const response = await fetch(`${server.url}/tenants/acme/replay-jobs${path}`);
  return { status: response.status, ...((await response.json()) as object) } as never;
}

/** Names of the jobs listed, the newest first, over pages of two. */
async function listed(query: string): Promise<string[]> {
  const names: string[] = [];
  for (let cursor = ''; ; ) {
    const { status, data, page } = await get(`?limit=2&${query}${cursor}`);
    expect(status).toBe(200);
    for (const { job_id } of data as { job_id: string }[])
      names.push([...ids].find(([, id]) => id === job_id)![0]);
    if (page!.next === null) return names;
    cursor = `&cursor=${encodeURIComponent(page!.next)}`;
  }
}

test.each([
  ['', ['again', 'look', 'nightly crm', 'Nightly billing']],
  ['status=Paused', ['again']],
  ['status=Paused,Pending', ['again', 'look', 'nightly crm', 'Nightly billing']],
  ['type=DryRun', ['again', 'look']],
  ['label=team%3Dbilling', ['again', 'look', 'Nightly billing']],
  ['label=team%3Dbilling&label=env%3Dprod', ['Nightly billing']],
  ['label=team%3Dnone', []],
  ['created_by=bob', ['nightly crm']],
  ['name=NIGHT', ['nightly crm', 'Nightly billing']],
  ['parent_job_id=LOOK', ['again']],
  ['deleted=only', ['gone']],
  ['deleted=with&status=Cancelled', ['gone']],
  ['created_from=1h', ['again', 'look', 'nightly crm', 'Nightly billing']],
  ['created_to=1h', []],
])('?%s', async (query, expected) => {
  expect(await listed(query.replace('LOOK', ids.get('look')!))).toEqual(expected);
});

test('says which filter is wrong', async () => {
  for (const query of ['?status=Done', '?label=team', '?created_from=soon', '?deleted=yes'])
    expect([query, (await get(query)).status]).toEqual([query, 400]);
});

test('waits until a job moves on, and no longer than asked', async () => {
  const job = ids.get('Nightly billing')!;
  expect((await get(`/${job}?wait=1`)).data).toMatchObject({ status: 'Pending' });
  // Another one is known: there is nothing to wait for.
  expect((await get(`/${job}?wait=60&since=Running.fold`)).data).toMatchObject({ status: 'Pending' });
  const waiting = [1, 2, 3].map(() => get(`/${job}?wait=60`));
  await world.rewind.startWorkers(1);
  for (const { data } of await Promise.all(waiting)) {
    const { status, progress } = data as { status: string; progress: { stage: string } };
    expect(`${status}.${progress.stage}`).not.toBe('Pending.pending');
  }
  await world.complete('acme', job);
  expect((await get(`/${job}?wait=60`)).data).toMatchObject({ status: 'Complete' });
}, 60_000);

test('shows the units of a job one by one', async () => {
  const job = ids.get('Nightly billing')!;
  await world.complete('acme', job);
  const units: {
    stage: string;
    status: string;
    events: number;
    rows: number;
    attempts: number;
    worker: string;
  }[] = [];
  for (let cursor = ''; ; ) {
    const { data, page } = await get(`/${job}/units?limit=3${cursor}`);
    units.push(...(data as typeof units));
    if (page!.next === null) break;
    cursor = `&cursor=${encodeURIComponent(page!.next)}`;
  }
  const folds = units.filter(({ stage }) => stage === 'fold');
  expect(folds.length).toBe(4);
  expect(folds.reduce((sum, { rows }) => sum + rows, 0)).toBe(400);
  expect(folds.reduce((sum, { events }) => sum + events, 0)).toBe(400);
  expect(units.filter(({ status, attempts }) => status !== 'done' || attempts !== 1)).toEqual([]);
  expect(units.some(({ stage }) => stage === 'seal')).toBe(true);
  expect((await get('/run-none/units')).status).toBe(404);
}, 60_000);

/** An export as rows of text: lines of NDJSON, or cells of CSV. */
async function exported(path: string): Promise<string[]> {
  const response = await fetch(`${server.url}/tenants/acme/export/${path}`);
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.text()).trim().split('\n');
}

test('lists of jobs and acts are exported by their filters', async () => {
  for (const [query, expected] of [
    ['', ['Nightly billing', 'nightly crm', 'look', 'look']],
    ['type=DryRun&status=Paused', ['look']],
    ['label=team%3Dbilling&label=env%3Dprod', ['Nightly billing']],
    ['deleted=only', ['gone']],
  ] as const) {
    const rows = await exported(`jobs?${query}`);
    expect([query, rows.map((row) => JSON.parse(row).name)]).toEqual([query, expected]);
  }
  const gone = JSON.parse((await exported('jobs?deleted=only'))[0]!);
  expect(gone).toMatchObject({ job_id: ids.get('gone'), status: 'Cancelled', parent_job_id: '' });
  const [names, first] = await exported('jobs?format=csv&name=billing');
  expect(names!.replaceAll('"', '').split(',').slice(0, 4)).toEqual(['job_id', 'name', 'job_type', 'status']);
  expect(first).toContain(ids.get('Nightly billing')!);

  const act = async (query: string) =>
    (await exported(`audit-entries?${query}`)).map((row) => JSON.parse(row));
  const exports = await act('action=export.made');
  expect(exports.length).toBeGreaterThan(4);
  expect(new Set(exports.map(({ target }) => target))).toEqual(new Set(['jobs']));
  expect((await act('action=export.made')).map(({ target }) => target)).toContain('audit_entries');
  const foreign = await fetch(`${server.url}/tenants/globex/export/jobs`);
  expect(await foreign.text()).toBe('');
}, 60_000);
