/** What api/ may ask about results beyond the jobs themselves. `open.ts` builds it; all methods reject with RewindError. */
import type { SnapshotView } from '../replay/service.js';
import type { LogPlace } from '../store/run-stream.js';
import type { JobWatch } from './job-feed.js';

export interface Results {
  readonly live: Live;
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

export interface UnitSamples {
  /** To go on behind it. */
  readonly place: LogPlace;
  /** Their `index` is null: it is known once the run is finished. */
  readonly snapshots: readonly SnapshotView[];
}
