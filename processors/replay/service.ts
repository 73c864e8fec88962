/**
 * What api/ (HTTP and CLI) may ask of the pipeline. `processors/topology.ts` builds the implementation; nothing in
 * api/ knows more than this file. All methods reject with RewindError.
 */
import type { Readable } from 'node:stream';
import type { ErrorCode } from '../../schemas/errors.js';
import type {
  FrozenSpec,
  JobCounters,
  JobResult,
  JobSpec,
  JobStatus,
  ReplayPlan,
  Throttle,
} from '../../schemas/job.js';
import type { JobFilters } from './job-list.js';
import type { HoldReason } from './pace.js';

/** A job as people see it: seed 0's eleven fields and what Rewind adds. Times are RFC 3339 with nanoseconds, UTC. */
export interface JobView {
  readonly jobId: string;
  readonly tenantId: string;
  readonly status: JobStatus;
  readonly spec: FrozenSpec;
  /** The pace in force. */
  readonly throttle: Throttle;
  readonly plan: ReplayPlan | null;
  readonly counters: JobCounters;
  readonly progress: JobProgress;
  readonly result: JobResult | null;
  readonly error: { readonly code: string; readonly message: string; readonly facts: unknown } | null;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  /** Place in the line, from 1; null: it does not wait for its turn. */
  readonly queuePosition: number | null;
  /** How long it has waited, run and been paused until now. */
  readonly times: { readonly queuedMs: number; readonly runningMs: number; readonly pausedMs: number };
  /** Of a cancelled job: what becomes of its rows. */
  readonly rows: 'keep' | 'drop' | null;
  /** When its rows were removed by whom; null: it was not deleted. */
  readonly deleted: { readonly actor: string; readonly at: string } | null;
}

export interface JobProgress {
  readonly stage: 'pending' | 'planning' | 'collect' | 'map' | 'fold' | 'seal' | 'emit' | 'done';
  /** Records collected and to collect, as far as known. */
  readonly collected: number;
  readonly collectTotal: number;
  /** Events folded and to fold. */
  readonly folded: number;
  readonly foldTotal: number;
  /** Records that output topics have taken, of the units that are sealed; and these units. */
  readonly emitted: number;
  readonly emitUnits: number;
  readonly emitUnitsDone: number;
  /** 0–100 over the whole job, exact from the frozen bounds. */
  readonly percent: number;
  /** Records collected, or events folded, or records emitted, in a second of the last few; 0 while it does not run. */
  readonly eventsPerSecond: number;
  /** Read from the log; null in stages that do not read it. */
  readonly bytesPerSecond: number | null;
  /** At the present rate; null: not to be said. */
  readonly etaSeconds: number | null;
  /** Record time up to which the log has been read, RFC 3339; null: it is not being read, or nothing was yet. */
  readonly readUntil: string | null;
  /** Events that failed so far. */
  readonly failed: number;
  /** The stage that has taken most time so far. */
  readonly slowestStage: 'collect' | 'map' | 'fold' | 'emit' | null;
  /** Why it goes slower than it could: its own pace, the broker's quota, a busy store. */
  readonly heldBy: HoldReason | null;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; null: last page. */
  readonly next: string | null;
}

export interface TimelineEntry {
  readonly index: number;
  readonly eventId: string;
  readonly eventType: string;
  readonly timestamp: string;
  readonly entityType: string;
  readonly entityId: string;
  readonly changes: number;
}

/** Seed 2's snapshot. States and diff are JSON text as stored: numbers keep every digit; send them on unparsed. */
export interface SnapshotView {
  readonly id: string;
  readonly jobId: string;
  /** Timeline index; null where the entity's own order was asked for. */
  readonly index: number | null;
  /** Place in the entity's own fold order (decimal text); `afterSeq` of entityHistory goes on behind it. */
  readonly foldSeq: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly timestamp: string;
  readonly entityType: string;
  readonly entityId: string;
  readonly stateBeforeJson: string;
  readonly stateAfterJson: string;
  readonly diffJson: string;
  readonly exists: boolean;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly createdAt: string;
}

export interface DeadLetterView {
  readonly kind: 'failed' | 'conflict';
  readonly stage: string;
  readonly code: ErrorCode;
  readonly error: string;
  readonly eventId: string;
  readonly entityType: string;
  readonly entityId: string;
  readonly timestamp: string;
  readonly topicId: string;
  readonly partition: number;
  readonly offset: string;
}

export interface UnitView {
  readonly stage: 'collect' | 'map' | 'fold' | 'seal' | 'emit' | 'settle';
  /** For collect: topic/partition. */
  readonly unit: string;
  readonly status: 'open' | 'held' | 'done';
  /** Collect: offsets that are there, and of the plan. Else 1 of 1 once it is done. */
  readonly done: number;
  readonly total: number;
  /** Events read, snapshots written and events failed, of what is sealed. */
  readonly events: number;
  readonly rows: number;
  readonly failed: number;
  /** How often it was begun: a unit that kills its workers is noticed by it. */
  readonly attempts: number;
  /** host/process/start of who holds it. */
  readonly worker: string | null;
  /** Milliseconds since 1970 by the store's clock; null: not begun. */
  readonly startedMs: number | null;
  /** The last sign of it in the log. */
  readonly lastMs: number | null;
}

export interface ReplayService {
  /** In the order of the work; `cursor` is that of a page before. Rejects with job_not_found. */
  units(
    tenantId: string,
    jobId: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<UnitView>>;
  /** The plan for a spec, without effect. */
  plan(tenantId: string, spec: JobSpec): Promise<ReplayPlan>;
  /** Creates a Pending job; the same idempotency key and tenant give the same job. */
  create(tenantId: string, spec: JobSpec, actor: string, idempotencyKey?: string): Promise<JobView>;
  get(tenantId: string, jobId: string): Promise<JobView>;
  list(
    tenantId: string,
    options: JobFilters & { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<JobView>>;

  /** Timeline of a finished run by index, 0-based and gap-free. */
  timeline(
    tenantId: string,
    jobId: string,
    options: { from: number; limit: number },
  ): Promise<readonly TimelineEntry[]>;
  snapshot(tenantId: string, jobId: string, index: number): Promise<SnapshotView>;
  /** All snapshots of an entity in a run, by fold order; the newest finished StateRebuild where jobId is left out. */
  entityHistory(
    tenantId: string,
    entity: { type: string; id: string },
    options: { jobId?: string; limit: number; afterSeq?: string },
  ): Promise<readonly SnapshotView[]>;
  /** The entity's last snapshot at or before a time (nanoseconds). */
  entityAt(
    tenantId: string,
    entity: { type: string; id: string },
    options: { jobId?: string; timeNs: bigint },
  ): Promise<SnapshotView>;
  /** NDJSON of all snapshots of a run, in timeline order. */
  exportSnapshots(tenantId: string, jobId: string): Promise<Readable>;
}

/** One event as a caller sends it, already validated; see processors/sources/ingest-event.ts. */
export interface AppendResult {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/**
 * Where POST audit-events and ingest write: Kafka (acks=all, idempotent producer) or the embedded log. Resolves when
 * durable; the result is in the order of the input. Records are our Avro AuditEvent in wire format.
 */
export interface LogAppender {
  append(
    records: readonly { readonly key: Buffer | null; readonly value: Buffer; readonly timestampMs: bigint }[],
  ): Promise<readonly AppendResult[]>;
  /**
   * An append costs the log much the same for one record and for ten thousand: while several callers append at once,
   * what they send is to go together this often. Undefined: that gains nothing.
   */
  readonly groupIntervalMs?: number;
  close(): Promise<void>;
}
