/** A migrated store of its own for a test: a real engine child on a temporary directory. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type StoreConnection } from '../store/client.js';
import { type EngineHandle, startEngine } from '../store/embedded.js';
import { migrate } from '../store/migrate.js';
import type { Store } from '../store/store.js';

export interface TestEngine {
  /** May write. */
  readonly store: Store;
  readonly readerStore: Store;
  readonly engine: EngineHandle;
  readonly dataDir: string;
  /** For `openStore` in other processes and threads. */
  connection(overrides?: Partial<StoreConnection>): StoreConnection;
  /** A further store on the same engine; closed with the rest. */
  openStore(overrides?: Partial<StoreConnection>): Store;
  /** Ends the engine and deletes its directory. */
  stop(): Promise<void>;
}

export interface TestEngineOptions {
  /** Where the engine keeps its data; default a temporary directory, deleted at `stop`. */
  readonly dataDir?: string;
  readonly memoryMaxBytes?: number;
  readonly sessions?: number;
  readonly migrated?: boolean;
}

export async function startTestEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'rewind-engine-')));
  const engine = await startEngine({
    dataDir,
    memoryMaxBytes: options.memoryMaxBytes ?? 2 ** 31,
    sessions: options.sessions ?? 12,
  });
  const opened: Store[] = [];
  const connection = (overrides: Partial<StoreConnection> = {}): StoreConnection => ({
    url: engine.url,
    username: engine.username,
    password: engine.password,
    ...overrides,
  });
  const open = (overrides: Partial<StoreConnection> = {}): Store => {
    const store = openStore(connection(overrides));
    opened.push(store);
    return store;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(opened.map((store) => store.close()));
    await engine.stop();
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  const store = open();
  try {
    if (options.migrated ?? true) await migrate(store, { mode: 'apply' });
  } catch (error) {
    await stop();
    throw error;
  }
  return { store, readerStore: open({ role: 'reader' }), engine, dataDir, connection, openStore: open, stop };
}
