/**
 * One decoded event as places in its record's bytes, filled anew for each record: what a decoder's short way hands to
 * the archive's writer, so that bytes are copied from the fetched batch to the columns without an object in between.
 */
import type { FixedBytes } from '../snapshots/byte-block.js';

/** Where a writer's field goes. Text slots come first and number arrays of texts. */
export const SLOTS = [
  'event_id',
  'tenant_id',
  'event_type',
  'entity_type',
  'entity_id',
  'actor',
  'action',
  'severity',
  'decision',
  'payload',
  'occurred_at',
] as const;
export const EVENT_ID = 0;
export const TENANT_ID = 1;
export const EVENT_TYPE = 2;
export const ENTITY_TYPE = 3;
export const ENTITY_ID = 4;
export const ACTOR = 5;
export const ACTION = 6;
export const SEVERITY = 7;
export const DECISION = 8;
export const PAYLOAD = 9;
export const OCCURRED_AT = 10;

/** Members of a canonical JSON object: names with their quotes, and values. */
export class MemberPlaces {
  count = 0;
  /** Four places a member: start and end of its name, start and end of its value. */
  places = new Int32Array(4 * 32);

  add(nameStart: number, nameEnd: number, end: number): void {
    let at = 4 * this.count++;
    if (at === this.places.length) {
      const larger = new Int32Array(at * 2);
      larger.set(this.places);
      this.places = larger;
    }
    this.places[at++] = nameStart;
    this.places[at++] = nameEnd;
    // One colon lies between.
    this.places[at++] = nameEnd + 1;
    this.places[at] = end;
  }
}

export class EventPlaces {
  /** By slot; an empty text begins and ends at 0. All lie in the bytes of the record's part. */
  readonly starts = new Int32Array(OCCURRED_AT);
  readonly ends = new Int32Array(OCCURRED_AT);
  /** Nanoseconds since 1970, as the words of a 64-bit number. */
  occurredLow = 0;
  occurredHigh = 0;
  readonly members = new MemberPlaces();
  /** The entity type that the event type decides; null: as the event declares it, in ENTITY_TYPE. */
  entityType: FixedBytes | null = null;
  schemaId = -1;
  /**
   * The record's value is what its writer schema makes of these fields again, byte for byte, with null for an empty
   * text wherever the schema allows it: see raw-record.ts.
   */
  encoded = false;
}
