/** Decision logs for tests of routes: the real reader of decisions before a log that keeps records in memory. */
import { loadConfig } from '../../processors/config/load.js';
import { type LogReplayParts, openLogReplay } from '../../processors/logreplay/open.js';
import type { LogAppender } from '../../processors/replay/service.js';
import type { Store } from '../../processors/store/store.js';

export function fakeLogReplay(appender: LogAppender): LogReplayParts {
  const { config } = loadConfig({ env: {}, cwd: '/nonexistent' });
  // A store that is never asked by tests of routes.
  const store = {} as Store;
  return openLogReplay({ config, store, appender, schemaId: 1 });
}
