/**
 * The vocabulary every stage shares: where a record stands in the log, and what an audit event is.
 * Pure types; the Avro contract beside it is `avro/audit-event.avsc`.
 */

/**
 * Where an event stands. `topicId` is the broker's topic UUID (a recreated topic is another topic),
 * or the embedded log's own id. `n` counts the entities that one record touches, from 0.
 */
export interface Coordinates {
  readonly topicId: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly n: number;
}

/** One record as the log holds it, before any decoding. Buffers belong to the receiver until the next batch. */
export interface RawRecord {
  readonly topicId: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Broker or producer time, milliseconds since 1970. */
  readonly recordTimeMs: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [string, Buffer | null])[];
}

/**
 * An audit event, decoded and canonical. Text fields that a producer left out are empty strings.
 * `payload` and `decision` are canonical JSON text (see processors/sources/canonical-json.ts): two values are equal
 * exactly when their texts are equal, and nobody parses them again to compare.
 */
export interface AuditEvent {
  readonly eventId: string;
  readonly tenantId: string;
  readonly eventType: string;
  /** The entity the event belongs to: by event type (seed 2's table), else as the envelope declares it. Empty: none. */
  readonly entityType: string;
  readonly entityId: string;
  /** What the envelope declared where that differs from entityType; else empty. */
  readonly declaredEntityType: string;
  readonly actor: string;
  readonly action: string;
  readonly severity: string;
  /** Nanoseconds since 1970, within MIN_OCCURRED_AT_NS..MAX_OCCURRED_AT_NS. */
  readonly occurredAtNs: bigint;
  /** Canonical JSON text, or empty where the event carries no decision. */
  readonly decision: string;
  /** Canonical JSON text of an object. */
  readonly payload: string;
}

/** The range of ClickHouse's DateTime64(9): 1900-01-01 to 2262-04-11 (exclusive). It saturates silently beyond. */
export const MIN_OCCURRED_AT_NS = -2_208_988_800_000_000_000n;
export const MAX_OCCURRED_AT_NS = 9_223_372_036_000_000_000n;
