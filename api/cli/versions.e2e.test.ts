/** Versions, previews and decisions from the command line, against a server on the real pipeline. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../processors/config/load.js';
import { createTelemetry } from '../../processors/telemetry.js';
import { openRewind, type Rewind } from '../../processors/topology.js';
import { type RunningServer, startServer } from '../server.js';
import { typed } from '../testing/typed.js';

const BIG = '12345678901234567890';
const EVENTS = [
  `{"event_id":"a","event_type":"doc.made","occurred_at":"2024-01-01T00:00:00Z","entity_type":"doc","entity_id":"1","decision":true,"payload":{"size":${BIG}}}`,
  '{"event_id":"b","event_type":"doc.made","occurred_at":"2024-01-02T00:00:00Z","entity_type":"doc","entity_id":"1","decision":false,"payload":{"size":2}}',
  '{"event_id":"c","event_type":"doc.deleted","occurred_at":"2024-01-03T00:00:00Z","entity_type":"doc","entity_id":"1","payload":{}}',
];
const ENCODING = { name: 'docs', entity: 'envelope', rules: [{ match: 'doc.*', track: { size: '/size' } }] };

let directory: string;
let rewindPipeline: Rewind;
let server: RunningServer;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rewind-versions-cli-'));
  const flags = { dataDir: directory, 'replay.pollMs': 50, 'http.port': 0 };
  const { config } = loadConfig({ env: {}, cwd: directory, flags });
  const telemetry = createTelemetry({ level: 'silent' });
  rewindPipeline = await openRewind(config, { telemetry });
  await rewindPipeline.startWorkers(1);
  server = await startServer({ ...rewindPipeline, config, telemetry, version: '0.0.0' });
}, 60_000);
afterAll(async () => {
  await server?.stop('end of the tests');
  await rewindPipeline?.close();
  await rm(directory, { recursive: true, force: true });
});

const rewind = (argv: readonly string[], stdin: string = '') =>
  typed(argv, { url: server.url, cwd: directory, stdin: Readable.from([Buffer.from(stdin)]) });

const file = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return name;
};

test('an encoding is checked, tried, saved, listed and compared', async () => {
  const wrong = file('wrong.json', JSON.stringify({ ...ENCODING, rules: [{ match: 'a*b' }] }));
  const told = await rewind(['encoding', 'validate', wrong]);
  expect([told.code, told.out]).toEqual([2, '/definition/rules/0/match: * may only stand at the end\n']);
  const good = file(
    'good.yaml',
    'name: docs\nentity: envelope\nrules:\n- match: doc.*\n  track: {size: /size}\n',
  );
  expect(await rewind(['encoding', 'validate', good])).toMatchObject({ code: 0, out: 'Valid.\n' });

  const samples = file('samples.ndjson', `${EVENTS.join('\n')}\n`);
  const preview = await rewind(['encoding', 'preview', '--definition', good, '--samples', samples]);
  expect(preview.out).toContain(`+size=${BIG}`);
  expect(preview.out).toContain('ended');

  const saved = await rewind(['encoding', 'save', good, '--note', 'first']);
  expect([saved.code, saved.out]).toEqual([0, 'Saved as version 2.\n']);
  expect((await rewind(['encoding', 'save', '-'], JSON.stringify(ENCODING))).out).toBe(
    'It is already version 2.\n',
  );
  const next = JSON.stringify({ ...ENCODING, rules: [{ match: 'doc.*', track: { size: '/bytes' } }] });
  expect((await rewind(['encoding', 'save', '-', '--revises', '2'], next)).out).toBe('Saved as version 3.\n');
  const listed = await rewind(['encoding', 'list']);
  expect(listed.out).toMatch(/VERSION +NAME/);
  expect(listed.out).toContain('built in');
  const differ = await rewind(['encoding', 'diff', '2', '3', '--exit-code']);
  expect([differ.code, differ.out]).toEqual([1, '/rules/0/track/size\n  - "/size"\n  + "/bytes"\n']);
  expect((await rewind(['encoding', 'diff', '2', '2', '--exit-code'])).code).toBe(0);
  expect((await rewind(['encoding', 'get', '99'])).code).toBe(3);
  const shown = await rewind(['encoding', 'get', '3']);
  expect(shown.out).toContain('"size": "/bytes"');
  expect(shown.out).toContain('revises');
});

test('rules come from a directory of Rego', async () => {
  mkdirSync(join(directory, 'policies', 'deep'), { recursive: true });
  file('policies/main.rego', 'package authz\n\nallow := data.open\n');
  file('policies/deep/more.rego', 'package authz.deep\n');
  file('policies/main_test.rego', 'package authz_test\n');
  file('policies/data.json', '{"open":true}');
  expect((await rewind(['rules', 'save', 'policies'])).code).toBe(2);
  const saved = await rewind(['rules', 'save', 'policies', '--entrypoint', 'authz/allow']);
  expect([saved.code, saved.out]).toEqual([0, 'Saved as version 2.\n']);
  const { definition } = JSON.parse((await rewind(['rules', 'get', '2', '--output', 'json'])).out);
  expect(definition).toMatchObject({ name: 'policies', entrypoint: 'authz/allow', data: { open: true } });
  expect(Object.keys(definition.modules).sort()).toEqual(['deep/more.rego', 'main.rego']);
});

test('sources are shown, and tried on records', async () => {
  expect((await rewind(['source', 'get', '1', '--output', 'json'])).out).toContain('"audit-events"');
  const records = file('records.ndjson', '{"any":1}\n');
  const preview = await rewind(['source', 'preview', '--samples', records]);
  expect([preview.code, preview.out.includes('not_wire_format')]).toEqual([0, true]);
});

test('decisions of a job are told by what would change', async () => {
  const records = EVENTS.map((text) => {
    const parsed = rewindPipeline.parseEvent(Buffer.from(text), 'acme');
    if (!parsed.ok) throw new Error(parsed.message);
    return parsed.record;
  });
  await rewindPipeline.appender.append(records);
  const create = (...more: string[]) =>
    rewind([
      'replay',
      'create',
      ...['--type', 'DecisionOnly', '--from', '2024-01-01T00:00:00Z', '--to', '2024-02-01T00:00:00Z'],
      ...['--encoding-version', '2', '--watch', '--output', 'json', ...more],
    ]);
  const made = await create();
  expect(made.code).toBe(0);
  const { job_id, result } = JSON.parse(made.out);
  expect(result.transitions).toMatchObject({ unchanged: 1, deny_to_allow: 1, unrecorded: 1 });
  const report = await rewind(['decisions', 'transitions', job_id]);
  expect(report.out.split('\n')[0]).toBe('3 decided: 1 deny to allow, 1 unchanged, 1 unrecorded');
  expect(report.out).toMatch(/deny_to_allow +doc.made +deny +allow +1 +b/);
  const list = await rewind([
    'decisions',
    'list',
    job_id,
    '--transition',
    'deny_to_allow',
    '--output',
    'json',
  ]);
  expect(JSON.parse(list.out)).toMatchObject([
    { event_id: 'b', decision: true, before: false, was: 'deny', now: 'allow', fold_seq: '1' },
  ]);
  expect((await rewind(['decisions', 'list', 'run-none'])).code).toBe(3);
  const compared = JSON.parse((await create('--baseline-rules', '1')).out);
  expect(compared).toMatchObject({ baseline_rule_version: 1, result: { transitions: { unchanged: 3 } } });
  const preview = await rewind(['rules', 'preview', '--encoding-version', '2', '--newest', '5']);
  expect(preview.out).toContain('deny → allow');
});

test('two runs by two encodings are compared, and scripts learn whether they differ', async () => {
  const range = ['--from', '2024-01-01T00:00:00Z', '--to', '2024-02-01T00:00:00Z', '--watch'];
  const make = async (version: string): Promise<string> => {
    const made = await rewind([
      'replay',
      'create',
      ...range,
      '--encoding-version',
      version,
      '--output',
      'json',
    ]);
    return JSON.parse(made.out).job_id as string;
  };
  // Version 2 tracks size, version 3 bytes, which no event has.
  const [before, now] = [await make('2'), await make('3')];
  const told = await rewind(['diff', 'compare', before!, now!, '--exit-code']);
  expect(told.code).toBe(1);
  expect(told.out).toContain('0 of 1 entities alike, 0 end otherwise, 1 differ only on the way');
  expect((await rewind(['diff', 'compare', before!, before!, '--exit-code'])).code).toBe(0);
  const { comparison_id, groups } = JSON.parse(
    (await rewind(['diff', 'compare', before!, now!, '--output', 'json'])).out,
  );
  expect(groups).toMatchObject([{ entity_type: 'doc', presence: 'both', final_differs: false, entities: 1 }]);
  const entities = await rewind(['diff', 'entities', comparison_id]);
  expect(entities.out).toMatch(/doc\/1 +\(only on the way\) +a\n/);
  const events = await rewind(['diff', 'events', comparison_id, 'doc', '1']);
  expect(events.out).toMatch(new RegExp(`doc.made a +size +${BIG} +-\\n`));
  const exported = await rewind(['diff', 'export', comparison_id]);
  expect(
    exported.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { entity_type: 'doc', entity_id: '1', presence: 'both', final_differs: '0', event_id: 'a' },
  ]);
  expect((await rewind(['diff', 'list'])).out).toContain(comparison_id);
  expect((await rewind(['diff', 'compare', before!, 'run-none'])).code).toBe(3);
});
