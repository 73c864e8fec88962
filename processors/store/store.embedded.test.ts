import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorCode, RewindError } from '../../schemas/errors.js';
import { entryPoint } from '../package-root.js';
import { startTestEngine, type TestEngine } from '../testing/engine.js';
import { connectEngine, startEngine } from './embedded.js';
import { storeContract } from './store.contract.js';
import { codeOf, eventually } from './store-contract.fixture.js';

async function crash(engine: TestEngine): Promise<void> {
  const { pid } = engine.engine;
  process.kill(pid, 'SIGKILL');
  await eventually(async () => engine.engine.pid !== pid && (await engine.store.ping()));
}

storeContract('the embedded engine', async () => {
  const engine = await startTestEngine();
  return { ...engine, crash: () => crash(engine) };
});

describe('the engine child', () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await startTestEngine({ sessions: 2 });
  });
  afterAll(async () => {
    await engine?.stop();
  });

  test('a directory in use is refused with its path and its holder', async () => {
    const error = (await startEngine({ dataDir: engine.dataDir, memoryMaxBytes: 2 ** 30, sessions: 2 }).then(
      () => null,
      (reason: unknown) => reason,
    )) as RewindError;
    expect(error.code).toBe('store_in_use');
    expect(error.message).toContain(engine.dataDir);
    expect(error.message).toContain(String(engine.engine.pid));
    expect(error.facts).toEqual({ path: engine.dataDir, pid: engine.engine.pid });
    expect(await engine.store.ping()).toBe(true);
  });

  test('another process finds the running engine by its directory', async () => {
    expect(await connectEngine(engine.dataDir)).toEqual({
      url: engine.engine.url,
      username: engine.engine.username,
      password: engine.engine.password,
      pid: engine.engine.pid,
    });
    expect(statSync(join(engine.dataDir, 'engine.json')).mode & 0o777).toBe(0o600);
  });

  test('no engine: null, also where a file of a dead one lies', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'rewind-none-'));
    expect(await connectEngine(directory)).toBeNull();
    const file = { url: 'http://127.0.0.1:1', username: 'a', password: 'b', pid: process.pid };
    await writeFile(join(directory, 'engine.json'), JSON.stringify(file));
    expect(await connectEngine(directory)).toBeNull();
    await rm(directory, { recursive: true });
  });

  test('a restart keeps address and password', async () => {
    const { url, password, pid } = engine.engine;
    await crash(engine);
    expect(engine.engine.pid).not.toBe(pid);
    expect(engine.engine).toMatchObject({ url, password });
    expect(JSON.parse(await readFile(join(engine.dataDir, 'engine.json'), 'utf8'))).toMatchObject({
      url,
      password,
    });
  });

  test('reads outlast a crash', async () => {
    const read = engine.store.query(
      'SELECT sleepEachRow(0.2) AS s FROM numbers(4)',
      {},
      { settings: { max_block_size: 1 } },
    );
    await eventually(
      async () =>
        (await engine.store.query("SELECT 1 FROM system.processes WHERE query LIKE '%sleepEachR_w(0.2)%'"))
          .length > 0,
    );
    await crash(engine);
    expect(await read).toHaveLength(4);
  });

  test('more statements than the engine takes: some are told to come back, and the rest is right', async () => {
    const impatient = engine.openStore({ readRetries: 0, maxInFlight: 64 });
    const codes = new Set<ErrorCode | 'ok'>();
    const slow = 'SELECT sum(sleepEachRow(0.5)) AS s FROM numbers(4)';
    await Promise.all(
      Array.from({ length: 40 }, () =>
        impatient.query(slow).then(
          () => codes.add('ok'),
          (error: unknown) => codes.add((error as RewindError).code),
        ),
      ),
    );
    expect([...codes].sort()).toEqual(['ok', 'store_busy']);
    const patient = engine.openStore({ maxInFlight: 64 });
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) => patient.query('SELECT {i:UInt32} AS i', { i })),
    );
    expect(answers.map((rows) => (rows[0] as { i: number }).i)).toEqual(
      Array.from({ length: 60 }, (_, i) => i),
    );
  });

  test('what is no part of the interface is refused in words', async () => {
    const { url, username, password } = engine.engine;
    const headers = { 'X-ClickHouse-User': username, 'X-ClickHouse-Key': password };
    const post = async (path: string, body: string, more: Record<string, string> = {}) => {
      const answer = await fetch(`${url}${path}`, { method: 'POST', body, headers: { ...headers, ...more } });
      return { code: answer.headers.get('x-clickhouse-exception-code'), text: await answer.text() };
    };
    expect((await post('/', "SELECT 1 INTO OUTFILE '/tmp/x'")).code).toBe('48');
    expect((await post('/?no_such_setting=1', 'SELECT 1')).code).toBe('115');
    expect((await post('/?param_a%27=1', 'SELECT 1')).code).toBe('115');
    expect((await post('/', 'SELECT 1', { 'Content-Encoding': 'gzip' })).code).toBe('48');
    expect((await post('/play', 'SELECT 1')).code).toBe('1');
    expect((await post('/', 'SELECT 1 AS a FORMAT JSONEachRow')).text).toBe('{"a":1}\n');
    expect((await post('/', 'SELECT 1, 2')).text).toBe('1\t2\n');
    expect((await post('/?default_format=CSV', "SELECT 'FORMAT x' -- FORMAT y")).text).toBe('"FORMAT x"\n');
    expect((await post('/', 'EXISTS TABLE default.none')).text).toBe('0\n');
    expect((await fetch(`${url}/`, { method: 'POST', body: 'SELECT 1' })).status).toBe(403);
  });

  test('data in the text of an insert is data to its last byte', async () => {
    const { store } = engine;
    const table = store.t('inline_rows');
    await store.command(`CREATE TABLE ${table} (id UInt64, body String) ENGINE = MergeTree ORDER BY id`);
    await store.command(`INSERT INTO ${table} VALUES (1, 'a\n\nb'), (2, '; DROP TABLE x')\n\n, (3, 'c')`);
    await store.command(
      `INSERT INTO ${table} (id, body) FORMAT JSONEachRow\n{"id":4,"body":"d"}\n\n\n{"id":5,"body":"e"}`,
    );
    await store.command(`INSERT INTO ${table} SELECT 6, 'f'`);
    expect(await store.query(`SELECT id, body FROM ${table} ORDER BY id`)).toEqual([
      { id: '1', body: 'a\n\nb' },
      { id: '2', body: '; DROP TABLE x' },
      { id: '3', body: 'c' },
      { id: '4', body: 'd' },
      { id: '5', body: 'e' },
      { id: '6', body: 'f' },
    ]);
  });

  test('an orderly end removes its file, and the next start finds the data', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'rewind-again-'));
    const first = await startTestEngine({ dataDir });
    await first.store.insertRows('job_events', [
      { job_id: 'j', tenant_id: 't', kind: 'created', actor: 'a', body: '{}' },
    ]);
    const { pid } = first.engine;
    await first.stop();
    expect(existsSync(join(dataDir, 'engine.json'))).toBe(false);
    expect(() => process.kill(pid, 0)).toThrow();
    const second = await startTestEngine({ dataDir });
    expect(await second.store.query(`SELECT job_id FROM ${second.store.t('job_events')}`)).toEqual([
      { job_id: 'j' },
    ]);
    await second.stop();
    await rm(dataDir, { recursive: true });
  });

  test('the child ends when its parent is killed, and its directory can be taken over', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'rewind-orphan-'));
    const { child, enginePid } = await startForeignParent(dataDir);
    child.kill('SIGKILL');
    const next = await startTestEngine({ dataDir });
    expect(next.engine.pid).not.toBe(enginePid);
    expect(await connectEngine(dataDir)).toMatchObject({ pid: next.engine.pid });
    await next.stop();
    await rm(dataDir, { recursive: true });
  });

  test('a password is never part of a command line', async () => {
    expect(await codeOf(engine.openStore({ password: '' }).query('SELECT 1'))).toBe('store_rejected');
    const line = await readFile(`/proc/${engine.engine.pid}/cmdline`, 'utf8').catch(() => '');
    expect(line).not.toContain(engine.engine.password);
  });
});

/** A process of its own that starts an engine and does nothing else. */
async function startForeignParent(dataDir: string): Promise<{ child: ChildProcess; enginePid: number }> {
  const script = `
    import { startEngine } from ${JSON.stringify(pathToFileURL(entryPoint('processors/store/embedded.js')).href)};
    const engine = await startEngine({ dataDir: ${JSON.stringify(dataDir)}, memoryMaxBytes: 1e9, sessions: 2 });
    process.stdout.write(String(engine.pid));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, enginePid: Number(line.toString()) };
}
