/** The command line against a listening server over the fakes: real HTTP, real streams, exit codes. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RewindError } from '../../schemas/errors.js';
import { type RunningServer, startServer } from '../server.js';
import { BIG, type FakeAppender, type FakeReplay, fakeDeps, jobView } from '../testing/fake-pipeline.js';
import { typed } from '../testing/typed.js';
import type { Cli } from './session.js';

let server: RunningServer;
let replay: FakeReplay;
let appender: FakeAppender;
let dir: string;

beforeAll(async () => {
  const fake = fakeDeps({ REWIND_HTTP_PORT: '0' });
  replay = fake.replay;
  appender = fake.appender;
  server = await startServer(fake.deps);
});
afterAll(() => server.stop('end of the tests'));
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rewind-cli-'));
  replay.jobs = [jobView('run-123', 'acme')];
  appender.batches.length = 0;
  appender.fail = () => null;
});
afterEach(() => rmSync(dir, { recursive: true }));

const rewind = (argv: readonly string[], change: Partial<Cli> = {}) =>
  typed(argv, { url: server.url, cwd: dir, ...change });

const events = (count: number, tenant = 'acme') =>
  Array.from(
    { length: count },
    (_, i) => `{"tenant_id":"${tenant}","event_type":"a.b","event_id":"e${i}"}\n`,
  ).join('');

describe('reading', () => {
  it('tells the history of an entity as a story', async () => {
    const { code, out } = await rewind(['entity', 'history', 'content', 'content-789']);
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'content content-789  1 snapshot',
        '',
        '2024-01-15T10:30:00Z  content.updated                                                             #5',
        '    ~ title      "Draft Article" → "Published Article"',
        '    - status     "draft"',
        `    + wordCount  ${BIG}`,
        '',
      ].join('\n'),
    );
  });

  it('never lets text of events reach the terminal with control characters', async () => {
    replay.jobs = [jobView('run-123', 'acme', { createdBy: 'x\u001b[2Jy\n' })];
    const { out } = await rewind(['replay', 'get', 'run-123']);
    expect(out).toContain('x\\u001b[2Jy\\n');
  });

  it('prints JSON with every digit, and NDJSON', async () => {
    const json = await rewind(['snapshot', 'get', 'run-123', '5', '--output', 'json']);
    expect(json.out).toContain(`"wordCount": ${BIG}`);
    expect(JSON.parse(json.out).snapshot_index).toBe(5);
    const lines = await rewind(['timeline', 'run-123', '--output', 'ndjson']);
    expect(
      lines.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).index),
    ).toEqual([0, 1, 2]);
  });

  it('keeps tables within 100 columns', async () => {
    const long = 'x'.repeat(300);
    const spec = { ...jobView('run-123', 'acme').spec, name: long };
    replay.jobs = [jobView('run-123', 'acme', { spec })];
    const { out, err } = await rewind(['replay', 'list']);
    expect(out.split('\n').every((line) => [...line].length <= 100)).toBe(true);
    expect(out).toContain('StateRebuild');
    // The cursor is the server's own text; what counts is that it leads to the page that the pipeline named.
    const cursor = /--cursor (\S+)/.exec(err)?.[1] ?? '';
    await rewind(['replay', 'list', '--cursor', cursor]);
    expect(replay.asked.at(-1)).toMatchObject({ cursor: 'cursor-2' });
    expect((await rewind(['replay', 'list', '--quiet'])).err).toBe('');
  });

  it('shows plans', async () => {
    const range = ['--from', '2024-01-01T00:00:00Z', '--to', '2024-01-31T00:00:00Z'];
    const { out } = await rewind(['replay', 'plan', ...range, '--event-type', 'a.*,b', '--label', 'k=v=w']);
    expect(replay.asked.at(-1)).toMatchObject({
      filters: { event_type: ['a.*', 'b'] },
      labels: { k: 'v=w' },
    });
    expect(out).toContain('audit-events/0');
    expect(out).toContain('300 records, 58.6 KiB');
    expect(out).toContain('warning  audit-events/0: retention has removed offsets 0 to 99');
  });
});

describe('exit codes', () => {
  it('tell what went wrong', async () => {
    expect((await rewind(['replay', 'get', 'absent'])).code).toBe(3);
    const conflict = await rewind(['replay', 'cancel', 'run-123']);
    expect(conflict.code).toBe(4);
    expect(conflict.err).toContain('job_finished: Job run-123 is Complete\n  A finished job cannot change');
    expect((await rewind(['replay', 'list', '--url', 'http://127.0.0.1:1'])).code).toBe(5);
    expect((await rewind(['replay', 'lst'])).code).toBe(2);
    expect((await rewind(['timeline', 'run-123', '--limit', '0'])).code).toBe(2);
    expect((await rewind(['timeline', 'run-123', '--limit', '5000'])).code).toBe(2);
    expect((await rewind(['--version'])).out).toBe('1.2.3\n');
  });

  it('say that a finished job has failed events', async () => {
    expect((await rewind(['replay', 'watch', 'run-123'])).code).toBe(6);
    expect((await rewind(['replay', 'watch', 'run-123', '--allow-failures'])).code).toBe(0);
    replay.jobs = [jobView('run-123', 'acme', { status: 'Failed' })];
    expect((await rewind(['replay', 'watch', 'run-123'])).code).toBe(1);
  });

  it('leave the job alone on Ctrl-C', async () => {
    replay.jobs = [jobView('run-123', 'acme', { status: 'Running' })];
    const controller = new AbortController();
    setTimeout(() => controller.abort('SIGINT'), 100);
    const { code, err } = await rewind(['replay', 'watch', 'run-123'], { signal: controller.signal });
    expect(code).toBe(130);
    expect(err).toContain('rewind replay watch run-123');
  });
});

describe('ingest', () => {
  it('sends each line to its tenant, from a file, a packed file and stdin', async () => {
    const file = join(dir, 'events.ndjson');
    writeFileSync(file, events(3, 'acme') + events(2, 'globex'));
    const env = { REWIND_URL: server.url };
    const { code, out } = await rewind(['ingest', file, '--output', 'json'], { env });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ lines: 5, accepted: 5, rejected: 0 });
    expect(appender.batches.flat().length).toBe(5);
    expect(existsSync(`${file}.rewind-checkpoint`)).toBe(false);
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)));
    expect(
      JSON.parse((await rewind(['ingest', `${file}.gz`, '--output', 'json'], { env })).out).accepted,
    ).toBe(5);
    const stdin = Readable.from([Buffer.from(events(4))]);
    expect(JSON.parse((await rewind(['ingest', '-', '--output', 'json'], { stdin })).out).accepted).toBe(4);
  });

  it('names rejected lines and exits with 6', async () => {
    const file = join(dir, 'events.ndjson');
    writeFileSync(file, `${events(1)}\n{"tenant_id":"acme"}\nnot json\n`);
    const { code, err } = await rewind(['ingest', file]);
    expect(code).toBe(6);
    expect(err).toContain('line 3: field_missing: event_type is missing at /event_type');
    expect(err).toContain('line 4: json_invalid');
    expect((await rewind(['ingest', file, '--allow-failures'])).code).toBe(0);
  });

  it('derives the same event_id each time where a line brings none', async () => {
    const file = join(dir, 'events.ndjson');
    writeFileSync(file, '{"event_type":"a","n":1}\n{"event_type":"a","n":1}\n');
    await rewind(['ingest', file]);
    const first = appender.batches.flat();
    appender.batches.length = 0;
    await rewind(['ingest', file]);
    expect(appender.batches.flat()).toEqual(first);
    expect(first.map((text) => JSON.parse(text).event_id.length)).toEqual([32, 32]);
    expect(new Set(first).size).toBe(2);
  });

  it('goes on behind its checkpoint', async () => {
    const file = join(dir, 'events.ndjson');
    const text = events(10);
    writeFileSync(file, text);
    const offset = text.split('\n').slice(0, 4).join('\n').length + 1;
    writeFileSync(
      `${file}.rewind-checkpoint`,
      JSON.stringify({ offset, lines: 4, accepted: 4, rejected: 0 }),
    );
    const { out } = await rewind(['ingest', file, '--output', 'json']);
    expect(JSON.parse(out)).toMatchObject({ lines: 10, accepted: 10 });
    expect(appender.batches.flat().map((event) => JSON.parse(event).event_id)[0]).toBe('e4');
    writeFileSync(`${file}.rewind-checkpoint`, 'broken');
    expect((await rewind(['ingest', file])).err).toContain('--restart');
    expect((await rewind(['ingest', file, '--restart'])).code).toBe(0);
  });

  it('tries again while the log is away', async () => {
    const file = join(dir, 'events.ndjson');
    writeFileSync(file, events(3));
    let failures = 2;
    appender.fail = () => (failures-- > 0 ? new RewindError('log_unavailable', 'no broker') : null);
    const { code, err } = await rewind(['ingest', file]);
    expect(code).toBe(0);
    expect(err).toContain('trying again');
    expect(appender.batches.flat().length).toBe(3);
  });

  it('goes on without a checkpoint where none can be written, unless it was asked for', async () => {
    const file = join(dir, 'events.ndjson');
    writeFileSync(file, events(2));
    mkdirSync(`${file}.rewind-checkpoint.new`);
    const kept = await rewind(['ingest', file]);
    expect([kept.code, kept.err]).toEqual([0, expect.stringContaining('The place cannot be kept')]);
    const asked = await rewind(['ingest', file, '--checkpoint', join(dir, 'absent', 'place')]);
    expect([asked.code, asked.err]).toEqual([2, expect.stringContaining('file_unreadable: Checkpoint')]);
  });

  it('reads foreign records by an encoding, digits kept', async () => {
    const encoding = join(dir, 'encoding.json');
    const rules = [{ match: '*', trackDocument: true }];
    const envelope = { eventTypeParts: ['/source', '/name'], occurredAt: '/when', actor: '/who' };
    writeFileSync(encoding, JSON.stringify({ name: 'x', entity: 'rules', envelope, rules }));
    const file = join(dir, 'foreign.ndjson');
    const record =
      '{"who":"ann","source":"ssm.amazonaws.com","name":"Put","when":"2024-01-15T10:30:00Z","n":12345678901234567890}';
    writeFileSync(file, `${record}\n{"source":"a"}\n`);
    const { code, err } = await rewind(['ingest', file, '--encoding', encoding]);
    expect(code).toBe(6);
    expect(err).toContain('line 2: field_unmapped');
    expect(err).toContain('Encoding x is version 2 of tenant acme.');
    const [sent] = appender.batches.flat();
    expect(sent).toContain('"n":12345678901234567890');
    expect(JSON.parse(sent ?? '')).toMatchObject({ event_type: 'ssm.Put', actor: 'ann', tenant_id: 'acme' });
  });
});

it('shows the configuration with origins and masked secrets', async () => {
  writeFileSync(join(dir, 'rewind.yaml'), 'store: { password: hunter2 }\n');
  const env = { REWIND_HTTP_PORT: '9' };
  const { out } = await rewind(['config', 'show', '--origin', '--output', 'json'], { env });
  const rows = JSON.parse(out) as { key: string; value: unknown; origin: string }[];
  expect(rows.find((row) => row.key === 'http.port')).toEqual({
    key: 'http.port',
    value: 9,
    origin: 'REWIND_HTTP_PORT',
  });
  expect(rows.find((row) => row.key === 'store.password')?.value).toBe('********');
  expect(out).not.toContain('hunter2');
});

it('generates the same bytes from the same seed', async () => {
  const argv = ['generate', '--events', '50', '--seed', '7'];
  const [first, second, other] = [
    await rewind(argv),
    await rewind(argv),
    await rewind([...argv.slice(0, 4), '8']),
  ];
  expect(first.out).toBe(second.out);
  expect(other.out).not.toBe(first.out);
  expect(first.out.trim().split('\n').length).toBe(50);
});
