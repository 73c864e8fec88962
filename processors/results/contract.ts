/** What api/ may ask about results beyond the jobs themselves. `open.ts` builds it; all methods reject with RewindError. */
import type { Readable } from 'node:stream';
import type { JobFilters } from '../replay/job-list.js';
import type { SnapshotView, TimelineEntry } from '../replay/service.js';
import type { LogPlace } from '../store/run-stream.js';
import type { TimelineFilters } from '../store/timeline-filters.js';
import type { JobWatch } from './feeds.js';

export interface Results {
  readonly live: Live;
  readonly exports: Exports;
  readonly timelines: Timelines;
  readonly searches: Searches;
  /** The event behind a snapshot, unmasked. Rejects with snapshot_not_found, event_not_kept. */
  originalEvent(tenantId: string, jobId: string, index: number): Promise<OriginalEvent>;
  /** The snapshot in which a field changes next; rejects with change_not_found. */
  nextChange(
    tenantId: string,
    entity: { readonly type: string; readonly id: string },
    search: ChangeSearch,
  ): Promise<SnapshotView>;
}

/** An event as it was collected. Payload and decision are canonical JSON text. */
export interface OriginalEvent {
  readonly eventId: string;
  readonly eventType: string;
  readonly entityType: string;
  readonly entityId: string;
  readonly timestamp: string;
  readonly actor: string;
  readonly action: string;
  readonly severity: string;
  readonly decisionJson: string | null;
  readonly payloadJson: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** Following a run while it is made, and reading it through afterwards. */
export interface Live {
  /** Rejects with job_not_found. */
  watch(tenantId: string, jobId: string): Promise<JobWatch>;
  /** A few snapshots of each fold unit that was sealed behind `after`; the units in the order in which they were. */
  samples(tenantId: string, jobId: string, after: LogPlace): Promise<readonly UnitSamples[]>;
  /** Snapshots of a finished run by timeline index; an empty page is the end. */
  snapshots(tenantId: string, jobId: string, from: number): Promise<readonly SnapshotView[]>;
}

/** The timeline of a finished run beside its plain pages. All reject with job_not_found and rows_dropped. */
export interface Timelines {
  /** The first entries at or behind `from` that pass the filters, each with its index in the whole timeline. */
  filtered(
    tenantId: string,
    jobId: string,
    page: { readonly from: number; readonly limit: number },
    filters: TimelineFilters,
  ): Promise<readonly TimelineEntry[]>;
  /** Index of the first entry at or behind a time; behind the last one: their number. */
  indexAt(tenantId: string, jobId: string, ns: bigint): Promise<number>;
}

/**
 * Finding the first event after which conditions on the state hold; `where`: see processors/search/predicate.ts. Rejects with
 * field_invalid (pointer /where), match_not_found, search_too_large.
 */
export interface Searches {
  /** In the entity's fold order, behind `afterSeq`; `jobId` left out: the newest finished StateRebuild. */
  firstOfEntity(
    tenantId: string,
    entity: { readonly type: string; readonly id: string },
    search: { readonly jobId?: string; readonly where: string; readonly afterSeq?: string },
  ): Promise<SnapshotView>;
  /** In order of time, whichever entity is first. */
  firstOfRun(
    tenantId: string,
    jobId: string,
    where: string,
    filters: Omit<TimelineFilters, 'field'>,
  ): Promise<SnapshotView>;
}

export interface UnitSamples {
  /** To go on behind it. */
  readonly place: LogPlace;
  /** Their `index` is null: it is known once the run is finished. */
  readonly snapshots: readonly SnapshotView[];
}

export type ExportKind =
  | 'snapshots'
  | 'timeline'
  | 'field-changes'
  | 'dead-letters'
  | 'decisions'
  | 'differences';
export type ExportFormat = 'ndjson' | 'csv' | 'parquet';

/** All given filters must hold; times are nanoseconds, both ends included. */
export interface ExportFilters {
  readonly entityType?: string;
  readonly entityId?: string;
  /** What the entity's id begins with. */
  readonly entityPrefix?: string;
  readonly eventType?: string;
  readonly fromNs?: string;
  readonly toNs?: string;
  /** Name of the field that changed; of field-changes alone. */
  readonly field?: string;
}

export interface Exports {
  /** What a comparison of two runs found; the caller has seen that it is complete, and the tenant's. */
  comparison(comparisonId: string, format: ExportFormat, filters: ExportFilters): Promise<Readable>;
  /**
   * A list of a run in a format. Whoever reads it sets the pace, and consumes or destroys it.
   * Rejects with job_not_found, rows_dropped, exports_busy.
   */
  stream(
    tenantId: string,
    jobId: string,
    kind: ExportKind,
    format: ExportFormat,
    filters: ExportFilters,
  ): Promise<Readable>;

  /** The same for a list of the tenant. Rejects with exports_busy. */
  streamOfTenant(
    tenantId: string,
    kind: TenantExportKind,
    format: ExportFormat,
    filters: ExportFilters,
  ): Promise<Readable>;
  /** Jobs of a tenant, the oldest first. */
  jobs(tenantId: string, format: ExportFormat, filters: JobFilters): Promise<Readable>;
  /** Audit entries of a tenant, the oldest first. */
  auditEntries(tenantId: string, format: ExportFormat, filters: AuditExportFilters): Promise<Readable>;
}

/** Lists that belong to a tenant and to no run. */
export type TenantExportKind = 'current-state' | 'jobs' | 'audit-entries';

/** All given must hold; times are nanoseconds, both ends included. */
export interface AuditExportFilters {
  readonly actor?: string;
  readonly action?: string;
  readonly fromNs?: string;
  readonly toNs?: string;
}

export interface ChangeSearch {
  /** Left out: the tenant's newest finished StateRebuild. */
  readonly jobId?: string;
  readonly field: string;
  readonly direction: 'next' | 'previous';
  /** Place of the entity's fold order, and time in nanoseconds, that the change lies strictly beyond. */
  readonly afterSeq?: string;
  readonly afterNs?: string;
}
