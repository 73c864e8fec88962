/** Log replays that answer within a time: a few at once, each with its own policies, all on one cache of batches. */
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import type { Policies } from '../policy/contract.js';
import { nowNs } from '../sources/moment.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { DecisionLog } from '../store/decision-log.js';
import type { AnalysisLimits } from './analysis.js';
import { Bases } from './bases.js';
import type { BatchCache } from './batch-cache.js';
import type { Bundles } from './bundle-contract.js';
import type { LogReplayAnswer, LogReplayRequest, LogReplays } from './contract.js';
import { LogReplayRun } from './replay.js';
import { durationOf, proposalOf, rulesOf, samplesOf, scopesOf, skippedOf } from './request.js';
import { frequentFirst, type Group } from './tally.js';

/** Longer results are told by their hash where changes are grouped; samples have them whole. */
const RESULT_SHOWN_BYTES = 4096;

/** Of the analysis, as the configuration has them. */
export function analysisLimits(config: Config['logReplay']): AnalysisLimits {
  return { ...config, resultShownBytes: RESULT_SHOWN_BYTES };
}

export class TimedReplays implements LogReplays {
  readonly #parts: {
    readonly config: Config['logReplay'];
    readonly bundles: Bundles;
    readonly policies: Policies;
    readonly log: DecisionLog;
    readonly cache: BatchCache;
  };
  #running = 0;

  constructor(parts: {
    readonly config: Config['logReplay'];
    readonly bundles: Bundles;
    readonly policies: Policies;
    readonly log: DecisionLog;
    readonly cache: BatchCache;
  }) {
    this.#parts = parts;
  }

  async run(tenantId: string, request: LogReplayRequest, gone: AbortSignal): Promise<LogReplayAnswer> {
    const { config } = this.#parts;
    if (this.#running >= config.atOnce)
      throw new RewindError('logreplay_busy', `${this.#running} log replays are under way already`);
    this.#running++;
    try {
      return await this.#run(tenantId, request, gone);
    } finally {
      this.#running--;
    }
  }

  async #run(tenantId: string, request: LogReplayRequest, gone: AbortSignal): Promise<LogReplayAnswer> {
    const { config, bundles, policies, log, cache } = this.#parts;
    const startNs = nowNs();
    const proposal = proposalOf(request);
    const durationNs = durationOf(request, config);
    const skip = skippedOf(request);
    const scopes = await scopesOf(request, startNs, (path, limit) => log.revisions(tenantId, path, limit));
    const run = new LogReplayRun({
      tenantId,
      policies,
      bases: new Bases({ tenantId, bundles, policies, proposal, max: config.basesMax }),
      log,
      cache,
      rules: rulesOf(request, config, scopes),
      limits: { ...config, ...analysisLimits(config) },
      skip,
      durationNs,
    });
    const outcome = await run.run(gone);
    return {
      ...outcome,
      started: formatRfc3339Ns(startNs),
      samples: samplesFrom(outcome.tally.groups.values(), samplesOf(request, config)),
    };
  }
}

/** One of each group, those that stand for most decisions first. */
export function samplesFrom(groups: Iterable<Group>, max: number): string[] {
  return frequentFirst(groups)
    .flatMap(({ sample }) => (sample === null ? [] : [sample]))
    .slice(0, max);
}
