/**
 * The replay job: what a caller asks for (spec), what the planner froze (plan), what came out (result).
 * TypeBox schemas are the source of the types; HTTP routes and the CLI use the same objects.
 */
import { type Static, Type } from 'typebox';
import type { ArchiveReads } from './archive-reads.js';
import type { TransitionCounts } from './decision.js';
import { type FrozenOutput, type OutputPlan, OutputsSpec } from './output.js';

export const JobType = Type.Union([
  Type.Literal('DryRun'),
  Type.Literal('StateRebuild'),
  Type.Literal('DecisionOnly'),
]);
export type JobType = Static<typeof JobType>;

/** The store keeps 32 bits. */
const VERSION_MAX = 4_294_967_295;
const VersionNumber = Type.Integer({ minimum: 1, maximum: VERSION_MAX });

export const JobStatus = Type.Union([
  Type.Literal('Pending'),
  Type.Literal('Running'),
  Type.Literal('Paused'),
  Type.Literal('Complete'),
  Type.Literal('Failed'),
  Type.Literal('Cancelled'),
]);
export type JobStatus = Static<typeof JobStatus>;
export const JOB_STATUSES: readonly JobStatus[] = [
  'Pending',
  'Running',
  'Paused',
  'Complete',
  'Failed',
  'Cancelled',
];

const TextList = Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { minItems: 1, maxItems: 1000 });

/** All given filters must hold; within one list any value may match. event_type allows a trailing `*`. */
export const JobFilters = Type.Object(
  {
    event_type: Type.Optional(TextList),
    severity: Type.Optional(TextList),
    entity_type: Type.Optional(TextList),
    entity_id: Type.Optional(TextList),
  },
  { additionalProperties: false },
);
export type JobFilters = Static<typeof JobFilters>;

/** Versions given by number, or those of a finished run: job_id stands alone. */
export const Baseline = Type.Object(
  {
    encoding_version: Type.Optional(Type.Integer({ minimum: 1 })),
    rule_version: Type.Optional(Type.Integer({ minimum: 1 })),
    job_id: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  },
  {
    additionalProperties: false,
    description: 'DryRun: what the run is compared with; both are folded in one pass over the same events',
  },
);
export type Baseline = Static<typeof Baseline>;

/** A baseline with its versions pinned. */
export interface FrozenBaseline {
  readonly encodingVersion: number;
  readonly encodingHash: string;
  readonly ruleVersion: number;
  /** The run whose versions these are; null: given by number. */
  readonly jobId: string | null;
}

/** Null: no limit of its own. Left out: as the configuration says. */
const Rate = Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]);
export const JobThrottle = Type.Object(
  { events_per_second: Type.Optional(Rate), bytes_per_second: Type.Optional(Rate) },
  { additionalProperties: false },
);
export type JobThrottle = Static<typeof JobThrottle>;

