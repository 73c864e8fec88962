/**
 * The output topics of runs, as the coordinator sees them: what a plan says of them, what is frozen before the first
 * record, and the end markers. The records themselves are written by workers (task-emit.ts).
 */
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import type { FrozenSpec } from '../../schemas/job.js';
import type { FrozenOutput, OutputName, OutputPlan } from '../../schemas/output.js';
import type { LogAdmin, PartitionOffsets } from '../kafka/admin.js';
import type { KafkaSettings } from '../kafka/client.js';
import { OutputProducer } from '../kafka/output-producer.js';
import type { SchemaRegistry } from '../kafka/registry.js';
import type { BoundJob, OutputStage, PlannedJob, UnitRange } from '../replay/pipeline.js';
import type { TaskCounters } from '../replay/tasks.js';
import {
  type EmittedTopic,
  type EmittingBody,
  type EmitUnit,
  OUTPUT_PREFIX,
  type SealedUnit,
} from './emitting.js';
import { endValue } from './end-marker.js';
import { endHeaders } from './headers.js';
import { outputSchemaId } from './output-schema.js';
import { StepTopics } from './step-topics.js';

/** Bytes of a record beside what the entity or event itself says: names, ids, headers. */
const RECORD_BYTES: Readonly<Record<OutputName, number>> = {
  snapshots: 900,
  diffs: 750,
  decisions: 700,
  events: 600,
};
const SCHEMAS: Readonly<Record<OutputName, string | null>> = {
  snapshots: 'avro/replay-snapshot.avsc',
  diffs: 'avro/replay-diff.avsc',
  decisions: 'avro/replay-decision.avsc',
  events: null,
};
const END_SCHEMA = 'avro/replay-end.avsc';
/** Largest batch that a topic of ours takes: states may be larger than the broker's default of one megabyte. */
const BATCH_MAX_BYTES = 16 << 20;

export interface OutputTopicsOptions {
  readonly config: Config;
  readonly settings: KafkaSettings;
  readonly admin: LogAdmin;
  readonly registry: SchemaRegistry;
}

export class OutputTopics implements OutputStage {
  readonly steps: StepTopics;
  readonly #options: OutputTopicsOptions;

  constructor(options: OutputTopicsOptions) {
    this.#options = options;
    this.steps = new StepTopics(options.config, options.settings, options.registry);
  }

  /** What the job would write. Without effect. */
  async plan(spec: FrozenSpec, rows: bigint): Promise<OutputPlan[]> {
    return Promise.all(emittedOutputs(spec).map((output) => this.#planTopic(output, rows)));
  }

  async #planTopic({ output, topic }: FrozenOutput, rows: bigint): Promise<OutputPlan> {
    const { outputs } = this.#options.config;
    const found = await this.#offsets(topic);
    const estimate = {
      output,
      topic,
      rows: rows.toString(),
      bytes: (rows * BigInt(RECORD_BYTES[output])).toString(),
    };
    if (found === null) {
      const warnings = outputs.createTopics ? [] : ['the topic is missing, and outputs.createTopics is off'];
      return { ...estimate, exists: false, partitions: outputs.partitions, recordsBefore: '0', warnings };
    }
    let before = 0n;
    for (const { earliest, latest } of found) before += latest - earliest;
    return {
      ...estimate,
      exists: true,
      partitions: found.length,
      recordsBefore: before.toString(),
      warnings: await this.#warnings(topic, before),
    };
  }

  async #warnings(topic: string, before: bigint): Promise<string[]> {
    const settings = await this.#options.admin.topicSettings(topic);
    const warnings: string[] = [];
    if (before > 0n)
      warnings.push(`holds ${before} records already: read by header replay-run-id, or name another prefix`);
    if (settings.retentionMs >= 0n && settings.timestampType === 'CreateTime')
      warnings.push('retention: old event times are deleted within minutes; set retention.ms=-1');
    if (settings.cleanupPolicy.includes('compact'))
      warnings.push('compacted: only the last record of an entity stays, and counts no longer hold');
    return warnings;
  }

