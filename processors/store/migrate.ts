/**
 * Brings a database to the tables and views of this release: the numbered files of schemas/clickhouse, each applied
 * once and remembered with its checksum. A file of views alone is applied again whenever its text has changed, since a
 * view holds no data.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RewindError } from '../../schemas/errors.js';
import { packageRoot } from '../package-root.js';
import { splitStatements } from './sql-lexer.js';
import type { Store } from './store.js';

export interface Migration {
  /** File name without `.sql`; names sort in the order of application. */
  readonly name: string;
  /** SHA-256 of the file as it lies in the package, before names are filled in. */
  readonly checksum: string;
  readonly repeatable: boolean;
  /** With database and prefix filled in. */
  readonly statements: readonly string[];
}

export type MigrateMode = 'print' | 'check' | 'apply';

const FILE = /^\d{4}_[a-z0-9_]+\.sql$/;
const VIEW = /^(?:\s|--[^\n]*\n)*CREATE\s+OR\s+REPLACE\s+VIEW\b/i;

/** The migrations of this release, in order. `directory`: for tests; default schemas/clickhouse of the package. */
export function readMigrations(store: Store, directory?: string): Migration[] {
  const from = directory ?? join(packageRoot(), 'schemas', 'clickhouse');
  const [database = '', prefix = ''] = store.t('').split('.');
  const files = readdirSync(from).filter((name) => FILE.test(name));
  return files.sort().map((file) => {
    const text = readFileSync(join(from, file), 'utf8');
    const raw = splitStatements(text);
    return {
      name: file.replace(/\.sql$/, ''),
      checksum: createHash('sha256').update(text).digest('hex'),
      repeatable: raw.every((statement) => VIEW.test(statement)),
      statements: raw.map((statement) =>
        statement.replaceAll('{db}', database).replaceAll('{prefix}', prefix),
      ),
    };
  });
}

/**
 * - print: all SQL, without touching the store; a line per statement.
 * - check: names of migrations that are not applied yet; empty: up to date.
 * - apply: applies them, answers their names. Two at once do no harm: every statement may be repeated.
 *
 * Errors: migration_mismatch (an applied table migration has another text now, or is unknown to this release).
 */
export async function migrate(
  store: Store,
  options: { readonly mode: MigrateMode; readonly directory?: string },
): Promise<string[]> {
  const migrations = readMigrations(store, options.directory);
  const [database = ''] = store.t('').split('.');
  const preparation = [`CREATE DATABASE IF NOT EXISTS ${database}`, migrationsTable(store)];
  if (options.mode === 'print')
    return [...preparation, ...migrations.flatMap((each) => each.statements)].map((sql) => `${sql};`);
  if (options.mode === 'apply') for (const sql of preparation) await store.command(sql);
  const pending = pendingMigrations(migrations, await appliedMigrations(store, database));
  if (options.mode === 'apply') for (const migration of pending) await apply(store, migration);
  return pending.map((migration) => migration.name);
}

/** Rejects with store_not_migrated unless the database has exactly what this release needs. */
export async function requireMigrated(store: Store): Promise<void> {
  const pending = await migrate(store, { mode: 'check' });
  if (pending.length > 0)
    throw new RewindError('store_not_migrated', `the database lacks ${pending.join(', ')}`, {
      facts: { pending },
    });
}

async function apply(store: Store, migration: Migration): Promise<void> {
  for (const sql of migration.statements) await store.command(sql);
  // Last: a crash before this line repeats the file, which its statements allow.
  await store.insertRows('migrations', [{ name: migration.name, checksum: migration.checksum }]);
}

function migrationsTable(store: Store): string {
  return `CREATE TABLE IF NOT EXISTS ${store.t('migrations')}
(
    name        String COMMENT 'File name',
    checksum    String COMMENT 'SHA-256 of the file',
    applied_at  DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When'
)
ENGINE = MergeTree
ORDER BY (name, applied_at)
COMMENT 'Migrations applied to this database; the latest row of a name counts'`;
}

/** Checksums by name; empty for a database that is not there. */
async function appliedMigrations(store: Store, database: string): Promise<Map<string, string>> {
  const table = store.t('migrations').slice(database.length + 1);
  const there = await store.query(
    'SELECT 1 FROM system.tables WHERE database = {database:String} AND name = {table:String}',
    { database, table },
  );
  if (there.length === 0) return new Map();
  const rows = await store.query<{ name: string; checksum: string }>(
    `SELECT name, argMax(checksum, applied_at) AS checksum FROM ${store.t('migrations')} GROUP BY name`,
  );
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

function pendingMigrations(
  migrations: readonly Migration[],
  applied: ReadonlyMap<string, string>,
): Migration[] {
  const known = new Set(migrations.map((migration) => migration.name));
  for (const name of applied.keys())
    if (!known.has(name))
      throw new RewindError(
        'migration_mismatch',
        `the database has migration ${name}, which this release does not know`,
      );
  return migrations.filter((migration) => {
    const checksum = applied.get(migration.name);
    if (checksum === undefined) return true;
    if (checksum === migration.checksum) return false;
    if (migration.repeatable) return true;
    throw new RewindError(
      'migration_mismatch',
      `migration ${migration.name} has changed since it was applied`,
    );
  });
}
