/**
 * Fills a topic with the events that every contestant of a run reads: seeded, in registry Avro, keyed by entity, with
 * the event's own time as record time, uncompressed. Batches are as large as a broker takes them by default.
 */
import type { GeneratedEvent } from '../processors/generate/event.js';
import { type ScaleEntry, scaleEvents } from '../processors/generate/scale.js';
import { encodeAuditEvent } from '../processors/sources/avro-encoder.js';
import { auditEventSchema } from '../processors/sources/schema-files.js';
import { type BenchCluster, benchClient, registerSchema, withAdmin } from './cluster.js';
import { BatchWriter } from './record-batch-writer.js';

/** 2023-11-14T22:13:20Z. */
const START_NS = 1_700_000_000_000_000_000n;
/** Two million events then span eleven days: a history, as our users have it. */
const STEP_NS = 500_000_000n;

export interface BenchEvents {
  readonly events: number;
  readonly entities: number;
  readonly partitions: number;
  readonly seed: number;
}

/** The events of a run, in the order of their times: the same for the topic and for the oracle. */
export function benchEvents({ events, entities, partitions, seed }: BenchEvents): Generator<ScaleEntry> {
  return scaleEvents({ seed, events, entities, partitions, startNs: START_NS, stepNs: STEP_NS });
}

/** Nanoseconds since 1970: the first event and the end of the range, which is after the last one. */
export function benchRange(events: number): { readonly fromNs: bigint; readonly toNs: bigint } {
  return { fromNs: START_NS, toNs: START_NS + STEP_NS * BigInt(events) };
}

/** Creates a topic that keeps what it gets, whatever its record times, and waits until it can be written. */
export async function createBenchTopic(
  brokers: readonly string[],
  topic: string,
  partitions: number,
): Promise<void> {
  await withAdmin(brokers, async (admin) => {
    await admin.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic,
          numPartitions: partitions,
          replicationFactor: 1,
          configEntries: [{ name: 'retention.ms', value: '-1' }],
        },
      ],
    });
  });
}

/**
 * Creates `topic`, registers AuditEvent as its value schema and appends all events. `bytes` is the sum of keys and
 * values.
 */
export async function fillTopic(
  cluster: Pick<BenchCluster, 'brokers' | 'registryUrl'>,
  options: BenchEvents & { readonly topic: string },
): Promise<{ readonly schemaId: number; readonly bytes: number }> {
  const { topic, partitions } = options;
  const schemaId = await registerSchema(cluster.registryUrl, `${topic}-value`, auditEventSchema());
  await createBenchTopic(cluster.brokers, topic, partitions);
  const writer = await BatchWriter.open(benchClient(cluster.brokers), topic, partitions);
  let bytes = 0;
  try {
    for (const { event, partition } of benchEvents(options)) {
      const key = Buffer.from(event.keyText ?? '');
      const value = encode(event, schemaId);
      bytes += key.length + value.length;
      await writer.append(partition, key, value, Number(event.occurredAtNs / 1_000_000n));
    }
  } finally {
    await writer.close();
  }
  return { schemaId, bytes };
}

/** A generated event as a record value: registry Avro under `schemaId`. */
export function encode(event: GeneratedEvent, schemaId: number): Buffer {
  return encodeAuditEvent(
    {
      eventId: event.eventId ?? '',
      tenantId: event.tenantId,
      eventType: event.eventType,
      entityType: event.entityType ?? '',
      entityId: event.entityId ?? '',
      actor: event.actor ?? '',
      action: event.action ?? '',
      severity: event.severity ?? '',
      occurredAtNs: event.occurredAtNs,
      decision: event.decisionJson ?? '',
      payload: event.payloadJson,
    },
    schemaId,
  );
}
