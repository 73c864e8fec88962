/** Opens this area's parts on what the pipeline has: its store, its log, its configuration. */
import type { Config } from '../../schemas/config.js';
import type { Policies } from '../policy/contract.js';
import type { LogAppender } from '../replay/service.js';
import { NO_EVENT_SCHEMA } from '../sources/ingest-event.js';
import { StoredBundles } from '../store/bundles.js';
import { DecisionLog } from '../store/decision-log.js';
import type { Store } from '../store/store.js';
import type { UnitLog } from '../store/unit-log.js';
import { BatchCache } from './batch-cache.js';
import type { Bundles } from './bundle-contract.js';
import type { DecisionLogs, LogReplays } from './contract.js';
import { parseDecision } from './decision-event.js';
import { TimedReplays } from './timed-replays.js';

export interface LogReplayParts {
  readonly decisionLogs: DecisionLogs;
  readonly bundles: Bundles;
  readonly logReplays: LogReplays;
}

export function openLogReplay(parts: {
  readonly config: Config;
  readonly store: Store;
  /** Only reads. */
  readonly reader: Store;
  readonly unitLog: UnitLog;
  readonly policies: Policies;
  /** Of the decision logs' topic, or the embedded log. */
  readonly appender: LogAppender;
  readonly schemaId: number | null;
}): LogReplayParts {
  const { config, appender, schemaId } = parts;
  const { recordMaxBytes, depthMax } = config.limits;
  const { keyPath } = config.decisionLogs;
  const bundles = new StoredBundles(parts.store, config.logReplay.bundlesPerTenant);
  return {
    bundles,
    logReplays: new TimedReplays({
      config: config.logReplay,
      bundles,
      policies: parts.policies,
      log: new DecisionLog(parts.reader, parts.unitLog),
      cache: new BatchCache(config.logReplay.cacheBytes),
    }),
    decisionLogs: {
      append: (records) => appender.append(records),
      parse: (text, tenantId, partitionName) =>
        schemaId === null
          ? NO_EVENT_SCHEMA
          : parseDecision(text, tenantId, { schemaId, recordMaxBytes, depthMax, keyPath, partitionName }),
    },
  };
}