  /** Topics made, schemas registered, where each partition ends now. Errors: output_topic_missing, schema_unknown. */
  async prepare(job: PlannedJob, foldUnits: readonly UnitRange[]): Promise<EmittingBody> {
    const topics: EmittedTopic[] = [];
    for (const output of emittedOutputs(job.spec)) topics.push(await this.#prepareTopic(output));
    const rows = topics.some(({ output }) => output !== 'events');
    const units: EmitUnit[] = rows
      ? foldUnits.map((range) => ({ ...range, unit: `${OUTPUT_PREFIX}${range.unit.split('/')[1]}` }))
      : [];
    if (topics.some(({ output }) => output === 'events')) units.push(...eventUnits(job));
    return { topics, units };
  }

  async #prepareTopic({ output, topic }: FrozenOutput): Promise<EmittedTopic> {
    const { admin, config } = this.#options;
    let found = await this.#offsets(topic);
    if (found === null) {
      if (!config.outputs.createTopics)
        throw new RewindError('output_topic_missing', `there is no topic ${topic}`);
      await admin.createTopic({
        topic,
        partitions: config.outputs.partitions,
        replicationFactor: config.kafka.replicationFactor,
        config: {
          'message.timestamp.after.max.ms': '9223372036854775807',
          'max.message.bytes': String(BATCH_MAX_BYTES),
        },
      });
      found = await this.#offsets(topic);
    }
    const [first] = found ?? [];
    if (found === null || first === undefined)
      throw new RewindError('output_topic_missing', `topic ${topic} is gone`);
    const file = SCHEMAS[output];
    return {
      output,
      topic,
      topicId: first.topicId,
      partitions: found.length,
      startOffsets: found.map(({ latest }) => latest.toString()),
      schemaId: file === null ? -1 : await outputSchemaId(this.#options, `${topic}-value`, file),
      endSchemaId: await outputSchemaId(this.#options, `${topic}-io.rewind.replay.ReplayEnd`, END_SCHEMA),
    };
  }

  /** By partition; null: there is no such topic. */
  async #offsets(topic: string): Promise<PartitionOffsets[] | null> {
    try {
      return await this.#options.admin.offsets([topic]);
    } catch (error) {
      if (error instanceof RewindError && error.code === 'topic_not_found') return null;
      throw error;
    }
  }

  /** Writes the end markers; the counters say where each stands. Written twice they say the same twice. */
  async writeEnds(
    job: BoundJob,
    body: EmittingBody,
    units: readonly SealedUnit[],
    time: string,
  ): Promise<TaskCounters> {
    const { settings, config } = this.#options;
    const run = { jobId: job.jobId, tenantId: job.tenantId, jobType: job.spec.jobType };
    const producer = await OutputProducer.open(settings, body.topics, config.outputs);
    try {
      for (const topic of body.topics) {
        for (let partition = 0; partition < topic.partitions; partition++) {
          const id = `${job.jobId}/${topic.output}/${partition}`;
          producer.add(topic.topic, partition, {
            key: Buffer.from(job.jobId),
            value: endValue(run, topic, partition, units),
            timestampMs: Date.parse(time),
            headers: [endHeaders(run, topic.output, id, time)],
          });
          if (producer.full) await producer.start();
        }
      }
      await producer.flush();
      const counters: Record<string, number> = {};
      for (const topic of body.topics) {
        for (let partition = 0; partition < topic.partitions; partition++)
          counters[`${topic.output}.${partition}.end`] = Number(producer.lastBase(topic.topic, partition));
      }
      return counters;
    } finally {
      await producer.close();
    }
  }
}

/** What the job really writes to: a DryRun to no topic. */
export function emittedOutputs(spec: FrozenSpec): readonly FrozenOutput[] {
  return spec.jobType === 'DryRun' ? [] : (spec.outputs ?? []);
}

/** A unit for each partition that the plan looks at. */
function eventUnits(job: PlannedJob): EmitUnit[] {
  return job.plan.partitions
    .filter(({ from, to }) => BigInt(from) < BigInt(to))
    .map(({ topicId, partition, from, to }, i) => ({
      unit: `${OUTPUT_PREFIX}events/${String(i).padStart(4, '0')}`,
      lo: from,
      hi: to,
      source: { topicId, partition },
    }));
}
