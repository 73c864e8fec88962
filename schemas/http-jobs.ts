/** What the routes of replay jobs answer. */
import { Type } from 'typebox';
import { TRANSITIONS, Transition } from './decision.js';
import { AnyJson, answerOf, Count, Digits, orNull, pageOf, strict, Time, words } from './http-answer.js';
import { OutputPlanRow, OutputTopicRow } from './http-outputs.js';
import { JobFilters, JobStatus, JobType } from './job.js';

const Texts = Type.Array(Type.String());
const Ranges = Type.Array(Type.Tuple([Digits, Digits]), { description: '[from, to) pairs' });

const ROW = {
  job_id: Type.String(),
  job_type: JobType,
  encoding_version: Type.Integer({ minimum: 1 }),
  rule_version: Type.Integer({ minimum: 1 }),
  time_range_start: Time,
  time_range_end: Time,
  status: JobStatus,
  events_processed: Count,
  events_failed: Count,
  created_at: Time,
  completed_at: orNull(Time),
  name: Type.String(),
  created_by: Type.String(),
  percent: Type.Number({ minimum: 0, maximum: 100 }),
  parent_job_id: orNull(Type.String({ description: 'The job that this one runs again' })),
};
export const JobRow = strict(ROW, { title: 'ReplayJobRow' });

const PartitionPlanRow = strict(
  {
    topic: Type.String(),
    topic_id: Type.String(),
    partition: Count,
    log_start: Digits,
    log_end: Digits,
    from: Digits,
    to: Digits,
    strategy: words('record-time index', 'widened', 'full scan', 'archive', 'empty'),
    first_record_time: orNull(Time),
    skew_ms: orNull(Type.Number()),
    sampled: Count,
    archived: Ranges,
    to_collect: Ranges,
    warnings: Texts,
  },
  { title: 'PartitionPlan' },
);

/** What one pass of the fold over the archive opens at most, and what it would open without filters. */
const ArchiveReadsRow = strict(
  {
    rows_in_range: Digits,
    rows_to_read: Digits,
    bytes_in_range: Digits,
    bytes_to_read: Digits,
  },
  { title: 'ArchiveReads' },
);

export const PlanRow = strict(
  {
    partitions: Type.Array(PartitionPlanRow),
    group: orNull(Type.String()),
    records_to_collect: Digits,
    bytes_to_read: Digits,
    events_in_archive: Digits,
    archive_reads: Type.Optional(ArchiveReadsRow),
    rows_to_write: Digits,
    disk_free_bytes: Digits,
    disk_needed_bytes: Digits,
    estimated_seconds: Type.Number({ minimum: 0 }),
    fold_in: words('store', 'worker'),
    fold_reason: Type.String(),
    outputs: Type.Optional(Type.Array(OutputPlanRow)),
    warnings: Texts,
  },
  { title: 'ReplayPlan' },
);

const Counters = strict(
  {
    scanned: Count,
    processed: Count,
    failed: Count,
    duplicates: Count,
    conflicts: Count,
    skipped: Count,
    snapshots: Count,
    changed: Count,
    entities: Count,
  },
  { title: 'JobCounters' },
);

const Progress = strict(
  {
    stage: words('pending', 'planning', 'collect', 'map', 'fold', 'seal', 'emit', 'done'),
    collected: Count,
    collect_total: Count,
    folded: Count,
    fold_total: Count,
    emitted: Count,
    emit_units: Count,
    emit_units_done: Count,
    percent: Type.Number({ minimum: 0, maximum: 100 }),
    events_per_second: Count,
    bytes_per_second: orNull(Count),
    eta_seconds: orNull(Count),
    read_until: orNull(Time),
    failed: Count,
    slowest_stage: orNull(words('collect', 'map', 'fold', 'emit')),
    held_by: orNull(words('throttle', 'broker', 'store')),
  },
  { title: 'JobProgress' },
);

