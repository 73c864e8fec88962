/** What api/ may ask of the decisions of a job. `processors/topology.ts` builds the implementation. */
import type { Outcome, Transition, TransitionCounts } from '../../schemas/decision.js';
import type { Page } from '../replay/service.js';

/** One decision of a job's rules. Decisions are canonical JSON as stored. */
export interface DecisionView {
  readonly jobId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly timestamp: string;
  readonly entityType: string;
  readonly entityId: string;
  readonly foldSeq: string;
  readonly topicId: string;
  readonly partition: number;
  readonly offset: string;
  /** Null: undefined, or an error. */
  readonly decisionJson: string | null;
  readonly error: string | null;
  /** The decision it is compared with; null: undefined, an error, or none recorded. */
  readonly beforeJson: string | null;
  readonly beforeError: string | null;
  readonly was: Outcome;
  readonly now: Outcome;
  readonly transition: Transition;
}

/** Decisions of one event type that went from one outcome to another. */
export interface TransitionGroup {
  readonly transition: Transition;
  readonly eventType: string;
  readonly was: Outcome;
  readonly now: Outcome;
  readonly count: number;
  /** The first by event time. */
  readonly samples: readonly DecisionView[];
}

export interface TransitionReport {
  /** Over the whole job. */
  readonly totals: TransitionCounts;
  readonly decided: number;
  readonly groups: Page<TransitionGroup>;
}

/** Both reject with job_not_found, cursor_invalid. While the job runs they tell of the units that are done. */
export interface Decisions {
  /** By entity, and within an entity in the order of its events. */
  list(
    tenantId: string,
    jobId: string,
    options: { limit: number; cursor?: string; transition?: Transition },
  ): Promise<Page<DecisionView>>;
  /** Groups by transition and size, what would change first. */
  transitions(
    tenantId: string,
    jobId: string,
    options: { limit: number; cursor?: string; samples: number },
  ): Promise<TransitionReport>;
}
