import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../package-root.js';
import { startTestEngine, type TestEngine } from '../testing/engine.js';
import { migrate, requireMigrated } from './migrate.js';
import { codeOf } from './store-contract.fixture.js';

let engine: TestEngine;
let directory: string;

beforeAll(async () => {
  engine = await startTestEngine({ migrated: false, sessions: 4 });
  directory = await mkdtemp(join(tmpdir(), 'rewind-sql-'));
});
afterAll(async () => {
  await engine?.stop();
  await rm(directory, { recursive: true, force: true });
});

test('the files of the package: checked, applied once, then nothing is left to do', async () => {
  const store = engine.openStore({ database: 'named', prefix: 'p_' });
  const files = (await readdir(join(packageRoot(), 'schemas/clickhouse'))).sort();
  const names = files.map((file) => file.replace('.sql', ''));
  expect(await migrate(store, { mode: 'check' })).toEqual(names);
  expect(await codeOf(requireMigrated(store))).toBe('store_not_migrated');
  expect(await codeOf(store.query(`SELECT 1 FROM ${store.t('snapshots')}`))).toBe('store_not_migrated');
  expect(await migrate(store, { mode: 'apply' })).toEqual(names);
  expect(await migrate(store, { mode: 'apply' })).toEqual([]);
  await requireMigrated(store);
  const tables = await store.query<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = 'named'",
  );
  for (const name of ['p_audit_events', 'p_unit_log', 'p_snapshots', 'p_v1_snapshots'])
    expect(tables.map((row) => row.name)).toContain(name);
});

test('print touches nothing and names everything', async () => {
  const store = engine.openStore({ database: 'printed' });
  const lines = await migrate(store, { mode: 'print' });
  expect(lines[0]).toBe('CREATE DATABASE IF NOT EXISTS printed;');
  expect(lines.filter((line) => line.includes('{db}') || line.includes('{prefix}'))).toEqual([]);
  expect(lines.some((line) => line.includes('printed.audit_events'))).toBe(true);
  expect(await store.query("SELECT name FROM system.databases WHERE name = 'printed'")).toEqual([]);
});

test('a table migration that changed is refused, a view that changed is applied again', async () => {
  const store = engine.openStore({ database: 'changing' });
  const file = (name: string): string => join(directory, name);
  const table =
    "CREATE TABLE IF NOT EXISTS {db}.{prefix}a (x UInt8 COMMENT 'a;b') ENGINE = MergeTree ORDER BY x; -- end;\n";
  await writeFile(file('0001_a.sql'), table);
  await writeFile(
    file('0002_v.sql'),
    '-- a view\nCREATE OR REPLACE VIEW {db}.{prefix}v AS SELECT x FROM {db}.{prefix}a;',
  );
  expect(await migrate(store, { mode: 'apply', directory })).toEqual(['0001_a', '0002_v']);
  await store.insertRows('a', [{ x: 4 }]);
  await writeFile(
    file('0002_v.sql'),
    'CREATE OR REPLACE VIEW {db}.{prefix}v AS SELECT x + 1 AS x FROM {db}.{prefix}a;',
  );
  expect(await migrate(store, { mode: 'check', directory })).toEqual(['0002_v']);
  expect(await migrate(store, { mode: 'apply', directory })).toEqual(['0002_v']);
  expect(await migrate(store, { mode: 'check', directory })).toEqual([]);
  expect(await store.query(`SELECT x FROM ${store.t('v')}`)).toEqual([{ x: 5 }]);

  await copyFile(file('0001_a.sql'), file('kept'));
  await writeFile(file('0001_a.sql'), `${await readFile(file('kept'), 'utf8')}-- changed\n`);
  expect(await codeOf(migrate(store, { mode: 'check', directory }))).toBe('migration_mismatch');
  await rm(file('0001_a.sql'));
  expect(await codeOf(migrate(store, { mode: 'apply', directory }))).toBe('migration_mismatch');
});
