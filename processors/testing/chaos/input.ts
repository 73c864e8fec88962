/**
 * The input of the chaos runs: benchmark-shaped events with what must be counted exactly once mixed in: repeated
 * records, event ids with two bodies, events that no increment can take, and bytes that do not decode.
 */
import type { Encoding } from '../../../schemas/encoding.js';
import { SCALE_TENANT, scaleEvents } from '../../generate/scale.js';
import type { LogAppender } from '../../replay/service.js';
import { formatRfc3339Ns } from '../../sources/time.js';
import type { Rewind } from '../../topology.js';

export const CHAOS_TENANT = SCALE_TENANT;
const START_NS = 1_700_000_000_000_000_000n;
const STEP_NS = 1_000_000n;
const APPEND_RECORDS = 5_000;

/** Tracked fields, and a sum over an entity's whole history: an event lost or folded twice changes every later state. */
export const CHAOS_ENCODING: Encoding = {
  name: 'chaos',
  entity: 'envelope',
  rules: [
    {
      match: 'device.*',
      track: { status: '/status', owner: '/owner', firmware: '/firmware' },
      operations: [
        { op: 'increment', field: 'total', by: '/uptime' },
        { op: 'increment', field: 'events', by: 1 },
      ],
    },
  ],
};

/** What the generator mixed in; the counters of every run must say the same. */
export interface ChaosInput {
  readonly records: number;
  readonly events: number;
  readonly duplicates: number;
  readonly conflicts: number;
  /** Events whose increment is not a number. */
  readonly poison: number;
  readonly undecodable: number;
}

type Records = Parameters<LogAppender['append']>[0][number][];

/** Appends `events` distinct events and the mixed-in records through the pipeline's own intake. */
export async function appendInput(rewind: Rewind, events: number, entities: number): Promise<ChaosInput> {
  const input = { records: 0, events, duplicates: 0, conflicts: 0, poison: 0, undecodable: 0 };
  let batch: Records = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await rewind.appender.append(batch);
    input.records += batch.length;
    batch = [];
  };
  const record = (body: object): Records[number] => {
    const parsed = rewind.parseEvent(Buffer.from(JSON.stringify(body)), CHAOS_TENANT);
    if (!parsed.ok) throw new Error(`${parsed.code}: ${parsed.message}`);
    return parsed.record;
  };
  let i = 0;
  for (const { event } of scaleEvents({
    seed: 7,
    events,
    entities,
    partitions: 1,
    startNs: START_NS,
    stepNs: STEP_NS,
  })) {
    i++;
    const payload = JSON.parse(event.payloadJson) as Record<string, unknown>;
    const poison = i % 1009 === 0;
    if (poison) input.poison++;
    const body = {
      event_id: event.eventId,
      event_type: event.eventType,
      entity_type: event.entityType,
      entity_id: event.entityId,
      occurred_at: formatRfc3339Ns(event.occurredAtNs),
      payload: poison ? { ...payload, uptime: 'broken' } : payload,
    };
    const first = record(body);
    batch.push(first);
    if (i % 97 === 0) {
      batch.push(first);
      input.duplicates++;
    }
    if (i % 397 === 0) {
      batch.push(record({ ...body, payload: { ...payload, status: 'other' } }));
      input.conflicts++;
    }
    if (i % 499 === 0) {
      const timestampMs = event.occurredAtNs / 1_000_000n;
      batch.push({ key: Buffer.from(`garbage-${i}`), value: Buffer.from(`no avro ${i}`), timestampMs });
      input.undecodable++;
    }
    if (batch.length >= APPEND_RECORDS) await flush();
  }
  await flush();
  return input;
}

/** Holds every event of the input. */
export const CHAOS_RANGE = {
  time_range_start: formatRfc3339Ns(START_NS),
  time_range_end: formatRfc3339Ns(START_NS + 86_400_000_000_000n),
} as const;
