import { afterEach, expect, it } from 'vitest';
import { RewindError } from '../../schemas/errors.js';
import { type App, buildApp } from '../app.js';
import type { FakeAudit } from '../testing/fake-audit.js';
import { fakeDeps } from '../testing/fake-pipeline.js';

let app: App;
let audit: FakeAudit;

function open(): void {
  const fake = fakeDeps();
  audit = fake.audit;
  app = buildApp(fake.deps);
}
afterEach(() => app.close());

const SPEC = {
  job_type: 'StateRebuild',
  encoding_version: 1,
  rule_version: 1,
  time_range_start: '2024-01-01T00:00:00Z',
  time_range_end: '2024-01-31T23:59:59Z',
};
const create = () =>
  app.inject({
    method: 'POST',
    url: '/tenants/acme/replay-jobs',
    headers: { 'x-actor': 'ann' },
    payload: SPEC,
  });

it('enters a success with who, what and on what, before it is answered', async () => {
  open();
  const answer = await create();
  expect(answer.statusCode).toBe(202);
  expect(audit.acts).toEqual([
    {
      tenantId: 'acme',
      actor: 'ann',
      action: 'replay_job.created',
      target: 'run-new',
      outcome: 'success',
      detail: { status: 202, trace_id: expect.any(String) },
    },
  ]);
});

it('enters nothing that failed or that is no act', async () => {
  open();
  await app.inject({ method: 'POST', url: '/tenants/acme/replay-jobs/run-123/cancel' });
  await app.inject({ method: 'POST', url: '/tenants/acme/replay-jobs', payload: {} });
  await app.inject('/tenants/acme/replay-jobs');
  await app.inject('/livez');
  expect(audit.acts).toEqual([]);
});

it('answers no success that is not entered', async () => {
  open();
  audit.fail = new RewindError('audit_unavailable', 'the audit entry could not be stored');
  const answer = await create();
  expect([answer.statusCode, answer.json().code]).toEqual([503, 'audit_unavailable']);
  expect(answer.body).not.toContain('run-new');
  audit.fail = null;
  expect((await create()).statusCode).toBe(202);
  expect(audit.acts).toHaveLength(1);
});
