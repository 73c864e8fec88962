/**
 * What the pipeline says, in the words of the two documents that clients know: snake_case rows for the tenants'
 * routes, camelCase records for the audit routes. States and diffs stay the text that the store holds.
 */
import type { DeadLetterView, JobView, SnapshotView, TimelineEntry } from '../processors/replay/service.js';
import { formatRfc3339Ns } from '../processors/sources/time.js';
import type { JobStatus } from '../schemas/job.js';
import { RawJson } from './json/raw-json.js';

/** Where a job is found. */
export function pathOfJob(tenantId: string, jobId: string): string {
  return `/tenants/${encodeURIComponent(tenantId)}/replay-jobs/${encodeURIComponent(jobId)}`;
}

/** A listing's row: the eleven fields, and the few more that a list needs. */
export function jobRow(job: JobView) {
  return {
    job_id: job.jobId,
    job_type: job.spec.jobType,
    encoding_version: job.spec.encodingVersion,
    rule_version: job.spec.ruleVersion,
    time_range_start: formatRfc3339Ns(BigInt(job.spec.startNs)),
    time_range_end: formatRfc3339Ns(BigInt(job.spec.endNs)),
    status: job.status,
    events_processed: job.counters.processed,
    events_failed: job.counters.failed,
    created_at: job.createdAt,
    completed_at: job.completedAt,
    name: job.spec.name,
    created_by: job.createdBy,
    percent: job.progress.percent,
    parent_job_id: job.spec.parentJobId,
  };
}

/** One job in full: the row, its frozen spec, plan, progress and outcome. */
export function jobDetail(job: JobView) {
  const { spec } = job;
  return {
    ...jobRow(job),
    tenant_id: job.tenantId,
    started_at: job.startedAt,
    bounds: job.spec.bounds,
    rows: job.rows,
    deleted_at: job.deleted?.at ?? null,
    deleted_by: job.deleted?.actor ?? null,
    reason: spec.reason,
    labels: spec.labels,
    ticket: spec.ticket,
    throttle: snakeKeys(job.throttle),
    limits: snakeKeys(spec.limits),
    queue_position: job.queuePosition,
    times: snakeKeys(job.times),
    filters: spec.filters,
    source: spec.source,
    source_version: spec.sourceVersion,
    source_hash: spec.sourceHash,
    topics: [...spec.topics],
    from_snapshot_of: spec.base?.jobId ?? null,
    start_offsets: spec.startOffsets,
    ordering: spec.ordering,
    snapshots: spec.snapshots,
    on_failure: spec.onFailure,
    outputs: [...(spec.outputs ?? [])],
    encoding_hash: spec.encodingHash,
    baseline: spec.baseline === undefined ? null : snakeKeys(spec.baseline),
    verifies: spec.verifies ?? null,
    rules_hash: spec.rulesHash,
    baseline_rule_version: spec.baselineRules?.version ?? null,
    counters: job.counters,
    progress: snakeKeys(job.progress),
    plan: snakeKeys(job.plan),
    result: snakeKeys(job.result),
    error: job.error,
  };
}

/** Object keys in snake_case, at every depth. Only for shapes of ours: no key of theirs is data. */
export function snakeKeys<T>(value: T): SnakeKeys<T> {
  return renamed(value) as SnakeKeys<T>;
}

type SnakeWord<Word extends string> = Word extends `${infer Letter}${infer Rest}`
  ? Letter extends Lowercase<Letter>
    ? `${Letter}${SnakeWord<Rest>}`
    : `_${Lowercase<Letter>}${SnakeWord<Rest>}`
  : '';
type SnakeKeys<T> = T extends readonly unknown[]
  ? { -readonly [Index in keyof T]: SnakeKeys<T[Index]> }
  : T extends object
    ? { -readonly [Name in keyof T as Name extends string ? SnakeWord<Name> : never]: SnakeKeys<T[Name]> }
    : T;

function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      renamed(member),
    ]),
  );
}

export function timelineRow(entry: TimelineEntry) {
  return {
    index: entry.index,
    event_id: entry.eventId,
    event_type: entry.eventType,
    timestamp: entry.timestamp,
    entity_type: entry.entityType,
    entity_id: entry.entityId,
    changes: entry.changes,
  };
}

export function snapshotRow(snapshot: SnapshotView) {
  return {
    id: snapshot.id,
    job_id: snapshot.jobId,
    snapshot_index: snapshot.index,
    fold_seq: snapshot.foldSeq,
    event_id: snapshot.eventId,
    event_type: snapshot.eventType,
    timestamp: snapshot.timestamp,
    entity_type: snapshot.entityType,
    entity_id: snapshot.entityId,
    exists: snapshot.exists,
    state_before: new RawJson(snapshot.stateBeforeJson),
    state_after: new RawJson(snapshot.stateAfterJson),
    diff: new RawJson(snapshot.diffJson),
    topic: snapshot.topic,
    partition: snapshot.partition,
    offset: snapshot.offset,
    created_at: snapshot.createdAt,
  };
}

export function deadLetterRow(letter: DeadLetterView) {
  return {
    kind: letter.kind,
    stage: letter.stage,
    code: letter.code,
    error: letter.error,
    event_id: letter.eventId,
    entity_type: letter.entityType,
    entity_id: letter.entityId,
    timestamp: letter.timestamp,
    topic_id: letter.topicId,
    partition: letter.partition,
    offset: letter.offset,
  };
}

const RUN_STATUS: Readonly<Record<JobStatus, 'queued' | 'running' | 'success' | 'failed'>> = {
  Pending: 'queued',
  Running: 'running',
  Paused: 'running',
  Complete: 'success',
  Failed: 'failed',
  Cancelled: 'failed',
};

export function runStatus(status: JobStatus): (typeof RUN_STATUS)[JobStatus] {
  return RUN_STATUS[status];
}

/** A run as the audit routes show it. */
export function auditRun(job: JobView) {
  const { filters } = job.spec;
  return {
    id: job.jobId,
    status: runStatus(job.status),
    eventCount: job.counters.processed,
    snapshotCount: job.counters.snapshots,
    progress: job.progress.percent,
    filters: {
      startDate: formatRfc3339Ns(BigInt(job.spec.startNs)),
      endDate: formatRfc3339Ns(BigInt(job.spec.endNs)),
      ...(filters.event_type === undefined ? {} : { eventType: filters.event_type }),
      ...(filters.severity === undefined ? {} : { severity: filters.severity }),
    },
    result: job.result,
    error: job.status === 'Cancelled' ? 'cancelled' : (job.error?.message ?? null),
    createdBy: job.createdBy,
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    completedAt: job.completedAt,
  };
}

/** A snapshot in the field names of the audit routes' example. */
export function auditSnapshot(snapshot: SnapshotView) {
  return {
    id: snapshot.id,
    replayRunId: snapshot.jobId,
    snapshotIndex: snapshot.index,
    eventId: snapshot.eventId === '' ? null : snapshot.eventId,
    eventType: snapshot.eventType,
    timestamp: snapshot.timestamp,
    stateBefore: new RawJson(snapshot.stateBeforeJson),
    stateAfter: new RawJson(snapshot.stateAfterJson),
    diff: new RawJson(snapshot.diffJson),
    entityType: snapshot.entityType,
    entityId: snapshot.entityId,
    createdAt: snapshot.createdAt,
  };
}
