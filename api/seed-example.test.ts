/**
 * The example of the replay engine's document, through HTTP and the real pipeline: the events go in by POST, and the
 * snapshot comes out under its index with exactly the states and the diff that the document prints.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestRewind, type TestRewind } from '../processors/testing/test-rewind.js';
import { type App, buildApp } from './app.js';

const TENANT = 'acme';

/** As printed: the order of members is part of it. */
const STATE_BEFORE = '{"id":"content-789","title":"Draft Article","status":"draft","wordCount":500}';
const STATE_AFTER = '{"id":"content-789","title":"Published Article","status":"published","wordCount":1200}';
const DIFF = `[${[
  '{"field":"title","before":"Draft Article","after":"Published Article","operation":"modified"}',
  '{"field":"status","before":"draft","after":"published","operation":"modified"}',
  '{"field":"wordCount","before":500,"after":1200,"operation":"modified"}',
].join(',')}]`;

const event = (id: string, type: string, at: string, payload: object) => ({
  event_id: id,
  event_type: type,
  occurred_at: at,
  payload,
});

/** Sent out of order; by time the example is the sixth, index 5. */
const EVENTS = [
  event('evt-457', 'content.updated', '2024-01-15T11:00:00Z', { id: 'content-789', wordCount: 1300 }),
  event('evt-456', 'content.updated', '2024-01-15T10:30:00Z', {
    id: 'content-789',
    title: 'Published Article',
    status: 'published',
    wordCount: 1200,
  }),
  event('evt-1', 'playbook.created', '2024-01-15T09:00:00Z', { id: 'playbook-1', name: 'Weekly' }),
  event('evt-2', 'content.created', '2024-01-15T09:10:00Z', {
    id: 'content-789',
    title: 'Draft Article',
    status: 'draft',
    wordCount: 500,
  }),
  event('evt-3', 'billing.updated', '2024-01-15T09:20:00Z', { plan: 'pro' }),
  event('evt-4', 'llm.created', '2024-01-15T09:30:00Z', { id: 'agent-1', status: 'idle' }),
  event('evt-5', 'playbook.execution_started', '2024-01-15T09:40:00Z', { runId: 'run-1', currentStep: 1 }),
];

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

test('the snapshot under its index is the one that the document shows', async () => {
  const headers = { 'x-tenant-id': TENANT };
  const accepted = await app.inject({
    method: 'POST',
    url: `/tenants/${TENANT}/audit-events`,
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify(EVENTS),
  });
  expect(accepted.statusCode, accepted.body).toBe(202);
  const created = await app.inject({
    method: 'POST',
    url: '/api/v1/audit/replay',
    headers,
    payload: { filters: { startDate: '2024-01-15T00:00:00Z', endDate: '2024-01-16T00:00:00Z' } },
  });
  expect(created.statusCode, created.body).toBe(202);
  const { jobId } = created.json<{ data: { jobId: string } }>().data;
  const run = await finished(`/api/v1/audit/replay/${jobId}`, headers);
  expect(run.data.run).toMatchObject({ status: 'success', eventCount: 7, snapshotCount: 7 });
  const { index } = run.data.timeline.find((entry) => entry.eventId === 'evt-456')!;
  expect(index).toBe(5);

  const answer = await app.inject({ url: `/api/v1/audit/replay/${jobId}/snapshots/${index}`, headers });
  expect(answer.statusCode).toBe(200);
  expect(answer.json().data).toMatchObject({
    replayRunId: jobId,
    snapshotIndex: 5,
    eventId: 'evt-456',
    eventType: 'content.updated',
    timestamp: '2024-01-15T10:30:00Z',
    stateBefore: JSON.parse(STATE_BEFORE),
    stateAfter: JSON.parse(STATE_AFTER),
    diff: JSON.parse(DIFF),
    entityType: 'content',
    entityId: 'content-789',
  });
  expect(answer.body).toContain(`"stateBefore":${STATE_BEFORE},"stateAfter":${STATE_AFTER},"diff":${DIFF}`);
});

interface RunAnswer {
  data: { run: { status: string }; timeline: { index: number; eventId: string }[] };
}

async function finished(url: string, headers: Record<string, string>): Promise<RunAnswer> {
  for (;;) {
    const answer = (await app.inject({ url, headers })).json<RunAnswer>();
    if (answer.data.run.status === 'success' || answer.data.run.status === 'failed') return answer;
    await sleep(50);
  }
}
