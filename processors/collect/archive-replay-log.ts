/**
 * The log of jobs that read only the archive: the embedded log, and `source: archive` on a cluster. There is nothing to
 * collect; the plan is what the archive holds.
 */
import type { FrozenSpec, PartitionPlan } from '../../schemas/job.js';
import { archiveUnits } from '../replay/coverage.js';
import type { ReplayLog } from '../replay/pipeline.js';
import { clipSegments, coveredRanges } from '../replay/segments.js';
import type { Store } from '../store/store.js';
import type { UnitLog } from '../store/unit-log.js';

export class ArchiveReplayLog implements ReplayLog {
  readonly #store: Store;
  readonly #unitLog: UnitLog;

  constructor(store: Store, unitLog: UnitLog) {
    this.#store = store;
    this.#unitLog = unitLog;
  }

  async planPartitions(spec: FrozenSpec): Promise<{ partitions: PartitionPlan[]; bytesPerRecord: number }> {
    const known = await this.#store.query<{ name: string; topic_id: string; partition: number }>(
      `SELECT any(topic) AS name, topic_id, partition FROM ${this.#store.t('audit_events')}
       WHERE topic IN {topics:Array(String)} GROUP BY topic_id, partition ORDER BY name, topic_id, partition`,
      { topics: spec.topics },
    );
    const partitions: PartitionPlan[] = [];
    for (const row of known) {
      const plan = await this.#planPartition(row.name, row.topic_id, row.partition);
      if (plan !== null) partitions.push(plan);
    }
    return { partitions, bytesPerRecord: 0 };
  }

  async prepare(): Promise<void> {}

  async collect(): Promise<void> {}

  async cleanUp(): Promise<void> {}

  async #planPartition(topic: string, topicId: string, partition: number): Promise<PartitionPlan | null> {
    const units = await archiveUnits(this.#unitLog, topicId, partition);
    const covered = coveredRanges(clipSegments(units, { from: 0n, to: 1n << 63n }));
    const first = covered[0];
    const last = covered.at(-1);
    if (first === undefined || last === undefined) return null;
    const from = first[0].toString();
    const to = last[1].toString();
    const gaps = covered
      .slice(1)
      .map(([start], i) => `archive gap: offsets ${covered[i]![1]} to ${start} are not archived`);
    return {
      topic,
      topicId,
      partition,
      logStart: from,
      logEnd: to,
      from,
      to,
      strategy: 'archive',
      firstRecordTime: null,
      skewMs: null,
      sampled: 0,
      archived: covered.map(([a, b]) => [a.toString(), b.toString()] as const),
      toCollect: [],
      warnings: first[0] > 0n ? [`retention: the archive starts at offset ${first[0]}`, ...gaps] : gaps,
    };
  }
}