export const JobSpec = Type.Object(
  {
    job_type: JobType,
    encoding_version: VersionNumber,
    rule_version: VersionNumber,
    baseline_rule_version: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: VERSION_MAX,
        description:
          'Rules whose decisions are compared with; left out: the decisions recorded in the events',
      }),
    ),
    time_range_start: Type.String({
      description: 'Inclusive; RFC 3339, or relative to now: 30s, 7d, 2h ago',
    }),
    time_range_end: Type.String({ description: 'Inclusive; RFC 3339, or relative to now: 30s, 7d, now' }),
    filters: Type.Optional(JobFilters),
    source: Type.Optional(
      Type.Union([Type.Literal('auto'), Type.Literal('archive'), Type.Literal('kafka')], {
        description:
          'auto (default): read from the log just what the archive lacks; archive: never the log; kafka: read the log again',
      }),
    ),
    source_version: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: VERSION_MAX,
        description: 'Sources to read through; others than 1, the configured ones, always read the log again',
      }),
    ),
    topics: Type.Optional(TextList),
    from_snapshot_of: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description:
          'Finished StateRebuild whose last states the run begins with; its range ends 1 ns before time_range_start',
      }),
    ),
    /** How start offsets are found: auto samples the skew of record time and event time; full reads from the log start. */
    start_offsets: Type.Optional(Type.Union([Type.Literal('auto'), Type.Literal('full')])),
    ordering: Type.Optional(Type.Union([Type.Literal('event_time'), Type.Literal('log')])),
    snapshots: Type.Optional(
      Type.Union([Type.Literal('all'), Type.Literal('changed'), Type.Literal('final')]),
    ),
    /** What an event that cannot be folded does: skip and record it, stop the job, or stop that entity. */
    on_failure: Type.Optional(
      Type.Union([Type.Literal('skip'), Type.Literal('stop'), Type.Literal('stop_entity')]),
    ),
    /** Topics that the run is written to beside the store; a DryRun writes to none. */
    outputs: Type.Optional(OutputsSpec),
    baseline: Type.Optional(Baseline),
    name: Type.Optional(Type.String({ maxLength: 200 })),
    reason: Type.Optional(Type.String({ maxLength: 2000 })),
    ticket: Type.Optional(Type.String({ maxLength: 200, description: 'Change or incident it belongs to' })),
    throttle: Type.Optional(JobThrottle),
    max_events: Type.Optional(Type.Integer({ minimum: 1, description: 'Fails with more selected events' })),
    max_bytes: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Fails when the plan has more bytes to read from the log' }),
    ),
    max_rows: Type.Optional(Type.Integer({ minimum: 1, description: 'Fails with more snapshots' })),
    max_duration: Type.Optional(
      Type.String({
        pattern: '^[0-9]{1,9}(ms|s|m|h|d)$',
        description: 'Fails when it has run for longer, such as 90s or 2h; waiting and pauses do not count',
      }),
    ),
    labels: Type.Optional(Type.Record(Type.String({ maxLength: 63 }), Type.String({ maxLength: 200 }))),
  },
  { additionalProperties: false },
);
export type JobSpec = Static<typeof JobSpec>;

export interface PinnedRules {
  readonly version: number;
  readonly hash: string;
}

/** A spec with every default filled in and times in nanoseconds since 1970 (decimal text). */
export interface FrozenSpec {
  readonly tenantId: string;
  readonly jobType: JobType;
  readonly encodingVersion: number;
  readonly encodingHash: string;
  readonly ruleVersion: number;
  readonly rulesHash: string;
  /** Rules that decisions are compared with; null: the recorded decisions are. */
  readonly baselineRules: PinnedRules | null;
  readonly sourceVersion: number;
  readonly sourceHash: string;
  readonly startNs: string;
  readonly endNs: string;
  readonly filters: JobFilters;
  readonly source: 'auto' | 'archive' | 'kafka';
  readonly topics: readonly string[];
  readonly startOffsets: 'auto' | 'full';
  readonly ordering: 'event_time' | 'log';
  readonly snapshots: 'all' | 'changed' | 'final';
  readonly onFailure: 'skip' | 'stop' | 'stop_entity';
  /** Left out: the run is written to the store alone. */
  readonly outputs?: readonly FrozenOutput[];
  readonly baseline?: FrozenBaseline;
  /** The finished run that this job folds again, to compare digests; such a job shows in no list. */
  readonly verifies?: string;
  readonly name: string;
  readonly reason: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ticket: string;
  readonly throttle: Throttle;
  readonly limits: JobLimits;
  /** The job that this one runs again; null: none. */
  readonly parentJobId: string | null;
  /** parent: reads exactly the offsets that the parent's plan froze; own: plans anew. */
  readonly bounds: 'own' | 'parent';
  /** What was asked for, with absolute times: a changed rerun starts from it. */
  readonly requested: JobSpec;
  /** The run that this one goes on from; left out: none. */
  readonly base?: FrozenBase;
}

