/** The options of output topics and the commands of evidence, as people type them, against a real server. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runRewind, type ServerProcess, startRewind } from '../../processors/testing/rewind-process.js';

const RANGE = ['--from', '2024-01-01T00:00:00Z', '--to', '2024-02-01T00:00:00Z'];
const EVENTS = [1, 2, 3].map((i) =>
  JSON.stringify({
    event_id: `e${i}`,
    event_type: 'content.updated',
    entity_type: 'content',
    entity_id: `c-${i % 2}`,
    occurred_at: `2024-01-0${i}T00:00:00Z`,
    payload: { title: `T${i}` },
  }),
);

let cwd: string;
let server: ServerProcess;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'rewind-outputs-'));
  server = await startRewind([], { cwd, env: {} });
});
afterAll(async () => {
  await server?.stop();
  await rm(cwd, { recursive: true, force: true });
});

const rewind = (...argv: string[]) =>
  runRewind(argv, { cwd, env: { REWIND_URL: server.url }, stdin: `${EVENTS.join('\n')}\n` });

test('--outputs and --output-prefix become the outputs of the spec', async () => {
  const unknown = await rewind('replay', 'plan', ...RANGE, '--outputs', 'snapshots,nonsense');
  expect(unknown.err).toContain('/outputs/topics/1');
  const known = await rewind('replay', 'plan', ...RANGE, '--outputs', 'snapshots', '--output-prefix', 'x');
  // The embedded log has no topics to write to.
  expect(known.err).toContain('log_required');
});

test('an archive is fetched, checked, and a changed one refused', async () => {
  expect((await rewind('ingest', '-')).code).toBe(0);
  const created = await rewind('replay', 'create', ...RANGE, '--watch', '--output', 'json');
  const job = /run-[0-9a-f-]+/.exec(created.out + created.err)![0];
  expect((await rewind('replay', 'outputs', job)).out).toBe('No output topics.\n');
  expect((await rewind('replay', 'evidence', job, '--out', 'run.tar')).code).toBe(0);
  const key = (await rewind('evidence', 'key')).out.trim();
  await writeFile(join(cwd, 'state.json'), '{"title":"T3"}\n');
  const proof = ['--public-key', key, '--entity', 'content/c-1', '--state', 'state.json'];
  const good = await rewind('evidence', 'verify', 'run.tar', ...proof, '--output', 'json');
  expect(JSON.parse(good.out)).toMatchObject({ valid: true, entities: 2, path: [{ side: 'left' }] });
  expect(good.code).toBe(0);
  const bytes = await readFile(join(cwd, 'run.tar'));
  bytes[700]! ^= 1;
  await writeFile(join(cwd, 'changed.tar'), bytes);
  const bad = await rewind('evidence', 'verify', 'changed.tar', '--public-key', key);
  expect(bad.out).toContain('NOT VALID');
  expect(bad.code).toBe(1);
});
