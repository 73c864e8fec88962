/**
 * What api/ may ask of dry runs, baselines and comparisons. `processors/topology.ts` builds the implementations. In a
 * comparison a is what was before (the baseline, the first run), b what is now. Values are canonical JSON texts.
 */
import type { JobCounters, JobStatus } from '../../schemas/job.js';
import type { DeadLetterView, JobView, Page } from '../replay/service.js';

export interface EventCount {
  readonly eventType: string;
  readonly entityType: string;
  readonly events: number;
  /** Of these, the events that changed a field. */
  readonly changed: number;
  readonly entities: number;
}

export type EntityCount = Omit<EventCount, 'eventType'>;

export type FieldOperation = 'added' | 'modified' | 'removed';

export interface FieldCount {
  readonly entityType: string;
  readonly field: string;
  readonly operation: FieldOperation;
  readonly changes: number;
  readonly entities: number;
  readonly samples: readonly ChangeSample[];
}

/** One change. Which ones are shown depends on the events only, not on how the job was cut into units. */
export interface ChangeSample {
  readonly entityId: string;
  readonly eventId: string;
  readonly foldSeq: string;
  readonly timestamp: string;
  /** Null: missing, or too long where `cut` says so. */
  readonly beforeJson: string | null;
  readonly afterJson: string | null;
  readonly cut: boolean;
}

export interface FailureCount {
  readonly kind: DeadLetterView['kind'];
  readonly stage: string;
  readonly code: string;
  readonly count: number;
  readonly samples: readonly DeadLetterView[];
}

/** Of a running job: what the units that are done have found. */
export interface DryRunReport {
  readonly jobId: string;
  readonly status: JobStatus;
  readonly counters: JobCounters;
  readonly events: readonly EventCount[];
  readonly entities: readonly EntityCount[];
  readonly fields: readonly FieldCount[];
  readonly failures: readonly FailureCount[];
  /** True: there are more groups than a report lists; the largest are shown. */
  readonly cut: boolean;
  /** Null: the job has no baseline. */
  readonly baseline: BaselineReport | null;
}

export interface BaselineReport {
  readonly encodingVersion: number;
  readonly ruleVersion: number;
  readonly jobId: string | null;
  readonly processed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly totals: DifferenceTotals;
  readonly signatures: readonly Signature[];
}

/** `entities` is the sum of the others. */
export interface DifferenceTotals {
  readonly entities: number;
  readonly unchanged: number;
  /** End alike, and differed after some event. */
  readonly historyOnly: number;
  /** On both sides, with different last states. */
  readonly differing: number;
  readonly onlyA: number;
  readonly onlyB: number;
}

export type Presence = 'both' | 'only_a' | 'only_b';

export interface SignatureChange {
  /** Null with ended and revived: they are of the entity. */
  readonly field: string | null;
  /** From a to b. */
  readonly operation: FieldOperation | 'ended' | 'revived';
}

/** Entities that differ in the same way. */
export interface Signature {
  /** Decimal digits. */
  readonly signature: string;
  readonly entityType: string;
  readonly presence: Presence;
  readonly finalDiffers: boolean;
  /** Empty where one side lacks the entity, and where only the way differs. */
  readonly changes: readonly SignatureChange[];
  readonly entities: number;
  readonly samples: readonly EntityDifference[];
}

export interface FieldDifference {
  readonly field: string;
  readonly operation: FieldOperation;
  readonly beforeJson: string | null;
  readonly afterJson: string | null;
}

export interface EntityDifference {
  readonly entityType: string;
  readonly entityId: string;
  readonly signature: string;
  readonly presence: Presence;
  readonly finalDiffers: boolean;
  readonly differences: readonly FieldDifference[];
  /** Events after which the states differed. Null: not looked at, since a side keeps last states only. */
  readonly events: string | null;
  /** The first of them. */
  readonly first: EventPlace | null;
}

export interface EventPlace {
  readonly eventId: string;
  readonly eventType: string;
  readonly timestamp: string;
  readonly topicId: string;
  readonly partition: number;
  readonly offset: string;
}

export interface DifferenceQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly signature?: string;
}

/** Reports of dry runs. All reject with job_not_found, and with no_report for other jobs. */
export interface Reports {
  report(tenantId: string, jobId: string): Promise<DryRunReport>;
  /** Entities that the baseline sees differently, by entity. */
  differences(tenantId: string, jobId: string, query: DifferenceQuery): Promise<Page<EntityDifference>>;
}

/** Why two runs differ for other reasons than their versions. */
export type IncomparableReason =
  | 'time_range'
  | 'filters'
  | 'topics'
  | 'input'
  | 'ordering'
  | 'snapshots'
  | 'on_failure'
  | 'not_comparable';

export interface Comparison {
  /** What `v1_run_differences` knows it under. */
  readonly comparisonId: string;
  readonly a: JobView;
  readonly b: JobView;
  readonly status: 'Running' | 'Complete';
  readonly percent: number;
  readonly comparable: boolean;
  readonly reasons: readonly IncomparableReason[];
  /** Null until it is complete. */
  readonly totals: DifferenceTotals | null;
  readonly signatures: Page<Signature>;
}

export interface EntityComparison {
  readonly entityType: string;
  readonly entityId: string;
  readonly presence: Presence;
  readonly differences: readonly FieldDifference[];
  readonly stateA: EntityState | null;
  readonly stateB: EntityState | null;
  /** Events after which the states differ; null: a side keeps last states only. */
  readonly events: string | null;
  /** The first of them, with the states right after it. */
  readonly first:
    | (EventPlace & {
        readonly differences: readonly FieldDifference[];
        readonly stateA: EntityState | null;
        readonly stateB: EntityState | null;
      })
    | null;
}

export interface EntityState {
  readonly stateJson: string;
  readonly exists: boolean;
  readonly foldSeq: string;
}

/**
 * Comparisons of two complete StateRebuilds. All reject with job_not_found and job_not_finished. A comparison is
 * computed once, inside the store, and kept.
 */
export interface Comparisons {
  /** Begins the comparison where there is none yet, and waits for it up to so long. */
  compare(
    tenantId: string,
    a: string,
    b: string,
    options: { readonly limit: number; readonly cursor?: string; readonly waitMs: number },
  ): Promise<Comparison>;
  /** Rejects with comparison_running until it is complete. */
  differences(
    tenantId: string,
    a: string,
    b: string,
    query: DifferenceQuery,
  ): Promise<Page<EntityDifference>>;
  /** One entity, read from the runs themselves. Rejects with entity_not_found where neither has it. */
  entity(
    tenantId: string,
    a: string,
    b: string,
    entity: { readonly type: string; readonly id: string },
  ): Promise<EntityComparison>;
}

/** All of it, as one part of the pipeline. */
export interface CompareServices {
  readonly reports: Reports;
}

/** Jobs that are made of others. */
export interface DerivedJobs {
  /** A StateRebuild of a dry run's spec, over the same frozen bounds. */
  rebuild(tenantId: string, jobId: string, actor: string): Promise<JobView>;
  /** Folds a complete StateRebuild again, in other units and the other way, and compares digests. */
  verify(tenantId: string, jobId: string, actor: string): Promise<JobView>;
  /** The verifications of a run, newest first. */
  verifications(tenantId: string, jobId: string): Promise<readonly JobView[]>;
}
