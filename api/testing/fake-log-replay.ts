/** Decision logs for tests of routes: the real reader of decisions before a log that keeps records in memory. */
import { loadConfig } from '../../processors/config/load.js';
import { type LogReplayNeeds, type LogReplayParts, openLogReplay } from '../../processors/logreplay/open.js';
import type { LogAppender } from '../../processors/replay/service.js';
import type { Store } from '../../processors/store/store.js';

export function fakeLogReplay(appender: LogAppender): LogReplayParts {
  const { config } = loadConfig({ env: {}, cwd: '/nonexistent' });
  // Neither store nor engine is asked by tests of routes.
  const store = { t: (name: string) => name } as Store;
  return openLogReplay({ config, store, reader: store, appender, schemaId: 1 } as LogReplayNeeds);
}
