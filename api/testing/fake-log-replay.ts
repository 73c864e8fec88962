/** Decision logs for tests of routes: the real reader of decisions before a log that keeps records in memory. */
import { loadConfig } from '../../processors/config/load.js';
import { type LogReplayParts, openLogReplay } from '../../processors/logreplay/open.js';
import type { LogAppender } from '../../processors/replay/service.js';

export function fakeLogReplay(appender: LogAppender): LogReplayParts {
  const { config } = loadConfig({ env: {}, cwd: '/nonexistent' });
  return openLogReplay({ config, appender, schemaId: 1 });
}
