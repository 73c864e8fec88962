/** The audit trail and the overview over HTTP, on the real pipeline. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestRewind, JANUARY as SPEC, type TestRewind } from '../../processors/testing/test-rewind.js';
import { type App, buildApp } from '../app.js';

let app: App;
let world: TestRewind;

beforeAll(async () => {
  world = await openTestRewind({ workers: 1 });
  const { rewind, config, telemetry } = world;
  app = buildApp({ ...rewind, config, telemetry, version: '0.0.0' });
});
afterAll(async () => {
  await app?.close();
  await world?.close();
});

const get = async (url: string) => (await app.inject({ url })).json();
const post = (url: string, payload: object, actor = 'ann') =>
  app.inject({ method: 'POST', url, headers: { 'x-actor': actor }, payload });

const DEFINITION = { name: 'x', entity: 'envelope', rules: [{ match: '*', track: { a: '/a' } }] };

it('says what was done, when, by whom, and how the tenant stands', async () => {
  const empty = await get('/tenants/acme/overview');
  expect(empty.data).toMatchObject({ audit_entries: 0, last_run: null, jobs: { total: 0 } });
  await post('/tenants/acme/audit-events', {
    event_id: 'e1',
    event_type: 'content.created',
    occurred_at: '2024-01-15T09:00:00Z',
    payload: { id: 'c', title: 't' },
  });
  expect((await post('/tenants/acme/encodings', { definition: DEFINITION }, 'bob')).statusCode).toBe(201);
  const created = await post('/tenants/acme/replay-jobs', SPEC);
  const id: string = created.json().data.job_id;
  while ((await get(`/tenants/acme/replay-jobs/${id}`)).data.status !== 'Complete') await sleep(50);

  const entries = await get('/tenants/acme/audit-entries');
  expect(entries.data.map((e: Record<string, unknown>) => [e.actor, e.action, e.target, e.outcome])).toEqual([
    ['ann', 'replay_job.created', id, 'success'],
    ['bob', 'encoding.saved', '2', 'success'],
  ]);
  expect(entries.data[0].recorded_at).toMatch(/^20\d\d-.*Z$/);
  const first = await get('/tenants/acme/audit-entries?limit=1');
  const second = await get(`/tenants/acme/audit-entries?limit=1&cursor=${first.page.next}`);
  expect([...first.data, ...second.data]).toEqual(entries.data);
  expect((await get('/tenants/acme/audit-entries?actor=bob')).data).toEqual(second.data);
  expect((await get('/tenants/other/audit-entries')).data).toEqual([]);
  const odd = await app.inject('/tenants/acme/audit-entries?cursor=nonsense');
  expect(odd.json()).toMatchObject({ code: 'cursor_invalid', errors: [{ pointer: '/cursor' }] });

  const overview = await get('/tenants/acme/overview');
  expect(overview.data).toMatchObject({
    tenant_id: 'acme',
    audit_entries: 2,
    jobs: { total: 1, by_status: { Complete: 1, Failed: 0 } },
    last_run: { job_id: id, job_type: 'StateRebuild', status: 'Complete', events_processed: 1 },
    failures: { jobs: 0, events: 0, latest: [] },
    throughput: { runs: 1, events: 1 },
  });
  expect(overview.data.throughput.seconds).toBeGreaterThan(0);
});

it('anchors and verifies on request, also against a head from outside', async () => {
  const head = await post('/instance/audit-anchors', {});
  const { writer, seq, hash } = head.json().data;
  expect(head.json().data.entries).toBe('2');
  const report = await post('/instance/audit-entries:verify', { heads: [{ writer, seq, hash }] });
  expect(report.json().data).toMatchObject({ valid: true, entries: 2, unanchored: 0, problems: [] });
  const forged = await post('/instance/audit-entries:verify', {
    heads: [{ writer, seq, hash: 'f'.repeat(64) }],
  });
  expect(forged.json().data).toMatchObject({ valid: false, problems: [{ kind: 'head_missing' }] });
});