/** An incremental run begins with the last states of another run, and folds what that run did not read. */
export interface FrozenBase {
  readonly jobId: string;
  /** Start of the first run of the chain. */
  readonly startNs: string;
  /** End of the base's range: one nanosecond before the run's own start. */
  readonly endNs: string;
}

/** Null: no limit. */
export interface Throttle {
  readonly eventsPerSecond: number | null;
  readonly bytesPerSecond: number | null;
}

/** Null: no limit. */
export interface JobLimits {
  readonly maxEvents: number | null;
  readonly maxBytes: number | null;
  readonly maxRows: number | null;
  readonly maxDurationMs: number | null;
}

/** One partition of the plan. Offsets are decimal text; ends are exclusive and frozen at plan time. */
export interface PartitionPlan {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly logStart: string;
  readonly logEnd: string;
  /** First and last (exclusive) offset that the job looks at. */
  readonly from: string;
  readonly to: string;
  readonly strategy: 'record-time index' | 'widened' | 'full scan' | 'archive' | 'empty';
  /** Record time of the first record really found at `from`, RFC 3339; null: none. */
  readonly firstRecordTime: string | null;
  /** Largest event time minus record time seen in the sample, milliseconds; null: nothing sampled. */
  readonly skewMs: number | null;
  readonly sampled: number;
  /** Offsets of from..to that the archive holds already, as [from, to) pairs. */
  readonly archived: readonly (readonly [string, string])[];
  /** Offsets still to be read from the log. */
  readonly toCollect: readonly (readonly [string, string])[];
  readonly warnings: readonly string[];
}

export interface ReplayPlan {
  readonly partitions: readonly PartitionPlan[];
  readonly group: string | null;
  readonly recordsToCollect: string;
  readonly bytesToRead: string;
  readonly eventsInArchive: string;
  /** Left out: the job takes nothing from the archive. */
  readonly archiveReads?: ArchiveReads;
  readonly rowsToWrite: string;
  readonly diskFreeBytes: string;
  readonly diskNeededBytes: string;
  readonly estimatedSeconds: number;
  /** store: one statement for each unit; worker: row by row in a worker thread, for the reason given. */
  readonly foldIn: 'store' | 'worker';
  readonly foldReason: string;
  /** Left out: no topic is written. */
  readonly outputs?: readonly OutputPlan[];
  readonly warnings: readonly string[];
}

/** Why a finished run is not exact. Closed list: people and programs act on it. */
export type VerdictReason =
  | 'window_only'
  | 'truncated_by_retention'
  | 'compacted'
  | 'archive_gap'
  | 'failed_events'
  | 'undecodable_records'
  | 'sampled_start'
  | 'open_transaction'
  | 'filtered'
  /** Cancelled; the units that were sealed until then are kept. */
  | 'cancelled';

export interface Verdict {
  readonly exactness: 'exact' | 'partial' | 'not_comparable';
  readonly reasons: readonly VerdictReason[];
}

/** Scanned records are processed, failed, duplicates, conflicts or skipped: these five make up `scanned`. */
export interface JobCounters {
  readonly scanned: number;
  readonly processed: number;
  readonly failed: number;
  readonly duplicates: number;
  readonly conflicts: number;
  readonly skipped: number;
  readonly snapshots: number;
  readonly changed: number;
  readonly entities: number;
}

export interface FunnelStep {
  readonly step: 'scanned' | 'decoded' | 'tenant' | 'time' | 'filters' | 'mapped' | 'folded';
  readonly kept: number;
  readonly dropped: number;
  /** Coordinates of one record that was dropped here, `topic/partition/offset`; null: none. */
  readonly example: string | null;
}

export interface JobResult {
  readonly counters: JobCounters;
  readonly funnel: readonly FunnelStep[];
  readonly verdict: Verdict;
  /** Events that the store folded by itself; the workers folded the others. */
  readonly foldedInStore: number;
  /** What became of the decisions before; null: the job decides nothing. They add up to `counters.processed`. */
  readonly transitions: TransitionCounts | null;
  readonly stageSeconds: Readonly<Record<string, number>>;
}
