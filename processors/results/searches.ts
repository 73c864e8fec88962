/** Searches in runs: conditions are read, the first match is found, and its snapshot is shown with its index. */
import { RewindError } from '../../schemas/errors.js';
import type { Runs } from '../replay/runs.js';
import type { SnapshotView } from '../replay/service.js';
import type { FirstMatch, Found } from '../search/first.js';
import { parsePredicate } from '../search/predicate.js';
import type { RunFacts, RunResults } from '../store/run-results.js';
import type { TimelineFilters, TimelineReads } from '../store/timeline-filters.js';
import type { Searches } from './contract.js';

export interface SearchContext {
  readonly runs: Pick<Runs, 'facts'>;
  readonly results: RunResults;
  readonly timelines: TimelineReads;
  readonly first: FirstMatch;
}

export class RunSearches implements Searches {
  readonly #context: SearchContext;

  constructor(context: SearchContext) {
    this.#context = context;
  }

  async firstOfEntity(
    tenantId: string,
    entity: { type: string; id: string },
    search: { jobId?: string; where: string; afterSeq?: string },
  ): Promise<SnapshotView> {
    const conditions = parsePredicate(search.where);
    const run = await this.#context.runs.facts(tenantId, search.jobId);
    return this.#show(run, await this.#context.first.ofEntity(run, entity, conditions, search.afterSeq));
  }

  async firstOfRun(
    tenantId: string,
    jobId: string,
    where: string,
    filters: Omit<TimelineFilters, 'field'>,
  ): Promise<SnapshotView> {
    const conditions = parsePredicate(where);
    const run = await this.#context.runs.facts(tenantId, jobId);
    return this.#show(run, await this.#context.first.ofRun(run, conditions, filters));
  }

  async #show(run: RunFacts, found: Found | null): Promise<SnapshotView> {
    if (found === null)
      throw new RewindError('match_not_found', `after no event of run ${run.jobId} do the conditions hold`);
    const { results, timelines } = this.#context;
    // Of a run that is not finished there are no indexes yet.
    const index = run.claims.seal.length === 0 ? null : await timelines.indexOf(run, found);
    const entity = { type: found.entity_type, id: found.entity_id };
    return results.snapshotAt(run, entity, found.fold_seq, index);
  }
}
