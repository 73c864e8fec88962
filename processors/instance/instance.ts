/** What operators ask of a whole installation, over all tenants: its parts, its jobs in numbers, and what the archive lacks. */
import type { LogAdmin } from '../kafka/admin.js';
import { archiveUnitsByPartition } from '../replay/coverage.js';
import { clipSegments, coveredRanges, missingRanges } from '../replay/segments.js';
import type { Store } from '../store/store.js';
import type { UnitLog } from '../store/unit-log.js';
import type { PartChecks, PartState } from './parts.js';

export interface JobFigures {
  readonly status: string;
  readonly jobs: number;
  readonly processed: number;
  readonly failed: number;
}

export interface ArchiveLag {
  readonly topic: string;
  /** Records that the log holds and the archive does not. */
  readonly records: bigint;
}

export interface Instance {
  parts(): Promise<Readonly<Record<string, PartState>>>;
  /** One entry a status that any job has. */
  jobs(): Promise<readonly JobFigures[]>;
  /** One entry a topic of the configured sources; none without a log. */
  archiveLag(): Promise<readonly ArchiveLag[]>;
}

export interface InstanceParts {
  readonly checks: PartChecks;
  readonly reader: Store;
  readonly unitLog: UnitLog;
  /** Null: embedded, where the archive is the log. */
  readonly admin: LogAdmin | null;
  readonly topics: readonly string[];
}

export class ConnectedInstance implements Instance {
  readonly #parts: InstanceParts;

  constructor(parts: InstanceParts) {
    this.#parts = parts;
  }

  parts(): Promise<Readonly<Record<string, PartState>>> {
    return this.#parts.checks.states();
  }

  async jobs(): Promise<readonly JobFigures[]> {
    const { reader } = this.#parts;
    const rows = await reader.query<{ status: string; jobs: string; processed: string; failed: string }>(
      `SELECT status, count() AS jobs, sum(events_processed) AS processed, sum(events_failed) AS failed
       FROM ${reader.t('v1_runs')} WHERE NOT deleted GROUP BY status ORDER BY status`,
    );
    return rows.map((row) => ({
      status: row.status,
      jobs: Number(row.jobs),
      processed: Number(row.processed),
      failed: Number(row.failed),
    }));
  }

  async archiveLag(): Promise<readonly ArchiveLag[]> {
    const { admin, topics, unitLog } = this.#parts;
    if (admin === null) return [];
    const offsets = await admin.offsets(topics);
    const units = await archiveUnitsByPartition(
      unitLog,
      offsets.map(({ topicId }) => topicId),
    );
    const lag = new Map(topics.map((topic) => [topic, 0n]));
    for (const { topic, topicId, partition, earliest, lastStable } of offsets) {
      const range = { from: earliest, to: lastStable };
      const segments = clipSegments(units.get(`${topicId}/${partition}`) ?? [], range);
      const missing = missingRanges(coveredRanges(segments), range);
      const records = missing.reduce((sum, [from, to]) => sum + (to - from), 0n);
      lag.set(topic, (lag.get(topic) ?? 0n) + records);
    }
    return [...lag].map(([topic, records]) => ({ topic, records }));
  }
}
