/**
 * What api/ may ask of dry runs, baselines and comparisons. `processors/topology.ts` builds the implementations. In a
 * comparison a is what was before (the baseline, the first run), b what is now. Values are canonical JSON texts.
 */
import type { JobCounters, JobStatus } from '../../schemas/job.js';
import type { DeadLetterView, Page } from '../replay/service.js';

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

/** Why two runs are not two folds of the same input. What differs between them need not come from versions then. */
export type ComparisonReason =
  | 'range_differs'
  | 'filters_differ'
  | 'sources_differ'
  | 'ordering_differs'
  | 'a_not_exact'
  | 'b_not_exact';

export interface ComparisonView {
  readonly comparisonId: string;
  readonly runA: string;
  readonly runB: string;
  readonly status: 'Running' | 'Complete';
  /** 0–100, by parts of the hash space. */
  readonly percent: number;
  readonly comparable: boolean;
  readonly reasons: readonly ComparisonReason[];
  /** False: only last states are compared, since a run keeps no others, or the two have different ranges. */
  readonly history: boolean;
  /** Of the parts that are compared. */
  readonly totals: DifferenceTotals;
  /** The last attempt went wrong; the next look at it tries again. Null: none did. */
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly createdBy: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
}

/** An event after which the states of an entity differ. */
export interface DifferingEvent extends EventPlace {
  /** From 1, among all events of the entity on either side. */
  readonly place: number;
  /** Which runs folded it. */
  readonly presence: Presence;
  /** Null: the entity has no state yet. */
  readonly existsA: boolean | null;
  readonly existsB: boolean | null;
  readonly differences: readonly FieldDifference[];
}

/**
 * Comparisons of two finished runs. All reject with comparison_not_found for what this tenant does not have, and with
 * rows_dropped once the rows of a run are gone.
 */
export interface Comparisons {
  /** Starts the comparison, or finds it: a pair is compared once. Rejects with job_not_found, not_comparable. */
  compare(
    tenantId: string,
    runs: { readonly a: string; readonly b: string },
    actor: string,
  ): Promise<ComparisonView>;
  get(tenantId: string, comparisonId: string): Promise<ComparisonView>;
  /** The newest first. */
  list(
    tenantId: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<ComparisonView>>;
  /** The largest groups first. */
  signatures(
    tenantId: string,
    comparisonId: string,
    page: { readonly limit: number; readonly cursor?: string; readonly samples: number },
  ): Promise<Page<Signature>>;
  entities(tenantId: string, comparisonId: string, query: DifferenceQuery): Promise<Page<EntityDifference>>;
  /** Rejects with history_not_compared where only last states are. */
  events(
    tenantId: string,
    comparisonId: string,
    entity: { readonly type: string; readonly id: string },
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<DifferingEvent>>;
}

/** One side of a verification. */
export interface FoldOfRun {
  readonly units: number;
  /** Events that the store folded by itself; the workers folded the others. */
  readonly foldedInStore: number;
  /** Decimal digits. */
  readonly rows: string;
  /** Sum of the digests of all rows, 32 hexadecimal digits. */
  readonly digest: string;
}

export interface VerificationView {
  /** Id of the job that folds again; it can be watched, paused and cancelled as any. */
  readonly verificationId: string;
  readonly jobId: string;
  readonly status: JobStatus;
  readonly percent: number;
  /** Null until it is complete. */
  readonly outcome: 'verified' | 'differs' | null;
  /** Of the units that are done. */
  readonly entities: number;
  readonly differing: number;
  /** As the run was folded and stored. */
  readonly run: FoldOfRun;
  readonly again: FoldOfRun;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly completedAt: string | null;
}

/** An entity that folding again gave otherwise, and the first place of its fold order where the two part. */
export interface VerifiedEntity {
  readonly entityType: string;
  readonly entityId: string;
  readonly rows: string;
  readonly rowsAgain: string;
  readonly foldSeq: string;
  /** Rows at that place; 1 as it should be. */
  readonly here: number;
  readonly hereAgain: number;
  /** What differs there beside the fields. */
  readonly columns: readonly string[];
  /** From what is stored to what folding again gave. */
  readonly differences: readonly FieldDifference[];
  /** A value was too long to be kept, and is null here. */
  readonly cut: boolean;
}

/**
 * Verifications of finished runs. All reject with job_not_found, rows_dropped, and verification_not_found for what the job
 * does not have.
 */
export interface Verifications {
  /** Folds a complete StateRebuild again. Rejects with not_verifiable, base_unusable. */
  start(tenantId: string, jobId: string, actor: string, idempotencyKey?: string): Promise<VerificationView>;
  /** The newest first. */
  list(tenantId: string, jobId: string): Promise<readonly VerificationView[]>;
  get(tenantId: string, jobId: string, verificationId: string): Promise<VerificationView>;
  /** The first entities of each unit that differ. */
  entities(
    tenantId: string,
    jobId: string,
    verificationId: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<VerifiedEntity>>;
}

/** All of it, as one part of the pipeline. */
export interface CompareServices {
  readonly reports: Reports;
  readonly comparisons: Comparisons;
  readonly verifications: Verifications;
}
