/**
 * Kafka as the log of replay jobs: plans from a survey of the cluster, and collects what the plan lacks through the
 * job's own consumer group.
 */
import type { FrozenSpec, PartitionPlan } from '../../schemas/job.js';
import type { LogAdmin } from '../kafka/admin.js';
import { partitionKey } from '../kafka/reader.js';
import { archiveUnitsByPartition } from '../replay/coverage.js';
import type { JobPace } from '../replay/pace.js';
import type { PlannedJob, ReplayLog } from '../replay/pipeline.js';
import { clipSegments, coveredRanges, missingRanges } from '../replay/segments.js';
import type { UnitState } from '../replay/units.js';
import type { Decoder } from '../sources/source.js';
import type { ArchiveReplayLog } from './archive-replay-log.js';
import { type CollectContext, collectMissing, type MissingRange } from './group-collector.js';
import { surveyLog } from './kafka-survey.js';
import { archiveLayout, COLLECT_PREFIX, jobLayout } from './layout.js';

export interface KafkaReplayLogOptions extends CollectContext {
  readonly admin: LogAdmin;
  readonly archiveLog: ArchiveReplayLog;
  /** The decoder of the sources that a job pins. */
  readonly decoderFor: (spec: FrozenSpec) => Promise<() => Decoder>;
}

export class KafkaReplayLog implements ReplayLog {
  readonly #options: KafkaReplayLogOptions;

  constructor(options: KafkaReplayLogOptions) {
    this.#options = options;
  }

  async planPartitions(spec: FrozenSpec): Promise<{ partitions: PartitionPlan[]; bytesPerRecord: number }> {
    const { admin, unitLog, decoderFor, config, archiveLog } = this.#options;
    if (spec.source === 'archive') return archiveLog.planPartitions(spec);
    const shared = (await decoderFor(spec))();
    return surveyLog(
      {
        admin,
        unitLog,
        decoderOf: () => shared,
        sampleRecords: config.replay.skewSampleRecords,
      },
      spec,
    );
  }

  async prepare(job: PlannedJob): Promise<void> {
    const { admin } = this.#options;
    const offsets = job.plan.partitions
      .filter((partition) => partition.toCollect.length > 0)
      .map(({ topic, partition, toCollect }) => ({ topic, partition, offset: BigInt(toCollect[0]![0]) }));
    // Members already there: another coordinator has prepared the group, and workers collect.
    if (offsets.length === 0 || (await admin.groupMembers(this.#group(job))) > 0) return;
    await admin.setGroupOffsets(this.#group(job), offsets);
  }

  async collect(job: PlannedJob, pace: JobPace, signal: AbortSignal): Promise<void> {
    const partitions = job.plan.partitions.filter((partition) => partition.toCollect.length > 0);
    const rereads = job.spec.source === 'kafka';
    const ranges = partitions.map(({ topicId, partition, from, to }) => ({
      topicId,
      partition,
      from: BigInt(from),
      to: BigInt(to),
    }));
    await collectMissing(
      { ...this.#options, decoder: await this.#options.decoderFor(job.spec) },
      {
        groupId: this.#group(job),
        topicIds: new Map(partitions.map(({ topic, topicId }) => [topic, topicId])),
        layout: rereads
          ? jobLayout(job.jobId, ranges)
          : archiveLayout(this.#options.config.collect.slotOffsets),
        target: rereads
          ? { table: 'replay_events', jobId: job.jobId, stage: 'collected' }
          : { table: 'audit_events' },
        pace,
        missing: () => this.#missing(job, partitions),
      },
      signal,
    );
  }

  async cleanUp(job: PlannedJob): Promise<void> {
    if (job.plan.group !== null)
      await this.#options.admin.deleteGroup(this.#group(job)).catch(() => undefined);
  }

  /** The first range of each partition that the plan wants and the unit log does not have. */
  async #missing(job: PlannedJob, partitions: readonly PartitionPlan[]): Promise<Map<string, MissingRange>> {
    const missing = new Map<string, MissingRange>();
    const units = await this.#units(job, partitions);
    for (const plan of partitions) {
      const own = units.get(`${plan.topicId}/${plan.partition}`) ?? [];
      const covered = coveredRanges(clipSegments(own, { from: 0n, to: 1n << 63n }));
      for (const [from, to] of plan.toCollect) {
        const [first] = missingRanges(covered, { from: BigInt(from), to: BigInt(to) });
        if (first === undefined) continue;
        missing.set(partitionKey(plan.topic, plan.partition), {
          topic: plan.topic,
          topicId: plan.topicId,
          partition: plan.partition,
          logStart: BigInt(plan.logStart),
          from: first[0],
          to: first[1],
        });
        break;
      }
    }
    return missing;
  }

  /** Units by `topicId/partition`: one read, however many partitions there are. */
  async #units(job: PlannedJob, partitions: readonly PartitionPlan[]): Promise<Map<string, UnitState[]>> {
    const { unitLog } = this.#options;
    if (job.spec.source !== 'kafka') {
      return archiveUnitsByPartition(
        unitLog,
        partitions.map(({ topicId }) => topicId),
      );
    }
    const own = await unitLog.readScope(job.jobId, COLLECT_PREFIX);
    return new Map([...own].map(([unit, state]) => [unit.slice(COLLECT_PREFIX.length), [state]]));
  }

  #group(job: PlannedJob): string {
    return `${this.#options.config.kafka.groupPrefix}.${job.jobId}`;
  }
}