const Limit = orNull(Count);
const ThrottleRow = strict({ events_per_second: Limit, bytes_per_second: Limit }, { title: 'Throttle' });
const Limits = strict(
  { max_events: Limit, max_bytes: Limit, max_rows: Limit, max_duration_ms: Limit },
  { title: 'JobLimits' },
);
const Times = strict({ queued_ms: Count, running_ms: Count, paused_ms: Count }, { title: 'JobTimes' });

const FunnelRow = strict({
  step: words('scanned', 'decoded', 'tenant', 'time', 'filters', 'mapped', 'folded'),
  kept: Count,
  dropped: Count,
  example: orNull(Type.String({ description: 'topic/partition/offset of a record dropped here' })),
});

export const VerdictRow = strict({
  exactness: words('exact', 'partial', 'not_comparable'),
  reasons: Type.Array(
    words(
      'window_only',
      'truncated_by_retention',
      'compacted',
      'archive_gap',
      'failed_events',
      'undecodable_records',
      'sampled_start',
      'open_transaction',
      'filtered',
      'cancelled',
    ),
  ),
});

const Transitions = Type.Record(Transition, Count, {
  description: `Decisions by transition: ${TRANSITIONS.join(', ')}`,
});

const Result = strict(
  {
    counters: Counters,
    funnel: Type.Array(FunnelRow),
    verdict: VerdictRow,
    folded_in_store: Count,
    transitions: orNull(Transitions),
    stage_seconds: Type.Record(Type.String(), Type.Number()),
  },
  { title: 'JobResult' },
);

export const JobDetail = strict(
  {
    ...ROW,
    tenant_id: Type.String(),
    started_at: orNull(Time),
    bounds: words('own', 'parent'),
    rows: orNull(words('keep', 'drop')),
    deleted_at: orNull(Time),
    deleted_by: orNull(Type.String()),
    reason: Type.String(),
    labels: Type.Record(Type.String(), Type.String()),
    ticket: Type.String(),
    throttle: ThrottleRow,
    limits: Limits,
    queue_position: orNull(
      Type.Integer({ minimum: 1, description: 'Place in the line; null: it does not wait' }),
    ),
    times: Times,
    filters: JobFilters,
    source: words('auto', 'archive', 'kafka'),
    source_version: Count,
    source_hash: Type.String(),
    topics: Texts,
    from_snapshot_of: orNull(Type.String()),
    start_offsets: words('auto', 'full'),
    ordering: words('event_time', 'log'),
    snapshots: words('all', 'changed', 'final'),
    on_failure: words('skip', 'stop', 'stop_entity'),
    outputs: Type.Array(OutputTopicRow),
    encoding_hash: Type.String(),
    rules_hash: Type.String(),
    baseline_rule_version: orNull(Type.Integer({ minimum: 1 })),
    baseline: orNull(
      strict({
        encoding_version: Count,
        encoding_hash: Type.String(),
        rule_version: Count,
        job_id: orNull(Type.String()),
      }),
    ),
    verifies: orNull(Type.String({ description: 'The run that this job folds again' })),
    counters: Counters,
    progress: Progress,
    plan: orNull(PlanRow),
    result: orNull(Result),
    error: orNull(strict({ code: Type.String(), message: Type.String(), facts: AnyJson })),
  },
  { title: 'ReplayJob' },
);

export const JobAnswer = answerOf(JobDetail);
export const JobListAnswer = pageOf(JobRow);
export const UnitListAnswer = pageOf(
  strict({
    stage: words('collect', 'map', 'fold', 'seal', 'emit', 'settle'),
    unit: Type.String({ description: 'collect: topic/partition' }),
    status: words('open', 'held', 'done'),
    done: Type.Integer({
      minimum: 0,
      description: 'collect: offsets that are there; else 1 once it is done',
    }),
    total: Type.Integer({ minimum: 0, description: 'collect: offsets to collect; else 1' }),
    events: Count,
    rows: Count,
    failed: Count,
    attempts: Type.Integer({ minimum: 0, description: 'How often it was begun' }),
    worker: orNull(Type.String({ description: 'host/process/start of who holds it' })),
    started_at: orNull(Time),
    last_sign_at: orNull(Time),
  }),
);
export const PlanAnswer = answerOf(PlanRow);
