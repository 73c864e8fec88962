/** A stock OPA with nothing but a `services` entry sends its decision log here: every decision arrives once, with all its fields. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningOpa, startOpa } from '../processors/testing/opa.js';
import { openTestRewind, type TestRewind } from '../processors/testing/test-rewind.js';
import { type RunningServer, startServer } from './server.js';

const AUTHZ = `package httpapi.authz
default allow := false
allow if { input.user == "bob"; time.now_ns() > 0 }
who := object.get(input, "user", "nobody")`;
const MASK = `package system.log
mask contains "/input/password" if input.input.password`;

let test: TestRewind;
let server: RunningServer;
let opa: RunningOpa;

beforeAll(async () => {
  test = await openTestRewind({
    workers: 1,
    flags: {
      'http.port': 0,
      'auth.methods': ['key'],
      'auth.bootstrapToken': 'the-first-key-of-all-keys',
      'http.checkAnswers': true,
    },
  });
  const { rewind, config, telemetry } = test;
  server = await startServer({ ...rewind, config, telemetry, version: '0.0.0' });
  const answer = await fetch(`${server.url}/tenants/acme/api-keys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer the-first-key-of-all-keys' },
    body: JSON.stringify({ name: 'opa', role: 'member' }),
  });
  const created = await answer.text();
  if (!answer.ok) throw new Error(created);
  const { data } = JSON.parse(created) as { data: { token: string } };
  opa = await startOpa({
    files: { 'authz.rego': AUTHZ, 'mask.rego': MASK },
    config: {
      services: { rewind: { url: server.url, credentials: { bearer: { token: data.token } } } },
      decision_logs: {
        service: 'rewind',
        nd_builtin_cache: true,
        reporting: { min_delay_seconds: 1, max_delay_seconds: 1 },
      },
      nd_builtin_cache: true,
      labels: { app: 'shop' },
    },
  });
}, 180_000);

afterAll(async () => {
  await opa?.stop();
  await server?.stop('test');
  await test?.close();
});

describe('a stock OPA', () => {
  it('uploads its decisions, which are archived with all their fields', async () => {
    for (let i = 0; i < 200; i++) {
      const user = i % 2 === 0 ? 'bob' : 'eve';
      expect(await opa.decide('httpapi/authz/allow', { user, n: i, password: 'x' })).toBe(i % 2 === 0);
    }
    expect(await opa.decide('httpapi/authz/who', { user: 'amy' })).toBe('amy');
    expect(await opa.decide('httpapi/authz/missing', {})).toBeUndefined();
    const rows = await archived(202);
    expect(new Set(rows.map((row) => row.decision_id)).size).toBe(202);
    const [first] = rows.filter((row) => row.path === 'httpapi/authz/allow' && row.result === true);
    expect(first).toMatchObject({
      labels: { app: 'shop', version: '1.22.2' },
      input: { user: 'bob' },
      erased: ['/input/password'],
      nd_builtin_cache: { 'time.now_ns': expect.anything() },
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      requested_by: expect.stringContaining('127.0.0.1'),
      metrics: expect.anything(),
    });
    expect(rows.filter((row) => row.path === 'httpapi/authz/allow' && row.result === false)).toHaveLength(
      100,
    );
    const [undefinedOne] = rows.filter((row) => row.path === 'httpapi/authz/missing');
    expect(undefinedOne).not.toHaveProperty('result');
  }, 60_000);

  it('its decisions are audit events: a replay finds them by their type', async () => {
    const job = await test.rewind.replay.create(
      'acme',
      {
        job_type: 'DryRun',
        encoding_version: 1,
        rule_version: 1,
        time_range_start: '2000-01-01T00:00:00Z',
        time_range_end: '2200-01-01T00:00:00Z',
        filters: { event_type: ['policy.decision'] },
      },
      'test',
    );
    const run = await test.complete('acme', job.jobId);
    const passed = run.result?.funnel.find(({ step }) => step === 'filters');
    expect(passed?.kept).toBe(202);
  }, 60_000);
});

/** Payloads of the archive's decisions, once so many are there. */
async function archived(count: number): Promise<Record<string, unknown>[]> {
  const { store } = test;
  const sql = `SELECT event_type, tenant_id, payload_shape, payload_values FROM ${store.t('audit_events')}`;
  for (;;) {
    const rows = await store.query<Record<string, string>>(sql);
    if (rows.length < count) {
      await sleep(100);
      continue;
    }
    expect(rows).toHaveLength(count);
    return rows.map((row) => {
      expect([row.event_type, row.tenant_id]).toEqual(['policy.decision', 'acme']);
      const names = row.payload_shape!.slice(1, -1).split('\n');
      const values = row.payload_values!.split('\n');
      return Object.fromEntries(names.map((name, i) => [JSON.parse(name), JSON.parse(values[i]!)]));
    });
  }
}
