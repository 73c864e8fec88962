/** The command line as people run it: real processes, one real server with an embedded engine and a worker beside it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../processors/package-root.js';
import {
  type CommandResult,
  runRewind,
  type ServerProcess,
  startRewind,
  startWorker,
} from '../../processors/testing/rewind-process.js';

const BIG = '123456789012345678901234567890';
const RANGE = ['--from', '2024-01-01T00:00:00Z', '--to', '2024-12-31T00:00:00Z'];
const ENCODINGS = join(packageRoot(), 'schemas', 'encodings');
const EVENTS = [
  '{"event_id":"e1","event_type":"content.created","entity_id":"content-789","occurred_at":"2024-01-15T10:00:00Z","payload":{"id":"content-789","title":"Draft Article","status":"draft","wordCount":500}}',
  '{"event_id":"e0","event_type":"content.created","entity_id":"content-1","occurred_at":"2024-01-15T09:00:00Z","payload":{"id":"content-1","title":"First"}}',
  '{"event_id":"bad","occurred_at":"2024-01-15T10:00:00Z","payload":{}}',
  `{"event_id":"e2","event_type":"content.updated","entity_id":"content-789","occurred_at":"2024-01-15T10:30:00Z","payload":{"status":"published","wordCount":${BIG}}}`,
  '{"event_id":"e3","event_type":"content.deleted","entity_id":"content-789","occurred_at":"2024-01-16T00:00:00.5Z","payload":{}}',
];

let dir: string;
let server: ServerProcess;
let worker: ServerProcess | undefined;

/** The server folds nothing itself: until the worker comes, a job can be caught in the middle. */
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rewind-e2e-'));
  writeFileSync(join(dir, 'rewind.yaml'), 'dataDir: data\nlog: { level: warn }\n');
  server = await startRewind(['--workers', '0'], { cwd: dir, env: {} });
});
afterAll(async () => {
  await worker?.stop();
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

function rewind(argv: readonly string[], tenant = 'acme', stdin = ''): Promise<CommandResult> {
  const env = { REWIND_URL: server.url, REWIND_TENANT: tenant };
  return runRewind(argv, { cwd: dir, env, stdin });
}

/** The data of a command that must succeed. */
async function data<T>(argv: readonly string[], tenant = 'acme'): Promise<T> {
  const { code, out, err } = await rewind([...argv, '--output', 'json'], tenant);
  expect([argv.join(' '), code, err]).toEqual([argv.join(' '), 0, expect.any(String)]);
  return JSON.parse(out) as T;
}

interface Job {
  readonly job_id: string;
  readonly status: string;
  readonly counters: Readonly<Record<string, number>>;
  readonly result: { readonly verdict: unknown };
}

it('takes events, plans, cancels, replays and tells, process by process', { timeout: 300_000 }, async () => {
  const sent = await rewind(['ingest', '-'], 'acme', `${EVENTS.join('\n')}\n`);
  expect(sent.code).toBe(6);
  expect(sent.out).toMatch(/accepted {2}4\nrejected {2}1\n/);
  expect(sent.err).toContain('line 3: field_missing');

  const plan = await data<Record<string, unknown>>(['replay', 'plan', ...RANGE]);
  expect(plan).toMatchObject({ records_to_collect: '0', events_in_archive: '4', rows_to_write: '4' });

  const caught = await data<Job>(['replay', 'create', ...RANGE, '--name', 'caught']);
  expect((await data<Job>(['replay', 'cancel', caught.job_id])).status).toBe('Cancelled');
  expect((await rewind(['replay', 'watch', caught.job_id])).code).toBe(1);

  worker = await startWorker([], { cwd: dir, env: {} });
  const job = await data<Job>(['replay', 'create', ...RANGE, '--watch']);
  expect(job.status).toBe('Complete');
  expect(job.counters).toEqual({
    scanned: 4,
    processed: 4,
    failed: 0,
    duplicates: 0,
    conflicts: 0,
    skipped: 0,
    snapshots: 4,
    changed: 4,
    entities: 2,
  });
  expect(job.result.verdict).toEqual({ exactness: 'exact', reasons: [] });

  const listed = await rewind(['replay', 'list']);
  expect(listed.out).toContain(job.job_id);
  expect(listed.out.split('\n')[2]).toContain('caught');
  const events = await data<{ event_id: string; index: number }[]>(['timeline', job.job_id]);
  expect(events.map(({ index, event_id }) => `${index} ${event_id}`)).toEqual([
    '0 e0',
    '1 e1',
    '2 e2',
    '3 e3',
  ]);

  const places = async (...options: string[]) =>
    (await data<{ event_id: string; index: number }[]>(['timeline', job.job_id, ...options])).map(
      ({ index, event_id }) => [index, event_id],
    );
  expect(await places('--at', '2024-01-15T10:00:00.1Z')).toEqual([
    [2, 'e2'],
    [3, 'e3'],
  ]);
  expect(await places('--field', 'status', '--event-type', 'content.updated')).toEqual([[2, 'e2']]);
  const proof = await data<{ verification: object; entities: unknown[] }>(['replay', 'verify', job.job_id]);
  expect(proof.verification).toMatchObject({ outcome: 'verified', entities: 2, again: { rows: '4' } });
  expect(proof.entities).toEqual([]);
  expect((await rewind(['replay', 'verify', caught.job_id])).code).toBe(3);
  const where = `/wordCount gt ${BIG.slice(0, -1)}`;
  for (const search of [
    ['entity', 'first', 'content', 'content-789', '--job', job.job_id],
    ['timeline', 'first', job.job_id, '--entity-id', 'content-789'],
  ])
    expect(await data([...search, '--where', where])).toMatchObject({ event_id: 'e2', snapshot_index: 2 });

  const story = await rewind(['entity', 'history', 'content', 'content-789']);
  expect(story.out.split('\n')).toEqual([
    'content content-789  3 snapshots',
    '',
    '2024-01-15T10:00:00Z  content.created',
    '    + id         "content-789"',
    '    + title      "Draft Article"',
    '    + status     "draft"',
    '    + wordCount  500',
    '',
    '2024-01-15T10:30:00Z  content.updated',
    '    ~ status     "draft" → "published"',
    `    ~ wordCount  500 → ${BIG}`,
    '',
    '2024-01-16T00:00:00.5Z  content.deleted  (entity ended)',
    '    - id, title, status, wordCount',
    '',
  ]);
  const at = await rewind(['entity', 'at', 'content', 'content-789', '--time', '2024-01-15T23:00:00Z']);
  expect(at.out).toContain(`"wordCount": ${BIG}`);
  const last = await rewind(['entity', 'at', 'content', 'content-789']);
  expect(last.out).toContain('State:\nIt did not exist then.\n');
  const snapshot = await rewind(['snapshot', 'get', job.job_id, '2', '--output', 'json']);
  expect(snapshot.out).toContain(`"wordCount": ${BIG}`);
  expect(JSON.parse(snapshot.out)).toMatchObject({
    snapshot_index: 2,
    event_id: 'e2',
    state_before: { id: 'content-789', title: 'Draft Article', status: 'draft', wordCount: 500 },
  });

  await checkErrors(job.job_id);
  await checkForeignRecords();
});

/** Exit codes and stable codes of what goes wrong. */
async function checkErrors(jobId: string): Promise<void> {
  const wrong: [number, string, string[]][] = [
    [3, 'job_not_found', ['replay', 'get', 'run-absent']],
    [3, 'snapshot_not_found', ['snapshot', 'get', jobId, '99']],
    [3, 'entity_not_found', ['entity', 'history', 'content', 'nobody']],
    [3, 'match_not_found', ['entity', 'first', 'content', 'content-789', '--where', '/status eq lost']],
    [2, 'field_invalid', ['entity', 'first', 'content', 'content-789', '--where', 'status is lost']],
    [4, 'job_finished', ['replay', 'cancel', jobId]],
    [2, 'version_unknown', ['replay', 'create', ...RANGE, '--encoding-version', '9']],
    [
      2,
      'range_invalid',
      ['replay', 'plan', '--from', '2024-02-01T00:00:00Z', '--to', '2024-01-01T00:00:00Z'],
    ],
    [2, 'file_unreadable', ['ingest', 'absent.ndjson']],
    [5, 'server_unavailable', ['replay', 'list', '--url', 'http://127.0.0.1:1']],
  ];
  const answers = await Promise.all(wrong.map(([, , argv]) => rewind(argv)));
  expect(answers.map(({ code, err }) => [code, err.split(':')[0]])).toEqual(
    wrong.map(([code, name]) => [code, name]),
  );
}

/** CloudTrail: the encoding is saved once per tenant, and a parameter's life reads like a story. */
async function checkForeignRecords(): Promise<void> {
  const file = join(ENCODINGS, 'cloudtrail.example.ndjson');
  const argv = ['ingest', file, '--encoding', join(ENCODINGS, 'cloudtrail.json'), '--checkpoint', 'place'];
  const first = await rewind(argv, 'aws');
  expect([first.code, first.err]).toEqual([
    0,
    expect.stringContaining('Encoding cloudtrail is version 2 of tenant aws.'),
  ]);
  const repeated = await data<Record<string, unknown>>(argv, 'aws');
  expect(repeated).toMatchObject({ accepted: 4, encoding_versions: { aws: 2 } });
  const job = await data<Job>(['replay', 'create', ...RANGE, '--encoding-version', '2', '--watch'], 'aws');
  expect(job.counters).toMatchObject({ scanned: 12, processed: 3, duplicates: 3, entities: 1 });
  const story = await rewind(['entity', 'history', 'ssm.parameter', '/shop/checkout/url'], 'aws');
  expect(story.out).toContain(
    [
      '2024-03-06T17:42:10Z  ssm.PutParameter',
      '    ~ type         "String" → "SecureString"',
      '    ~ version      1 → 2',
      '    + description  "Checkout, new provider"',
      '    ~ overwrite    false → true',
      '',
      '2024-03-09T12:00:00Z  ssm.DeleteParameter  (entity ended)',
    ].join('\n'),
  );
}

it('shows configuration and migrations of that server', { timeout: 300_000 }, async () => {
  const shown = await data<{ key: string; value: unknown; origin: string }[]>(['config', 'show', '--origin']);
  expect(shown.find(({ key }) => key === 'dataDir')).toMatchObject({
    value: 'data',
    origin: expect.stringContaining('rewind.yaml'),
  });
  const check = await rewind(['migrate', '--check']);
  expect([check.code, check.out, check.err]).toEqual([0, '', 'The store is up to date.\n']);
  const refused = await runRewind(['config', 'show'], { cwd: dir, env: { REWIND_HTTP_PROT: '1' } });
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('REWIND_HTTP_PORT')]);
});
