/**
 * What a source promises to the collect stage, whatever log it reads.
 */

import type { ErrorCode } from '../../schemas/errors.js';
import type { AuditEvent, RawRecord } from '../../schemas/event.js';
import type { EventPlaces } from './event-places.js';
import type { LogRecords, RecordPart } from './log-records.js';

/**
 * A contiguous step of one partition: every committed record with from ≤ offset < to, in offset order. `to` also moves
 * over control records, aborted records and compacted gaps, so that from..to tiles the range without holes.
 * A batch may hold no record at all. The list belongs to the receiver until it resolves.
 */
export interface LogBatch {
  readonly topicId: string;
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  readonly to: bigint;
  readonly records: LogRecords;
}

/** The outcome of decoding one record. A failure is a value: the record is archived raw with its reason. */
export type Decoded =
  | { readonly ok: true; readonly events: readonly AuditEvent[]; readonly schemaId: number }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly schemaId: number };

/**
 * Turns records into audit events. `prepare` does all waiting (schemas by id, single flight) for a batch, so that
 * `decode` is synchronous. `prepare` rejects only with retryable codes (registry_unavailable): the partition waits,
 * the process does not.
 */
export interface Decoder {
  prepare(records: LogRecords): Promise<void>;
  decode(record: RawRecord): Decoded;
  /**
   * The short way of a decoder that has one: finds the event of record `i` in the record's own bytes and says where its
   * fields lie. False: take `decode`, which gives the same event, or says why there is none.
   */
  locate?(records: LogRecords, part: RecordPart, i: number, places: EventPlaces): boolean;
}
