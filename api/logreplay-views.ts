/** A log replay's outcome as its callers read it: the names of log-replay's own document, and what goes beyond. */
import type { LogReplayAnswer } from '../processors/logreplay/contract.js';
import type { Word } from '../processors/logreplay/outcome.js';
import { frequentFirst, type Group, type Tally } from '../processors/logreplay/tally.js';
import { formatRfc3339Ns } from '../processors/sources/time.js';
import type { LogReplayResult } from '../schemas/http-logreplay.js';
import { jsonOrNull, RawJson } from './json/raw-json.js';

export function logReplayView(answer: LogReplayAnswer): LogReplayResult {
  return {
    started: answer.started,
    samples: answer.samples.map((sample) => new RawJson(sample)),
    stats: statsOf(answer),
    analyzed_batches: [...answer.analyzed],
    duration: Number(answer.elapsedNs),
    complete: answer.complete,
    ...foundView(answer.tally),
  };
}

/** What only an answer within a time has. */
type Timed = Pick<
  LogReplayResult,
  'started' | 'samples' | 'stats' | 'analyzed_batches' | 'duration' | 'complete'
>;

function statsOf({ stats, tally }: LogReplayAnswer) {
  const replayed = ['unchanged', 'changed', 'failed', 'not_reproduced'] as const;
  return {
    batches_scheduled: stats.batchesScheduled,
    batches_downloaded: stats.batchesDownloaded,
    batches_download_errors: stats.batchesDownloadErrors,
    batches_skipped: stats.batchesSkipped,
    batches_from_cache: stats.batchesFromCache,
    batches_observed: stats.batchesObserved,
    batches_analyzed: stats.batchesAnalyzed,
    entries_observed: stats.entriesObserved,
    entries_scheduled: stats.entriesScheduled,
    entries_evaluated: replayed.reduce((sum, name) => sum + tally.count(name), 0),
    results_changed: tally.count('changed'),
    entries_failed: tally.count('failed'),
    analysis_errors: tally.errorCount,
  };
}

/** What was found, whoever asked for it. */
export function foundView(tally: Tally): Omit<LogReplayResult, keyof Timed> {
  // The most frequent first; in one order, however the work was shared.
  const counted = <K extends string>(counts: ReadonlyMap<K, number>) =>
    [...counts].sort(([x, a], [y, b]) => b - a || (x < y ? -1 : 1));
  return {
    classes: {
      unchanged: tally.count('unchanged'),
      changed: tally.count('changed'),
      failed: tally.count('failed'),
      not_reproduced: tally.count('not_reproduced'),
      not_replayable: tally.count('not_replayable'),
    },
    reasons: counted(tally.reasons).map(([key, count]) => {
      const [name, reason] = key.split(' ') as [LogReplayResult['reasons'][number]['class'], string];
      return { class: name, reason, count };
    }),
    baselines: counted(tally.bases).map(([baseline, count]) => ({ baseline, count })),
    transitions: counted(tally.transitions).map(([key, count]) => {
      const [from, to] = key.split(' ') as [Word, Word];
      return { from, to, count };
    }),
    groups: frequentFirst(tally.groups.values()).map(groupView),
    ungrouped: tally.ungrouped,
    affected: [...tally.affected].map(([path, { values, others }]) => ({
      path,
      values: counted(values).map(([value, count]) => ({ value: new RawJson(value), count })),
      others,
    })),
    errors: [...tally.errors.values()],
  };
}

function groupView(group: Group) {
  return {
    path: group.path,
    from: group.was,
    to: group.is,
    result: jsonOrNull(group.before),
    new_result: jsonOrNull(group.after),
    error: group.error,
    count: group.count,
    first_seen: formatRfc3339Ns(group.firstNs),
    last_seen: formatRfc3339Ns(group.lastNs),
    sample: jsonOrNull(group.sample),
  };
}
