/** Opens this area's parts on what the pipeline has: its store, its log, its configuration. */
import type { Policies } from '../policy/contract.js';
import type { Pipeline } from '../replay/pipeline.js';
import type { OnRetry } from '../replay/retry-events.js';
import type { LogAppender } from '../replay/service.js';
import { NO_EVENT_SCHEMA } from '../sources/ingest-event.js';
import { StoredBundles } from '../store/bundles.js';
import { DecisionLog } from '../store/decision-log.js';
import type { DecisionResults } from '../store/decision-results.js';
import { LogReplayLog } from '../store/log-replay-log.js';
import type { Store } from '../store/store.js';
import { BatchCache } from './batch-cache.js';
import type { Bundles } from './bundle-contract.js';
import type { DecisionLogs, LogReplays } from './contract.js';
import { parseDecision } from './decision-event.js';
import type { LogReplayJobs } from './job-contract.js';
import { LogReplayHost } from './job-host.js';
import { StoredLogReplays } from './jobs.js';
import { TimedReplays } from './timed-replays.js';

export interface LogReplayParts {
  readonly decisionLogs: DecisionLogs;
  readonly bundles: Bundles;
  readonly logReplays: LogReplays;
  readonly logReplayJobs: LogReplayJobs;
}

type Needed = 'config' | 'store' | 'unitLog' | 'instance' | 'beats' | 'worker' | 'holderSilent' | 'wake';

export interface LogReplayNeeds extends Pick<Pipeline, Needed> {
  /** Only reads. */
  readonly reader: Store;
  readonly policies: Policies;
  /** Of the decision logs' topic, or the embedded log. */
  readonly appender: LogAppender;
  readonly schemaId: number | null;
  readonly decisions: Pick<DecisionResults, 'page'>;
  readonly onRetry: OnRetry;
}

/** `logReplayHost` works on those that are jobs, where there are workers. */
export function openLogReplay(
  parts: LogReplayNeeds,
): LogReplayParts & { readonly logReplayHost: LogReplayHost } {
  const { config, appender, schemaId } = parts;
  const { recordMaxBytes, depthMax } = config.limits;
  const { keyPath } = config.decisionLogs;
  const bundles = new StoredBundles(parts.store, config.logReplay.bundlesPerTenant);
  const replays = new LogReplayLog(parts.store);
  const log = new DecisionLog(parts.reader, parts.unitLog);
  const jobs = { ...parts, bundles, log, replays };
  const pollMs = config.http.streamPollMs;
  return {
    bundles,
    logReplayJobs: new StoredLogReplays({ ...jobs, config: config.logReplay, rows: parts.decisions, pollMs }),
    logReplayHost: new LogReplayHost(jobs),
    logReplays: new TimedReplays({
      config: config.logReplay,
      bundles,
      policies: parts.policies,
      log,
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
