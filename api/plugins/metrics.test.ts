import { afterEach, expect, it } from 'vitest';
import { NO_STEPS, withStep } from '../../processors/follow/totals.js';
import { type App, buildApp } from '../app.js';
import { fakeDeps } from '../testing/fake-pipeline.js';

let app: App;
afterEach(() => app?.close());

const metrics = async (headers: Record<string, string> = {}) => app.inject({ url: '/metrics', headers });

it('counts requests by the pattern of their route, and shows parts, jobs and lag', async () => {
  app = buildApp(fakeDeps().deps);
  for (const id of ['run-123', 'run-other', 'run-third']) {
    await app.inject({ url: `/tenants/acme/replay-jobs/${id}` });
  }
  for (let i = 0; i < 50; i++) await app.inject({ method: i % 2 ? 'GET' : 'PUT', url: `/made/up/${i}` });
  const { headers, body } = await metrics();
  expect(headers['content-type']).toContain('text/plain');
  const line = (start: string) => body.split('\n').filter((one) => one.startsWith(start));
  const route = 'route="/tenants/:tenant_id/replay-jobs/:job_id"';
  expect(line('rewind_http_request_seconds_count')).toEqual([
    `rewind_http_request_seconds_count{method="GET",${route},status="200"} 1`,
    `rewind_http_request_seconds_count{method="GET",${route},status="404"} 2`,
    'rewind_http_request_seconds_count{method="any",route="none",status="404"} 50',
  ]);
  expect(body).not.toContain('run-other');
  expect(line('rewind_part_')).toEqual([
    'rewind_part_up{part="store"} 1',
    'rewind_part_answer_seconds{part="store"} 0.25',
  ]);
  expect(line('rewind_jobs{')).toHaveLength(6);
  expect(body).toContain('rewind_jobs{status="Complete"} 1');
  expect(body).toContain('rewind_jobs{status="Running"} 0');
  expect(body).toContain('rewind_job_events_processed{status="Complete"} 150');
  expect(body).toContain('rewind_archive_lag_records{topic="audit-events"} 7');
});

it('has the sums over the steps of followed states, and their durations as a histogram', async () => {
  const { deps } = fakeDeps();
  let totals = withStep(NO_STEPS, { events: 7, refolded: 2, seconds: 0.2 });
  const following = {
    ...deps.following,
    figures: async () => ({ sets: 1, failing: 0, lagRecords: 0, lagSeconds: 0, untoldSteps: 3, totals }),
  };
  app = buildApp({ ...deps, following });
  totals = withStep(totals, { events: 1, refolded: 0, seconds: 4 });
  const { body } = await metrics();
  for (const line of [
    'steps_total 2',
    'events_total 8',
    'refolded_total 2',
    'untold_steps 3',
    'step_seconds_bucket{le="0.1"} 0',
    'step_seconds_bucket{le="0.25"} 1',
    'step_seconds_bucket{le="+Inf"} 2',
    'step_seconds_sum 4.2',
    'step_seconds_count 2',
  ])
    expect(body).toContain(`\nrewind_follow_${line}\n`);
});

it('keeps what it knows while the store is down', async () => {
  const { deps } = fakeDeps();
  const down = { ...deps.instance, jobs: () => Promise.reject(new Error('down')) };
  app = buildApp({ ...deps, instance: down });
  expect((await metrics()).statusCode).toBe(200);
});

it('asks for a token where one is set, and is not there when switched off', async () => {
  app = buildApp(fakeDeps({ REWIND_METRICS_TOKEN: 'sesame' }).deps);
  expect((await metrics()).statusCode).toBe(403);
  expect((await metrics({ authorization: 'Bearer other!' })).statusCode).toBe(403);
  expect((await metrics({ authorization: 'Bearer sesame' })).statusCode).toBe(200);
  await app.close();
  app = buildApp(fakeDeps({ REWIND_METRICS_ENABLED: 'false' }).deps);
  expect((await metrics()).statusCode).toBe(404);
});
