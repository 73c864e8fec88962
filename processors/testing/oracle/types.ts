/**
 * What goes into the oracle and what comes out. The oracle reads the documents, not the pipeline: it imports types of
 * `schemas/` and nothing else, and trades all speed for being plain.
 */
import type { Encoding } from '../../../schemas/encoding.js';
import type { JobCounters, JobFilters } from '../../../schemas/job.js';

/** An event as it was sent; texts left out are undefined or empty. */
export interface SentEvent {
  readonly tenantId: string;
  readonly eventId?: string;
  readonly eventType: string;
  readonly entityType?: string;
  readonly entityId?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly severity?: string;
  readonly occurredAtNs: bigint;
  readonly decisionJson?: string;
  readonly payloadJson: string;
}

/** One record of the log as it was produced. */
export interface SentRecord {
  readonly topicId: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly recordTimeMs: bigint;
  /** null: bytes that cannot be decoded, or a tombstone. */
  readonly event: SentEvent | null;
}

export interface OracleJob {
  readonly tenantId: string;
  /** Both ends belong to the range. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly filters: JobFilters;
  readonly ordering: 'event_time' | 'log';
  readonly snapshots: 'all' | 'changed' | 'final';
  readonly onFailure: 'skip' | 'stop_entity';
  readonly encoding: Encoding;
  /** Encoding version 1: says which entity an event belongs to, whatever encoding the job uses. */
  readonly builtIn: Encoding;
}

export interface Place {
  readonly topicId: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly n: number;
}

export interface OracleSnapshot extends Place {
  readonly entityType: string;
  readonly entityId: string;
  readonly foldSeq: number;
  readonly eventId: string;
  readonly eventType: string;
  readonly occurredAtNs: bigint;
  /** Canonical JSON texts. */
  readonly stateBefore: string;
  readonly stateAfter: string;
  readonly diff: string;
  readonly changes: number;
  readonly exists: boolean;
}

export interface OracleLetter extends Place {
  readonly kind: 'failed' | 'conflict';
  readonly stage: 'decode' | 'fold';
  /** Empty for records that did not decode: which code they get is the decoder's business. */
  readonly code: '' | 'entity_id_missing' | 'operation_failed' | 'event_id_conflict';
  readonly eventId: string;
  readonly eventType: string;
  readonly entityType: string;
  readonly entityId: string;
}

export interface OracleResult {
  /** In timeline order: occurred_at, event_id bytewise, n. The place in the list is the timeline index. */
  readonly snapshots: readonly OracleSnapshot[];
  /** By place. */
  readonly letters: readonly OracleLetter[];
  readonly counters: JobCounters;
}
