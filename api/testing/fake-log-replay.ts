/** Decision logs for tests of routes: the real reader of decisions before a log that keeps records in memory. */
import { loadConfig } from '../../processors/config/load.js';
import { type LogReplayParts, openLogReplay } from '../../processors/logreplay/open.js';
import type { Policies } from '../../processors/policy/contract.js';
import type { LogAppender } from '../../processors/replay/service.js';
import type { Store } from '../../processors/store/store.js';
import type { UnitLog } from '../../processors/store/unit-log.js';

export function fakeLogReplay(appender: LogAppender): LogReplayParts {
  const { config } = loadConfig({ env: {}, cwd: '/nonexistent' });
  // Neither store nor engine is asked by tests of routes.
  const store = { t: (name: string) => name } as Store;
  const parts = { store, reader: store, unitLog: {} as UnitLog, policies: {} as Policies };
  return openLogReplay({ config, ...parts, appender, schemaId: 1 });
}
