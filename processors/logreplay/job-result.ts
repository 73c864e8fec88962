/** What a log replay found that ran as a job, as its log keeps it: text that any process reads. */

import type { Config } from '../../schemas/config.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { AnalysisRules } from './analysis.js';
import { batchId } from './batch.js';
import type { LogReplayAnswer } from './contract.js';
import type { ReplayPlan } from './plan.js';
import type { ReplayStats } from './replay.js';
import { Tally } from './tally.js';
import { countedIn, tallyText } from './tally-text.js';
import { analysisLimits, samplesFrom } from './timed-replays.js';

interface Stored {
  readonly stats: ReplayStats;
  readonly elapsedNs: string;
  readonly tally: string;
}

export function resultText(found: { stats: ReplayStats; tally: Tally; elapsedNs: bigint }): string {
  const stored: Stored = {
    stats: found.stats,
    elapsedNs: found.elapsedNs.toString(),
    tally: tallyText(found.tally),
  };
  return JSON.stringify(stored);
}

export function answerOf(
  text: string,
  plan: ReplayPlan,
  { affectedBy }: AnalysisRules,
  config: Config['logReplay'],
): LogReplayAnswer {
  const { stats, elapsedNs, tally: found } = JSON.parse(text) as Stored;
  const tally = new Tally(analysisLimits(config), affectedBy);
  tally.addAll(countedIn(found));
  return {
    stats,
    tally,
    analyzed: plan.ranges.map(batchId),
    complete: true,
    elapsedNs: BigInt(elapsedNs),
    started: formatRfc3339Ns(plan.startNs),
    samples: samplesFrom(tally.groups.values(), plan.samples),
  };
}

export function failureText(error: { readonly code: string; readonly message: string }): string {
  return JSON.stringify({ code: error.code, message: error.message });
}

export function failureIn(text: string): { code: string; message: string } {
  return JSON.parse(text) as { code: string; message: string };
}
