/** How jobs end other than by a complete rebuild: a dry run, a stop at the first failure, the breaker, a cancel. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Encoding } from '../../schemas/encoding.js';
import type { JobSpec } from '../../schemas/job.js';
import { loadConfig } from '../config/load.js';
import { createTelemetry } from '../telemetry.js';
import { openRewind, type Rewind } from '../topology.js';
import type { JobView } from './service.js';

const TENANT = 'acme';
const DAY = 'T00:00:00Z';
const SPEC: JobSpec = {
  job_type: 'StateRebuild',
  encoding_version: 1,
  rule_version: 1,
  time_range_start: `2024-01-01${DAY}`,
  time_range_end: `2024-02-01${DAY}`,
};

/** Ten events add to a counter; the fourth brings a text, which cannot be added. */
const COUNTING: Encoding = {
  name: 'counting',
  entity: 'envelope',
  rules: [{ match: 'content.*', operations: [{ op: 'increment', field: 'words', by: '/words' }] }],
};

let directory: string;
let rewind: Rewind;
let counting: number;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'rewind-endings-'));
  const flags = { dataDir: directory, 'replay.maxFailures': 0 };
  const { config } = loadConfig({ env: {}, cwd: directory, flags });
  rewind = await openRewind(config, { telemetry: createTelemetry({ level: 'silent' }) });
  const records = Array.from({ length: 10 }, (_, i) => {
    const words = i === 3 ? '"many"' : '5';
    const text = `{"event_id":"e${i}","event_type":"content.updated","entity_id":"c1","occurred_at":"2024-01-0${(i % 9) + 1}T1${i}:00:00Z","payload":{"title":"t${i}","words":${words}}}`;
    const parsed = rewind.parseEvent(Buffer.from(text), TENANT);
    if (!parsed.ok) throw new Error(parsed.message);
    return parsed.record;
  });
  await rewind.appender.append(records);
  counting = (await rewind.encodings.save(TENANT, COUNTING, 'test')).version;
});

afterAll(async () => {
  await rewind?.close();
  rmSync(directory, { recursive: true, force: true });
});

async function ended(jobId: string): Promise<JobView> {
  for (;;) {
    const job = await rewind.replay.get(TENANT, jobId);
    if (['Complete', 'Failed', 'Cancelled'].includes(job.status)) return job;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('a job that no worker has taken is cancelled, and stays so', async () => {
  const job = await rewind.replay.create(TENANT, SPEC, 'test');
  expect(job.status).toBe('Pending');
  expect((await rewind.life.cancel(TENANT, job.jobId, 'test')).status).toBe('Cancelled');
  await rewind.startWorkers(1);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect((await rewind.replay.get(TENANT, job.jobId)).status).toBe('Cancelled');
});

test('a dry run counts all and keeps no snapshot', async () => {
  const { jobId } = await rewind.replay.create(TENANT, { ...SPEC, job_type: 'DryRun' }, 'test');
  const job = await ended(jobId);
  expect(job.status).toBe('Complete');
  expect(job.counters).toMatchObject({ scanned: 10, processed: 10, failed: 0, entities: 1 });
  expect(await rewind.replay.timeline(TENANT, jobId, { from: 0, limit: 10 })).toEqual([]);
  await expect(rewind.replay.snapshot(TENANT, jobId, 0)).rejects.toMatchObject({
    code: 'snapshot_not_found',
  });
  await expect(rewind.life.cancel(TENANT, jobId, 'test')).rejects.toMatchObject({ code: 'job_finished' });
});

test('on_failure stop ends the job at the event that failed', async () => {
  const spec: JobSpec = { ...SPEC, encoding_version: counting, on_failure: 'stop' };
  const { jobId } = await rewind.replay.create(TENANT, spec, 'test');
  const job = await ended(jobId);
  expect(job.status).toBe('Failed');
  expect(job.error).toMatchObject({ code: 'operation_failed' });
  expect(JSON.stringify(job.error?.facts)).toContain('"e3"');
});

test('more dead letters than the breaker allows end the job', async () => {
  const { jobId } = await rewind.replay.create(TENANT, { ...SPEC, encoding_version: counting }, 'test');
  const job = await ended(jobId);
  expect(job.status).toBe('Failed');
  expect(job.error).toMatchObject({ code: 'too_many_failures' });
});

test('what is refused at creation names the field', async () => {
  const create = (change: Partial<JobSpec>) => rewind.replay.create(TENANT, { ...SPEC, ...change }, 'test');
  await expect(create({ encoding_version: 99 })).rejects.toMatchObject({
    code: 'version_unknown',
    pointer: '/encoding_version',
  });
  await expect(create({ time_range_end: SPEC.time_range_start })).rejects.toMatchObject({
    code: 'range_invalid',
  });
  await expect(create({ time_range_start: '2024-01-01T00:00:00' })).rejects.toMatchObject({
    code: 'time_zone_missing',
    pointer: '/time_range_start',
  });
  await expect(create({ source: 'kafka' })).rejects.toMatchObject({ code: 'log_required' });
});
