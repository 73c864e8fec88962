/**
 * What the group reader promises to the collect stage, and what it asks of it. reader.ts implements it.
 */
import type { RewindError } from '../../schemas/errors.js';
import type { LogBatch } from '../sources/source.js';
import type { KafkaSettings } from './client.js';

export interface AssignedPartition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
}

/** `from` inclusive, `to` exclusive; null: live, without end. */
export interface ReadRange {
  readonly from: bigint;
  readonly to: bigint | null;
}

export interface GroupReaderOptions extends KafkaSettings {
  /** Its offsets are set, and it has no foreign members: see LogAdmin.setGroupOffsets. */
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Topic ids of a frozen plan: a topic with another id fails with topic_recreated. */
  readonly topicIds?: ReadonlyMap<string, string>;
  /** Batches delivered at once, of different partitions. Default 4. */
  readonly concurrency?: number;
  /** Most records of one step, asked before each: small steps keep a slow pace even. Default: as many as are good. */
  stepRecords?(): number;
  /** The broker's quota is used up: nothing is fetched from it for so many milliseconds. */
  onThrottled?(ms: number): void;
  /**
   * After each rebalance, with all that this member holds: claims, and answers where to read (by partitionKey). What is
   * left out is not read. Nothing is delivered before it resolves; when it rejects the reader fails.
   */
  onAssigned(assigned: readonly AssignedPartition[]): Promise<ReadonlyMap<string, ReadRange>>;
  /**
   * The next step of a partition: in order and one at a time for one partition, at once for up to `concurrency` of them.
   * Awaited: that is the backpressure. When it rejects the reader fails; claim_lost drops the partition alone.
   * The buffers belong to the receiver until it resolves.
   */
  onBatch(batch: LogBatch): Promise<void>;
  /** Before onAssigned, with what was held until now; no delivery is under way. */
  onRevoked(revoked: readonly AssignedPartition[]): Promise<void>;
  /** Once, before `done` rejects with the same error. */
  onError?(error: RewindError): void;
}

export interface GroupReader {
  /** Leaves the group after the deliveries under way; then `done` resolves. */
  close(): Promise<void>;
  /**
   * Resolves after close; a reader whose ranges are finished stays a member, as a rebalance may bring more.
   * Rejects with range_expired, topic_recreated, topic_not_found, log_stalled, batch_corrupt, batch_too_large,
   * codec_unsupported, log_unavailable, preflight_failed, or what a callback threw.
   */
  readonly done: Promise<void>;
}
