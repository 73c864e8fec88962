/** Builds the reads of results from the parts of the pipeline that they stand on. */
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import type { Runs } from '../replay/runs.js';
import { FirstMatch } from '../search/first.js';
import { nextChangeSeq } from '../store/entity-changes.js';
import { originalEvent } from '../store/original-event.js';
import { RunExports } from '../store/run-exports.js';
import type { RunResults } from '../store/run-results.js';
import { RunStream } from '../store/run-stream.js';
import type { Store } from '../store/store.js';
import { TimelineReads } from '../store/timeline-filters.js';
import type { Results } from './contract.js';
import { LimitedExports } from './exports.js';
import { LiveRuns } from './live.js';
import { RunSearches } from './searches.js';

export interface ResultsContext {
  readonly config: Config;
  readonly runs: Runs;
  /** Through a store that may only read, as `results`. */
  readonly reader: Store;
  readonly results: RunResults;
}

export function openResults({ config, runs, reader, results }: ResultsContext): Results {
  const exports = new RunExports(reader, config.store.exportMaxSeconds);
  const timelines = new TimelineReads(reader);
  return {
    live: new LiveRuns(runs, new RunStream(reader, results), config.http.streamPollMs),
    nextChange: async (tenantId, entity, search) => {
      const run = await runs.facts(tenantId, search.jobId);
      const seq = await nextChangeSeq(reader, run, entity, search);
      if (seq === null)
        throw new RewindError(
          'change_not_found',
          `${search.field} does not change there in run ${run.jobId}`,
        );
      return results.snapshotAt(run, entity, seq, null);
    },
    originalEvent: async (tenantId, jobId, index) => {
      await runs.snapshot(tenantId, jobId, index);
      const run = await runs.facts(tenantId, jobId);
      const event = await originalEvent(reader, results, run, tenantId, index);
      if (event === null)
        throw new RewindError('event_not_kept', 'nothing holds the event behind this snapshot any more');
      return event;
    },
    timelines: {
      filtered: async (tenantId, jobId, page, filters) =>
        timelines.filtered(await runs.facts(tenantId, jobId), page, filters),
      indexAt: async (tenantId, jobId, ns) => timelines.indexAt(await runs.facts(tenantId, jobId), ns),
    },
    searches: new RunSearches({
      runs,
      results,
      timelines,
      first: new FirstMatch(reader, config.search.rowsMax),
    }),
    exports: new LimitedExports(runs, exports, config.http.exportsMax),
  };
}
