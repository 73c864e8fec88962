/**
 * The documents that clients know, as contracts over real HTTP: every example of the audit replay engine's document as it
 * is printed there, its roles, its switch, and the fields of the console's listing.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningRewind, startRunning, testDirectory } from './testing/running.js';

const TENANT = 'acme';
const HEADERS = { 'x-tenant-id': TENANT };

/** As printed. `{ ... }` and `[ ... ]` of the document stand for what is left out there. */
const REQUEST = {
  filters: {
    startDate: '2024-01-01T00:00:00Z',
    endDate: '2024-01-31T23:59:59Z',
    eventType: ['content.created', 'content.updated'],
    severity: 'info',
  },
};
const CREATED = { success: true, data: { jobId: 'run-abc-123', status: 'queued' } };
const RUN = {
  success: true,
  data: {
    run: { id: 'run-abc-123', status: 'success', eventCount: 150, snapshotCount: 150, result: {} },
    timeline: [
      { index: 0, eventType: 'content.created' },
      { index: 1, eventType: 'content.updated' },
    ],
  },
};
const SNAPSHOT = {
  success: true,
  data: {
    id: 'snapshot-xyz',
    snapshotIndex: 5,
    eventType: 'content.updated',
    stateBefore: {},
    stateAfter: {},
    diff: [],
  },
};
const EXAMPLE_SNAPSHOT = {
  id: 'snapshot-abc',
  replayRunId: 'run-123',
  snapshotIndex: 5,
  eventId: 'evt-456',
  eventType: 'content.updated',
  timestamp: '2024-01-15T10:30:00Z',
  stateBefore: { id: 'content-789', title: 'Draft Article', status: 'draft', wordCount: 500 },
  stateAfter: { id: 'content-789', title: 'Published Article', status: 'published', wordCount: 1200 },
  diff: [
    { field: 'title', before: 'Draft Article', after: 'Published Article', operation: 'modified' },
    { field: 'status', before: 'draft', after: 'published', operation: 'modified' },
    { field: 'wordCount', before: 500, after: 1200, operation: 'modified' },
  ],
  entityType: 'content',
  entityId: 'content-789',
};
const LISTING_FIELDS = [
  'job_id',
  'job_type',
  'encoding_version',
  'rule_version',
  'time_range_start',
  'time_range_end',
  'status',
  'events_processed',
  'events_failed',
  'created_at',
  'completed_at',
];
/** May create, may view. */
const ROLES = {
  owner: [true, true],
  admin: [true, true],
  member: [false, true],
  viewer: [false, true],
} as const;

const EXAMPLE_AT = 5;
const EVENT_COUNT = 150;
/** 150 events of the filter, of which the sixth is the example, and some that the filter leaves out. */
function events(): object[] {
  const made: object[] = [];
  const add = (minute: number, type: string, payload: object, more: object = {}) =>
    made.push({
      event_id: `e-${made.length}`,
      event_type: type,
      occurred_at: new Date(Date.UTC(2024, 0, 15, 10, 25 + minute)).toISOString(),
      severity: 'info',
      payload,
      ...more,
    });
  const { stateBefore, stateAfter } = EXAMPLE_SNAPSHOT;
  add(0, 'content.created', stateBefore);
  for (let i = 1; i < EVENT_COUNT; i++)
    if (i === EXAMPLE_AT) add(i, 'content.updated', stateAfter, { event_id: 'evt-456' });
    else add(i, 'content.updated', { id: `content-${i}`, title: 'other' });
  add(3, 'content.updated', { id: 'content-789', title: 'a warning is left out' }, { severity: 'warning' });
  add(4, 'content.deleted', { id: 'content-789' });
  return made;
}

/** Every member that the document's example shows, with a value of the same kind. */
function shapeOf(example: unknown): unknown {
  if (Array.isArray(example)) return expect.any(Array);
  if (typeof example !== 'object' || example === null)
    return expect.any((example as object).constructor as never);
  return expect.objectContaining(
    Object.fromEntries(Object.entries(example).map(([name, value]) => [name, shapeOf(value)])),
  );
}

let directory: Awaited<ReturnType<typeof testDirectory>>;
let running: RunningRewind;
let jobId: string;

beforeAll(async () => {
  directory = await testDirectory();
  running = await startRunning(directory.dataDir);
  const sent = await running.call('POST', `/tenants/${TENANT}/audit-events`, events());
  expect(sent.status, sent.text).toBe(202);
  const created = await running.call('POST', '/api/v1/audit/replay', REQUEST, HEADERS);
  expect(created.status, created.text).toBe(202);
  jobId = created.body.data.jobId;
  expect(created.body).toEqual({ ...CREATED, data: { jobId, status: 'queued' } });
  expect(created.headers.get('location')).toBe(`/api/v1/audit/replay/${jobId}`);
  await running.ended(TENANT, jobId);
});
afterAll(async () => {
  await running?.close();
  await directory?.remove();
});

