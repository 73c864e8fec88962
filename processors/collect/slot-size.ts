/**
 * The slot size names the archive's units, so a database keeps the one it began with: the first row of this pseudo unit
 * says it, and a configuration that differs is refused before it writes anything.
 */
import { RewindError } from '../../schemas/errors.js';
import { newClaimId, type UnitLog } from '../store/unit-log.js';
import { ARCHIVE_SCOPE } from './layout.js';

const UNIT = 'slot-offsets';

/** Rejects with config_invalid where the archive was begun with another size. */
export async function fixSlotOffsets(unitLog: UnitLog, slotOffsets: number, worker: string): Promise<void> {
  let known = (await unitLog.read(ARCHIVE_SCOPE, UNIT)).position;
  if (known === null) {
    const claim = newClaimId();
    await unitLog.append([
      { scope: ARCHIVE_SCOPE, unit: UNIT, kind: 'claim', claim, worker, from: BigInt(slotOffsets) },
    ]);
    known = (await unitLog.read(ARCHIVE_SCOPE, UNIT)).position;
  }
  if (known !== BigInt(slotOffsets)) {
    throw new RewindError(
      'config_invalid',
      `collect.slotOffsets is ${slotOffsets}, and this archive was begun with ${known}`,
      { pointer: '/collect/slotOffsets' },
    );
  }
}
