import { afterEach, describe, expect, it } from 'vitest';
import { type App, buildApp } from '../app.js';
import { BIG, type FakeReplay, fakeDeps, fakeInstance, jobView } from '../testing/fake-pipeline.js';

let app: App;
let replay: FakeReplay;

function open(env: Record<string, string> = {}): void {
  const fake = fakeDeps(env);
  replay = fake.replay;
  app = buildApp(fake.deps);
}
afterEach(() => app.close());

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });
const post = (url: string, payload: unknown, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url,
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    headers: { 'content-type': 'application/json', ...headers },
  });

const SPEC = {
  job_type: 'StateRebuild',
  encoding_version: 1,
  rule_version: 1,
  time_range_start: '2024-01-01T00:00:00Z',
  time_range_end: '2024-01-31T23:59:59Z',
};

describe('replay jobs', () => {
  it('creates with 202, Location, actor and idempotency key', async () => {
    open();
    const answer = await post('/tenants/a%2Fb/replay-jobs', SPEC, {
      'idempotency-key': 'k',
      'x-actor': 'ann',
    });
    expect(answer.statusCode).toBe(202);
    expect(answer.headers.location).toBe('/tenants/a%2Fb/replay-jobs/run-new');
    expect(replay.created).toEqual([{ tenantId: 'a/b', spec: SPEC, actor: 'ann', key: 'k' }]);
    expect(answer.json().data).toMatchObject({ job_id: 'run-new', status: 'Pending' });
  });

  it("lists the eleven fields of the console's table", async () => {
    open();
    const answer = await get('/tenants/acme/replay-jobs?limit=7');
    expect(replay.asked).toEqual([{ limit: 7 }]);
    expect(answer.json().data[0]).toMatchObject({
      job_id: 'run-123',
      job_type: 'StateRebuild',
      encoding_version: 1,
      rule_version: 1,
      time_range_start: '2024-01-01T00:00:00Z',
      time_range_end: '2024-01-31T23:59:59.999999999Z',
      status: 'Complete',
      events_processed: 150,
      events_failed: 4,
      created_at: '2024-02-01T00:00:00Z',
      completed_at: '2024-02-01T00:01:00Z',
    });
  });

  it('plans without creating, shows one job, and refuses to cancel a finished one', async () => {
    open();
    const plan = await post('/tenants/acme/replay-jobs:plan', SPEC);
    expect(plan.statusCode).toBe(200);
    expect(plan.json().data.partitions[0]).toMatchObject({
      first_record_time: '2024-01-01T00:00:01Z',
      skew_ms: 90000,
    });
    expect(replay.created).toEqual([]);
    const job = await get('/tenants/acme/replay-jobs/run-123');
    expect(job.json().data).toMatchObject({
      tenant_id: 'acme',
      filters: { event_type: ['content.*'] },
      result: { stage_seconds: { collect: 1.5 } },
    });
    const cancel = await app.inject({ method: 'POST', url: '/tenants/acme/replay-jobs/run-123/cancel' });
    expect([cancel.statusCode, cancel.json().code]).toEqual([409, 'job_finished']);
  });

  it('gives one and the same 404 for an absent job and a foreign one', async () => {
    open();
    replay.jobs.push(jobView('run-other', 'other'));
    const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    const absent = await get('/tenants/acme/replay-jobs/run-x', trace);
    const foreign = await get('/tenants/acme/replay-jobs/run-other', trace);
    expect(absent.statusCode).toBe(404);
    expect(foreign.body).toBe(absent.body);
    expect(absent.json().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
  });

  it('reports all problems of a body with pointers', async () => {
    open();
    const answer = await post('/tenants/acme/replay-jobs', {
      ...SPEC,
      job_type: 'Rebuild',
      rule_version: '1',
      time_range_end: undefined,
      tenant_id: 'other',
      filters: { eventtype: ['x'] },
    });
    expect(answer.statusCode).toBe(400);
    const found = answer
      .json()
      .errors.map((e: { code: string; pointer: string }) => `${e.code} ${e.pointer}`);
    expect(found.sort()).toEqual([
      'field_invalid /job_type',
      'field_invalid /rule_version',
      'field_missing /time_range_end',
      'field_unknown /filters/eventtype',
      'field_unknown /tenant_id',
    ]);
    const texts = answer.json().errors.map((e: { message: string }) => e.message);
    expect(texts.join('\n')).toContain('did you mean event_type?');
    expect(texts.join('\n')).toContain('DryRun, StateRebuild, DecisionOnly');
    expect(answer.body).not.toContain('.ts:');
  });

  it('names the place of malformed and ambiguous JSON', async () => {
    open();
    const url = '/tenants/acme/replay-jobs';
    const broken = await post(url, '{"job_type": }');
    expect([broken.statusCode, broken.json().code]).toEqual([400, 'json_invalid']);
    expect(broken.json().detail).toMatch(/13/);
    expect((await post(url, '{"a":1,"a":2}')).json().code).toBe('json_duplicate_key');
    expect((await post(url, `${'['.repeat(100)}1${']'.repeat(100)}`)).json().code).toBe('json_too_deep');
    expect((await post(url, '"\\ud800"')).json().code).toBe('json_lone_surrogate');
    expect((await post(url, '{}', { 'content-type': 'text/csv' })).statusCode).toBe(415);
    expect((await post(url, '[]')).statusCode).toBe(400);
  });

  it('checks page sizes and indexes', async () => {
    open();
    for (const limit of ['0', '-1', '1000000000', 'x', '1.5']) {
      const answer = await get(`/tenants/acme/replay-jobs?limit=${limit}`);
      expect([limit, answer.statusCode, answer.json().errors[0].pointer]).toEqual([limit, 400, '/limit']);
    }
    expect((await get('/tenants/acme/replay-jobs/run-123/snapshots/-1')).statusCode).toBe(400);
    expect((await get('/tenants/acme/replay-jobs/run-123/timeline?page=2')).json().code).toBe(
      'field_unknown',
    );
  });
});

describe('results', () => {
  it('sends states with every digit', async () => {
    open();
    const answer = await get('/tenants/acme/replay-jobs/run-123/snapshots/5');
    expect(answer.body).toContain(`"wordCount":${BIG}}`);
    expect(answer.json().data).toMatchObject({ snapshot_index: 5, offset: '9007199254740993', exists: true });
    const missing = await get('/tenants/acme/replay-jobs/run-123/snapshots/6');
    expect([missing.statusCode, missing.json().code]).toEqual([404, 'snapshot_not_found']);
  });

  it('pages the timeline by index', async () => {
    open();
    const first = await get('/tenants/acme/replay-jobs/run-123/timeline?limit=2');
    expect(first.json().data.map((e: { index: number }) => e.index)).toEqual([0, 1]);
    expect(first.json().page).toEqual({ next: 2 });
    const last = await get('/tenants/acme/replay-jobs/run-123/timeline?from=2&limit=2');
    expect(last.json().page).toEqual({ next: null });
  });

  it('streams all snapshots and lists dead letters', async () => {
    open();
    const all = await get('/tenants/acme/replay-jobs/run-123/snapshots');
    expect(all.headers['content-type']).toContain('application/x-ndjson');
    expect(all.body).toBe('{"a":1}\n{"a":2}\n');
    const letters = await get('/tenants/acme/replay-jobs/run-123/dead-letters');
    expect(letters.json().data[0]).toMatchObject({ stage: 'fold', code: 'operation_failed', topic_id: 'T' });
  });

  it('finds entities whose ids hold slashes, by nanosecond times', async () => {
    open();
    const id = 'arn:aws:ssm:eu-1:1:parameter/a/b';
    const at = await get(
      `/tenants/acme/entities/ssm%2Fparameter/${encodeURIComponent(id)}?at=2024-01-15T10:30:00.000000001Z`,
    );
    expect(at.statusCode).toBe(200);
    expect(replay.asked[0]).toEqual({
      tenantId: 'acme',
      entity: { type: 'ssm/parameter', id },
      options: { timeNs: 1705314600000000001n },
    });
    const naive = await get('/tenants/acme/entities/content/c?at=2024-01-15T10:30:00');
    expect(naive.json()).toMatchObject({ code: 'time_zone_missing', errors: [{ pointer: '/at' }] });
    const history = await get('/tenants/acme/entities/content/c/history?limit=1&job_id=run-123');
    expect(history.json().page.next).not.toBeNull();
    const forged = await get('/tenants/acme/entities/content/c/history?cursor=x');
    expect(forged.json().code).toBe('cursor_invalid');
  });
});

describe('audit replay', () => {
  const FILTERS = {
    startDate: '2024-01-01T00:00:00Z',
    endDate: '2024-01-31T23:59:59Z',
    eventType: ['content.created', 'content.updated'],
    severity: 'info',
  };

  it("takes and gives the document's own example", async () => {
    open();
    const created = await post('/api/v1/audit/replay', { filters: FILTERS }, { 'x-tenant-id': 'acme' });
    expect(created.json()).toEqual({ success: true, data: { jobId: 'run-new', status: 'queued' } });
    expect(replay.created[0]).toMatchObject({
      tenantId: 'acme',
      spec: {
        job_type: 'StateRebuild',
        time_range_start: FILTERS.startDate,
        filters: { event_type: FILTERS.eventType, severity: ['info'] },
      },
    });
    const run = await get('/api/v1/audit/replay/run-123', { 'x-tenant-id': 'acme' });
    expect(run.json().data.run).toMatchObject({
      id: 'run-123',
      status: 'success',
      eventCount: 150,
      snapshotCount: 150,
    });
    expect(run.json().data.timeline[0]).toMatchObject({ index: 0, eventType: 'content.created' });
    const snapshot = await get('/api/v1/audit/replay/run-123/snapshots/5', { 'x-tenant-id': 'acme' });
    expect(snapshot.body).toContain(BIG);
    expect(snapshot.json().data).toMatchObject({
      id: 'snapshot-abc',
      replayRunId: 'run-123',
      snapshotIndex: 5,
      eventId: 'evt-456',
      eventType: 'content.updated',
      timestamp: '2024-01-15T10:30:00Z',
      stateBefore: { id: 'content-789', title: 'Draft Article', status: 'draft', wordCount: 500 },
      entityType: 'content',
      entityId: 'content-789',
    });
  });

  it('maps statuses, and shows no timeline before the end', async () => {
    open({ REWIND_HTTP_TENANT_ID: 'acme' });
    const words = {
      Pending: 'queued',
      Running: 'running',
      Paused: 'running',
      Failed: 'failed',
      Cancelled: 'failed',
    };
    for (const [status, word] of Object.entries(words)) {
      replay.jobs = [jobView('run-123', 'acme', { status: status as 'Pending' })];
      const answer = await get('/api/v1/audit/replay/run-123');
      expect([status, answer.json().data.run.status, answer.json().data.timeline]).toEqual([
        status,
        word,
        [],
      ]);
    }
    expect((await get('/api/v1/audit/replays')).json().data[0].id).toBe('run-123');
  });

  it('is a 404 while the feature is off, also for bad requests', async () => {
    open({ ENABLE_AUDIT_REPLAY: 'false' });
    const answer = await post('/api/v1/audit/replay', { nonsense: true });
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'feature_disabled']);
    expect((await get('/tenants/acme/replay-jobs')).statusCode).toBe(200);
  });
});

describe('the rest', () => {
  it('answers probes', async () => {
    open();
    expect((await get('/livez')).statusCode).toBe(200);
    expect((await get('/readyz')).json()).toEqual({ status: 'ready', checks: { store: true } });
    expect((await get('/version')).json().version).toBe('0.0.0');
    await app.close();
    const { deps } = fakeDeps();
    app = buildApp({ ...deps, instance: fakeInstance(false) });
    expect((await get('/readyz')).statusCode).toBe(503);
    await app.close();
    app = buildApp(deps, () => true);
    expect((await get('/readyz')).json().status).toBe('draining');
  });

  it('answers unknown routes and unexpected errors as problems without internals', async () => {
    open();
    const unknown = await get('/nope?token=secret');
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, 'route_not_found']);
    expect(unknown.body).not.toContain('secret');
    replay.get = async () => {
      throw new TypeError('internal words');
    };
    const failed = await get('/tenants/acme/replay-jobs/run-123');
    expect([failed.statusCode, failed.json().code]).toEqual([500, 'internal']);
    expect(failed.body).not.toContain('internal words');
    expect((await get('/tenants/%ff/replay-jobs')).statusCode).toBe(404);
  });
});