describe('the audit replay engine answers as its document prints', () => {
  it('GET /replay/:id', async () => {
    const { status, body } = await running.call(
      'GET',
      `/api/v1/audit/replay/${jobId}?limit=1000`,
      undefined,
      HEADERS,
    );
    expect(status).toBe(200);
    expect(body).toEqual(shapeOf(RUN));
    const { run } = RUN.data;
    expect(body.data.run).toMatchObject({
      ...run,
      id: jobId,
      result: { counters: { processed: EVENT_COUNT } },
    });
    expect(body.data.run.filters).toEqual({ ...REQUEST.filters, severity: ['info'] });
    expect(body.data.timeline.slice(0, 2)).toMatchObject(RUN.data.timeline);
    expect(body.data.timeline.map((entry: { index: number }) => entry.index)).toEqual([
      ...Array(EVENT_COUNT).keys(),
    ]);
  });

  it('GET /replay/:id/snapshots/:index', async () => {
    const path = `/api/v1/audit/replay/${jobId}/snapshots/${EXAMPLE_AT}`;
    const { status, body } = await running.call('GET', path, undefined, HEADERS);
    expect(status).toBe(200);
    expect(body).toEqual(shapeOf(SNAPSHOT));
    expect(body.data).toEqual({
      ...EXAMPLE_SNAPSHOT,
      id: expect.any(String),
      replayRunId: jobId,
      createdAt: expect.any(String),
    });
    expect((await running.call('GET', `${path}99`, undefined, HEADERS)).body).toMatchObject({
      success: false,
      code: 'snapshot_not_found',
    });
  });

  it('GET /replays lists all runs', async () => {
    const { status, body } = await running.call('GET', '/api/v1/audit/replays', undefined, HEADERS);
    expect(status).toBe(200);
    expect(body.data.map((run: { id: string }) => run.id)).toEqual([jobId]);
    expect(body.data[0]).toEqual(shapeOf(RUN.data.run));
  });

  it('takes one event type or none, and both ends of the range', async () => {
    for (const filters of [
      { ...REQUEST.filters, eventType: 'content.created' },
      { startDate: '2024-01-15T10:25:00Z', endDate: '2024-01-15T10:25:00.000000001Z' },
    ]) {
      const { body } = await running.call('POST', '/api/v1/audit/replay', { filters }, HEADERS);
      const job = await running.ended(TENANT, body.data.jobId);
      expect(job).toMatchObject({ status: 'Complete', events_processed: 1 });
    }
  });

  it.each(Object.entries(ROLES))(
    'lets the role %s do what the table of roles says',
    async (role, [creates, views]) => {
      const headers = { ...HEADERS, 'x-role': role };
      const run = `/api/v1/audit/replay/${jobId}`;
      const create = await running.call('POST', '/api/v1/audit/replay', REQUEST, headers);
      expect(create.status).toBe(creates ? 202 : 403);
      for (const path of [run, `${run}/snapshots/0`, '/api/v1/audit/replays'])
        expect((await running.call('GET', path, undefined, headers)).status).toBe(views ? 200 : 403);
      expect((await running.call('GET', `${run}/stream`, undefined, headers)).status).toBe(views ? 200 : 403);
    },
  );
});

it('lists jobs with the eleven fields of the console, in its words', async () => {
  const { body } = await running.call('GET', `/tenants/${TENANT}/replay-jobs?limit=1000`);
  const row = body.data.find((one: { job_id: string }) => one.job_id === jobId);
  expect(Object.keys(row).slice(0, LISTING_FIELDS.length)).toEqual(LISTING_FIELDS);
  expect(row).toMatchObject({
    job_type: 'StateRebuild',
    encoding_version: 1,
    rule_version: 1,
    time_range_start: '2024-01-01T00:00:00Z',
    time_range_end: '2024-01-31T23:59:59Z',
    status: 'Complete',
    events_processed: EVENT_COUNT,
    events_failed: 0,
  });
});

it('takes a job of five fields, and names each that is missing', async () => {
  const body = {
    job_type: 'DryRun',
    encoding_version: 1,
    rule_version: 1,
    time_range_start: '2024-01-15T00:00:00Z',
    time_range_end: '2024-01-16T00:00:00Z',
  };
  const made = await running.call('POST', `/tenants/${TENANT}/replay-jobs`, body);
  expect([made.status, made.body.data.status]).toEqual([202, 'Pending']);
  for (const name of Object.keys(body)) {
    const { [name as keyof typeof body]: _left, ...rest } = body;
    const refused = await running.call('POST', `/tenants/${TENANT}/replay-jobs`, rest);
    expect([name, refused.status, refused.body.errors[0].pointer]).toEqual([name, 400, `/${name}`]);
  }
});

it('is not there where it is switched off, whoever asks', async () => {
  await running.close();
  running = await startRunning(directory.dataDir, { flags: { 'http.enableAuditReplay': false } });
  for (const role of Object.keys(ROLES))
    for (const [method, path] of [
      ['POST', '/replay'],
      ['GET', `/replay/${jobId}`],
      ['GET', `/replay/${jobId}/stream`],
      ['GET', `/replay/${jobId}/snapshots/0`],
      ['GET', '/replays'],
    ] as const) {
      const body = method === 'POST' ? REQUEST : undefined;
      const answer = await running.call(method, `/api/v1/audit${path}`, body, { ...HEADERS, 'x-role': role });
      expect([answer.status, answer.body.code, answer.body.success]).toEqual([
        404,
        'feature_disabled',
        false,
      ]);
    }
  const listed = await running.call('GET', `/tenants/${TENANT}/replay-jobs/${jobId}/stream`);
  expect(listed.status).toBe(200);
});
