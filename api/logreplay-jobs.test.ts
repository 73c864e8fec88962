/**
 * Log replays as jobs, on the real pipeline. Which decisions change is known from the levels that they were made of: one
 * policy lets in from 3 on, the other from 5 on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answer, type RunningRewind, startRunning, testDirectory } from './testing/running.js';

const rego = (least: number) =>
  `package door\n\ndefault allow := false\n\nallow if input.level >= ${least}\n`;
const FROM_3 = rego(3);
const FROM_5 = rego(5);
const COUNT = 450;
const START = Date.UTC(2024, 0, 1);

let directory: Awaited<ReturnType<typeof testDirectory>>;
let running: RunningRewind;

const decision = (i: number, more: object = {}) => ({
  decision_id: `d${i}`,
  path: i % 3 === 0 ? 'door' : 'door/allow',
  input: { level: i % 8, who: `user-${i % 5}` },
  result: i % 3 === 0 ? { allow: i % 8 >= 3 } : i % 8 >= 3,
  timestamp: new Date(START + i * 1000).toISOString(),
  bundles: { door: { revision: 'r1' } },
  ...more,
});
const changes = (i: number) => i % 8 === 3 || i % 8 === 4;
const all = Array.from({ length: COUNT }, (_, i) => i);
const BODY = { policies: { door: FROM_5 }, affected_by: ['/input/who'], max_samples: 4 };

beforeAll(async () => {
  directory = await testDirectory();
  const flags = {
    'logReplay.batchOffsets': 20,
    'logReplay.jobUnitOffsets': 50,
    'logReplay.jobPollMs': 50,
    'logReplay.jobsPerTenant': 1,
    'http.streamPollMs': 250,
    'policies.threads': 2,
  };
  running = await startRunning(directory.dataDir, { workers: 0, flags });
  await call('PUT', '/v1/bundles/r1', { modules: { 'door.rego': FROM_3 } });
  await call(
    'POST',
    '/logs',
    all.map((i) => decision(i)),
  );
}, 120_000);
afterAll(async () => {
  await running?.close();
  await directory?.remove();
});

const call = (
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => running.call(method, path, body, { 'x-tenant-id': 'acme', ...headers });

async function start(body: unknown = BODY, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const answer = await call('POST', '/v1/logreplay?async=true', body, headers);
  expect(answer.status, answer.text).toBe(202);
  expect(answer.headers.get('location')).toBe(`/v1/logreplay/${answer.body.data.replay_id}`);
  return answer.body.data.replay_id;
}

async function ended(id: string) {
  for (;;) {
    const { data } = (await call('GET', `/v1/logreplay/${id}`)).body;
    if (data.ended_at !== null) return data;
    await sleep(50);
  }
}

async function decisions(id: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  let cursor = '';
  do {
    const { body } = await call('GET', `/v1/logreplay/${id}/decisions?limit=7${cursor}`);
    rows.push(...body.data);
    cursor = body.page.next === null ? '' : `&cursor=${encodeURIComponent(body.page.next)}`;
  } while (cursor !== '');
  return rows;
}

async function streamed(id: string, lastId = ''): Promise<{ type: string; id: string; data: object }[]> {
  const answer = await fetch(`${running.url}/v1/logreplay/${id}/stream`, {
    headers: { 'x-tenant-id': 'acme', ...(lastId === '' ? {} : { 'last-event-id': lastId }) },
  });
  if (answer.status === 204) return [];
  return [...(await answer.text()).matchAll(/^id: (.*)\nevent: (.*)\ndata: (.*)$/gm)].map(
    ([, at, type, data]) => ({ id: at!, type: type!, data: (JSON.parse(data!) as { data: object }).data }),
  );
}

it('refuses what is wrong with the request or the policies at once', async () => {
  expect((await call('POST', '/v1/logreplay?async=true', {})).body).toMatchObject({
    code: 'field_missing',
    errors: [{ pointer: '/policies' }],
  });
  const broken = await call('POST', '/v1/logreplay?async=true', {
    policies: { door: 'package door\n\nallow if {' },
  });
  expect(broken.body).toMatchObject({ code: 'policy_invalid', errors: [{ pointer: '/policies/door' }] });
  expect((await call('POST', '/v1/logreplay?async=yes', BODY)).body).toMatchObject({
    code: 'field_invalid',
    errors: [{ pointer: '/async', message: 'must be one of true, false, got yes', in: 'query' }],
  });
  expect((await call('GET', '/v1/logreplay')).body.data).toEqual([]);
});

it('finds all that one within a time finds, and nothing that came since it was asked for', async () => {
  const within = (await call('POST', '/v1/logreplay', { ...BODY, duration: '60s' })).body.result;
  const first = await start(BODY, { 'idempotency-key': 'k' });
  const second = await start();
  expect(await start(BODY, { 'idempotency-key': 'k' })).toBe(first);
  expect(
    (
      await call(
        'POST',
        '/v1/logreplay?async=true',
        { policies: { door: FROM_3 } },
        { 'idempotency-key': 'k' },
      )
    ).body,
  ).toMatchObject({ code: 'idempotency_mismatch' });
  expect((await call('GET', `/v1/logreplay/${first}`)).body.data).toMatchObject({
    status: 'Pending',
    percent: 0,
    held_by: null,
    result: null,
  });
  expect((await call('GET', `/v1/logreplay/${second}`)).body.data.held_by).toBe('turn');
  // Later decisions, one that is sent again among them, and other policies under the name of what is active.
  await call('POST', '/logs', [decision(3), decision(COUNT + 3), decision(COUNT + 4)]);
  await call('PUT', '/v1/bundles/r2', { modules: { 'door.rego': rego(0) } });

  const events = streamed(first);
  await running.rewind.startWorkers(1);
  const done = await ended(first);
  expect(done).toMatchObject({
    status: 'Complete',
    percent: 100,
    offsets_total: String(COUNT),
    offsets_done: String(COUNT),
    entries_observed: COUNT,
    entries_scheduled: COUNT,
    results_changed: all.filter(changes).length,
    error: null,
  });
  const { result } = done;
  expect(result.stats).toEqual({ ...within.stats, batches_from_cache: 0 });
  expect(result.classes).toEqual(within.classes);
  expect(result.classes.changed).toBe(all.filter(changes).length);
  expect(result.transitions).toEqual(within.transitions);
  expect(result.baselines).toEqual([{ baseline: 'logged', count: COUNT }]);
  expect(result.affected).toEqual(within.affected);
  expect(result.complete).toBe(true);
  expect(result.samples).toHaveLength(2);
  const groups = (of: { groups: { sample: object; path: string }[] }) =>
    of.groups.map(({ sample, ...rest }) => rest).sort((a, b) => (a.path < b.path ? -1 : 1));
  expect(groups(result)).toEqual(groups(within));
  expect(result.groups.find((one: { path: string }) => one.path === 'door/allow')).toMatchObject({
    first_seen: new Date(START + 4_000).toISOString().replace('.000', ''),
  });

  const told = await events;
  expect(told.at(-1)).toMatchObject({ type: 'logreplay.completed', data: { percent: 100 } });
  expect(told.slice(0, -1).every(({ type }) => type === 'logreplay.progress')).toBe(true);
  expect(await streamed(first, told.at(-1)!.id)).toEqual([]);
  expect((await ended(second)).results_changed).toBe(done.results_changed);
});

it('keeps what changed as rows', async () => {
  const { replay_id: id } = (await call('GET', '/v1/logreplay?limit=1')).body.data[0];
  const rows = await decisions(id);
  expect(rows.map((row) => row.event_id).sort()).toEqual(
    all
      .filter(changes)
      .map((i) => `d${i}`)
      .sort(),
  );
  for (const row of rows) {
    const i = Number(String(row.event_id).slice(1));
    const whole = i % 3 === 0;
    expect(row).toMatchObject({
      job_id: id,
      entity_type: 'policy',
      entity_id: whole ? 'door' : 'door/allow',
      offset: String(i),
      before: whole ? { allow: true } : true,
      decision: whole ? { allow: false } : false,
      was: 'allow',
      now: 'deny',
      transition: 'allow_to_deny',
    });
  }
  const { body } = await call('GET', `/v1/logreplay/${id}/decisions?transition=deny_to_allow`);
  expect(body.data).toEqual([]);
});

it('is held by a pause of everything, cancelled and deleted with its rows, and nobody else sees it', async () => {
  expect((await call('POST', '/instance/pause', { reason: 'test' })).status).toBe(200);
  const id = await start();
  await sleep(300);
  expect((await call('GET', `/v1/logreplay/${id}`)).body.data).toMatchObject({
    status: 'Pending',
    held_by: 'pause',
  });
  expect((await call('POST', `/v1/logreplay/${id}/cancel`)).body.data).toMatchObject({
    status: 'Cancelled',
    held_by: null,
  });
  await call('POST', '/instance/resume', undefined);
  const made = await ended(await start());
  for (const path of ['', '/decisions', '/stream'])
    expect(
      (
        await running.call('GET', `/v1/logreplay/${made.replay_id}${path}`, undefined, {
          'x-tenant-id': 'other',
        })
      ).body,
    ).toMatchObject({ code: 'logreplay_not_found' });
  expect((await call('DELETE', `/v1/logreplay/${made.replay_id}`)).status).toBe(200);
  expect((await call('GET', `/v1/logreplay/${made.replay_id}`)).body).toMatchObject({
    code: 'logreplay_not_found',
  });
  const listed = (await call('GET', '/v1/logreplay')).body.data.map(
    (one: { replay_id: string }) => one.replay_id,
  );
  expect(listed).toContain(id);
  expect(listed).not.toContain(made.replay_id);
});
