/** Where the store is: a server that the configuration names, an engine that runs already, or one that is started now. */
import { resolve } from 'node:path';
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import type { Telemetry } from '../telemetry.js';
import { connectionFromConfig, type StoreConnection } from './connection.js';
import { connectEngine, type EngineHandle, startEngine } from './embedded.js';

export interface ConnectedStore {
  readonly writer: StoreConnection;
  readonly reader: StoreConnection;
  /** Set where this process started the engine, and so ends it. */
  readonly engine: EngineHandle | null;
}

/** The configured server, the engine that runs on the data directory already, or one started now. */
export async function connectStore(
  config: Config,
  telemetry: Telemetry,
  startsEngine = true,
): Promise<ConnectedStore> {
  const { store, dataDir } = config;
  const directory = resolve(dataDir, 'engine');
  const running = store.url === '' ? await connectEngine(directory) : null;
  if (store.url === '' && running === null && !startsEngine) {
    // An engine of a worker's own would compete with the one that its server is just restarting.
    throw new RewindError(
      'store_unavailable',
      `no engine runs on ${directory}: start \`rewind serve\` first`,
    );
  }
  const engine =
    store.url !== '' || running !== null
      ? null
      : await startEngine({
          dataDir: directory,
          memoryMaxBytes: store.engineMaxMemoryBytes,
          sessions: store.engineSessions,
          log: (level, line) => telemetry.event('engine.output', { line: `${level}: ${line}` }),
        });
  const address = engine ?? running;
  return {
    writer: connectionFromConfig(store, address, 'writer'),
    reader: connectionFromConfig(store, address, 'reader'),
    engine,
  };
}
