/**
 * Fills a topic with the events that every contestant of a run reads: seeded, in registry Avro, keyed by entity, with
 * the event's own time as record time, uncompressed. Batches are as large as a broker takes them by default.
 */
import type { Message } from 'kafkajs';
import type { GeneratedEvent } from '../processors/generate/event.js';
import { type ScaleEntry, scaleEvents } from '../processors/generate/scale.js';
import { encodeAuditEvent } from '../processors/sources/avro-encoder.js';
import { auditEventSchema } from '../processors/sources/schema-files.js';
import { type BenchCluster, benchClient, withAdmin } from './cluster.js';

/** 2023-11-14T22:13:20Z. */
const START_NS = 1_700_000_000_000_000_000n;
/** Two million events then span eleven days: a history, as our users have it. */
const STEP_NS = 500_000_000n;
/** Below the broker's default limit of 1 MB for a batch; kafkajs makes one batch of what a request holds per partition. */
const BATCH_BYTES = 800_000;
/** What a record takes in a batch besides key and value, at most. */
const RECORD_OVERHEAD = 32;

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
  const schemaId = await registerSchema(cluster.registryUrl, `${topic}-value`);
  await createBenchTopic(cluster.brokers, topic, partitions);
  const producer = benchClient(cluster.brokers).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  let bytes = 0;
  let sizes = new Array<number>(partitions).fill(0);
  let messages: Message[] = [];
  // One request is under way while the next is made: the order of a partition's records stays.
  let sending: Promise<unknown> = Promise.resolve();
  const flush = async () => {
    await sending;
    sending = producer.send({ topic, acks: -1, messages });
    // Awaited above and below; a failure in between must not count as unhandled.
    sending.catch(() => {});
    messages = [];
    sizes = new Array<number>(partitions).fill(0);
  };
  try {
    for (const { event, partition } of benchEvents(options)) {
      const key = Buffer.from(event.keyText ?? '');
      const value = encode(event, schemaId);
      const size = key.length + value.length;
      if (sizes[partition]! + size + RECORD_OVERHEAD > BATCH_BYTES) await flush();
      sizes[partition]! += size + RECORD_OVERHEAD;
      bytes += size;
      messages.push({ key, value, partition, timestamp: (event.occurredAtNs / 1_000_000n).toString() });
    }
    await flush();
    await sending;
  } finally {
    await producer.disconnect();
  }
  return { schemaId, bytes };
}

function encode(event: GeneratedEvent, schemaId: number): Buffer {
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

/** Registers the Avro schema of AuditEvent under a subject; the id it has there. */
async function registerSchema(registryUrl: string, subject: string): Promise<number> {
  const answer = await fetch(`${registryUrl}/subjects/${encodeURIComponent(subject)}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schemaType: 'AVRO', schema: auditEventSchema() }),
    signal: AbortSignal.timeout(30_000),
  });
  if (!answer.ok) throw new Error(`the registry answered ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { id: number }).id;
}
