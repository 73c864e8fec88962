/** Opens this area's parts on what the pipeline has: its store, its log, its configuration. */
import type { Config } from '../../schemas/config.js';
import type { LogAppender } from '../replay/service.js';
import { NO_EVENT_SCHEMA } from '../sources/ingest-event.js';
import { StoredBundles } from '../store/bundles.js';
import type { Store } from '../store/store.js';
import type { Bundles, DecisionLogs } from './contract.js';
import { parseDecision } from './decision-event.js';

export interface LogReplayParts {
  readonly decisionLogs: DecisionLogs;
  readonly bundles: Bundles;
}

export function openLogReplay(parts: {
  readonly config: Config;
  readonly store: Store;
  /** Of the decision logs' topic, or the embedded log. */
  readonly appender: LogAppender;
  readonly schemaId: number | null;
}): LogReplayParts {
  const { config, appender, schemaId } = parts;
  const { recordMaxBytes, depthMax } = config.limits;
  const { keyPath } = config.decisionLogs;
  return {
    bundles: new StoredBundles(parts.store, config.logReplay.bundlesPerTenant),
    decisionLogs: {
      append: (records) => appender.append(records),
      parse: (text, tenantId, partitionName) =>
        schemaId === null
          ? NO_EVENT_SCHEMA
          : parseDecision(text, tenantId, { schemaId, recordMaxBytes, depthMax, keyPath, partitionName }),
    },
  };
}
