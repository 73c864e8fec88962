/**
 * Events for benchmarks: as many as asked for, over as many entities, six tracked fields, about 250 bytes each. The
 * shape never changes with the size, so that figures of different sizes compare.
 */
import type { Encoding } from '../../schemas/encoding.js';
import type { GeneratedEvent } from './event.js';
import { Prng } from './prng.js';

export interface ScaleOptions {
  readonly seed: number;
  readonly events: number;
  readonly entities: number;
  readonly partitions: number;
  /** Time of the first event, nanoseconds since 1970. */
  readonly startNs: bigint;
  /** Time between two events, nanoseconds. */
  readonly stepNs: bigint;
}

export interface ScaleEntry {
  readonly event: GeneratedEvent;
  /** The entity decides: its events stay in one partition, in order. */
  readonly partition: number;
}

export const SCALE_TENANT = 'scale';

/** Folds what this file generates: six tracked fields. */
export const SCALE_ENCODING: Encoding = {
  name: 'scale',
  entity: 'envelope',
  rules: [
    {
      match: 'device.*',
      track: {
        status: '/status',
        owner: '/owner',
        firmware: '/firmware',
        temperature: '/temperature',
        uptime: '/uptime',
        alerts: '/alerts',
      },
    },
  ],
};

const STATUS = ['online', 'offline', 'degraded', 'updating'];

/** One event at a time, in event-time order; nothing is kept but the generator's own few numbers. */
export function* scaleEvents(options: ScaleOptions): Generator<ScaleEntry> {
  const { seed, events, entities, partitions, startNs, stepNs } = options;
  const prng = new Prng(seed, 3);
  let at = startNs;
  for (let i = 0; i < events; i++) {
    const entity = prng.int(0, entities - 1);
    // Keys in canonical order, as a careful producer writes them: decoding then takes its short way.
    const payloadJson =
      `{"alerts":${prng.int(0, 3)},"firmware":"4.${prng.int(0, 9)}.${prng.int(0, 99)}","owner":"team-${prng.int(0, 499)}"` +
      `,"status":"${prng.pick(STATUS)}","temperature":${prng.int(150, 900) / 10},"uptime":${prng.int(0, 9_999_999)}}`;
    const entityId = entityName(entity);
    const event: GeneratedEvent = {
      tenantId: SCALE_TENANT,
      eventId: prng.uuid(),
      eventType: 'device.reported',
      entityType: 'device',
      entityId,
      actor: `agent-${prng.int(0, 99)}`,
      action: 'report',
      severity: 'info',
      occurredAtNs: at,
      payloadJson,
      keyText: entityId,
    };
    yield { event, partition: entity % partitions };
    at += stepNs;
  }
}

/** Ids are spread over the key space as random ones are, yet follow from the number. */
function entityName(entity: number): string {
  const mixed = Math.imul(entity ^ (entity >>> 16), 0x45d9f3b) >>> 0;
  return `dev-${mixed.toString(16).padStart(8, '0')}-${entity.toString(36)}`;
}
