/**
 * How offsets map to collect units. The archive is cut into aligned slots of a partition, so that whoever needs a range
 * (a job, the live archiver, another job) works on the same units and ranges never overlap. A job that reads the log
 * again into its own table has one unit per partition.
 */

export interface CollectUnit {
  readonly unit: string;
  readonly start: bigint;
  /** Exclusive; the manifest that reaches it seals the unit. */
  readonly end: bigint;
}

export interface CollectLayout {
  readonly scope: string;
  unitAt(topicId: string, partition: number, offset: bigint): CollectUnit;
}

export const ARCHIVE_SCOPE = 'archive';

export function archiveLayout(slotOffsets: number): CollectLayout {
  const size = BigInt(slotOffsets);
  return {
    scope: ARCHIVE_SCOPE,
    unitAt(topicId, partition, offset) {
      const slot = offset / size;
      return {
        unit: `${archivePartitionPrefix(topicId, partition)}${slot.toString().padStart(14, '0')}`,
        start: slot * size,
        end: (slot + 1n) * size,
      };
    },
  };
}

/** Prefix of the archive units of one partition; they sort by slot. */
export function archivePartitionPrefix(topicId: string, partition: number): string {
  return `${topicId}/${partition}/`;
}

/** The first offset of the slot that an archive unit's name stands for. */
export function archiveSlotStart(unit: string, slotOffsets: number): bigint {
  return BigInt(unit.slice(unit.lastIndexOf('/') + 1)) * BigInt(slotOffsets);
}

export interface FrozenRange {
  readonly topicId: string;
  readonly partition: number;
  readonly from: bigint;
  readonly to: bigint;
}

export function jobLayout(jobId: string, ranges: readonly FrozenRange[]): CollectLayout {
  const units = new Map(
    ranges.map((range) => [
      `${range.topicId}/${range.partition}`,
      { unit: collectUnitName(range.topicId, range.partition), start: range.from, end: range.to },
    ]),
  );
  return {
    scope: jobId,
    unitAt(topicId, partition) {
      const unit = units.get(`${topicId}/${partition}`);
      if (unit === undefined) throw new RangeError(`partition ${topicId}/${partition} is not in the plan`);
      return unit;
    },
  };
}

export const COLLECT_PREFIX = 'collect/';

export function collectUnitName(topicId: string, partition: number): string {
  return `${COLLECT_PREFIX}${topicId}/${partition}`;
}
