/**
 * The output topics of a run while its states are followed: which ones, and the marker of each step, which names the claim
 * under which the step's records count. The same step gives the same markers, whoever writes them.
 */
import type { Config } from '../../schemas/config.js';
import type { KafkaSettings } from '../kafka/client.js';
import { OutputProducer } from '../kafka/output-producer.js';
import type { SchemaRegistry } from '../kafka/registry.js';
import type { StepTopics as Contract } from '../replay/pipeline.js';
import { AvroValue } from './avro-value.js';
import { type EmittedTopic, type StepMarker, toldBySteps } from './emitting.js';
import { totalRows } from './end-marker.js';
import { stepHeaders } from './headers.js';
import { outputSchemaId } from './output-schema.js';
import { partitionTotal } from './tally.js';

const STEP_SCHEMA = 'avro/replay-step.avsc';

export class StepTopics implements Contract {
  readonly #config: Pick<Config, 'outputs' | 'registry'>;
  readonly #settings: KafkaSettings;
  readonly #registry: SchemaRegistry;

  constructor(
    config: Pick<Config, 'outputs' | 'registry'>,
    settings: KafkaSettings,
    registry: SchemaRegistry,
  ) {
    this.#config = config;
    this.#settings = settings;
    this.#registry = registry;
  }

  /** The topics with the schema of their markers as endSchemaId. Errors: schema_unknown, registry_unavailable. */
  async prepare(topics: readonly EmittedTopic[]): Promise<EmittedTopic[]> {
    const parts = { config: this.#config, registry: this.#registry };
    return Promise.all(
      topics.filter(toldBySteps).map(async (topic) => {
        const subject = `${topic.topic}-io.rewind.replay.ReplayStep`;
        return { ...topic, endSchemaId: await outputSchemaId(parts, subject, STEP_SCHEMA) };
      }),
    );
  }

  /** Resolves when the markers are acknowledged. Written twice they say the same twice. */
  async mark(topics: readonly EmittedTopic[], marker: StepMarker): Promise<void> {
    const producer = await OutputProducer.open(this.#settings, topics, this.#config.outputs);
    try {
      for (const topic of topics) {
        for (let partition = 0; partition < topic.partitions; partition++) {
          producer.add(topic.topic, partition, markerRecord(topic, partition, marker));
          if (producer.full) await producer.start();
        }
      }
      await producer.flush();
    } finally {
      await producer.close();
    }
  }
}

function markerRecord(topic: EmittedTopic, partition: number, marker: StepMarker) {
  const { run, step, atMs } = marker;
  const id = `${step.setId}/${step.step}/${topic.output}/${partition}`;
  return {
    key: Buffer.from(run.jobId),
    value: markerValue(topic, partition, marker),
    timestampMs: atMs,
    headers: [stepHeaders(run, topic.output, step, id, new Date(atMs).toISOString())],
  };
}

function markerValue(topic: EmittedTopic, partition: number, { run, step, unit, gap }: StepMarker): Buffer {
  const { rows, digest } = partitionTotal([unit], topic.output, partition);
  const value = new AvroValue().begin(Buffer.alloc(0), topic.endSchemaId);
  value.text(run.jobId).text(run.tenantId).text(step.setId).text(topic.output).text(topic.topic);
  value.int(partition).int(topic.partitions).long(BigInt(step.step)).boolean(gap);
  value
    .text(unit.unit)
    .text(unit.claim)
    .int(rows)
    .text(digest)
    .int(totalRows(topic, [unit]));
  return Buffer.from(value.value);
}
