/** The rows of a promoted set that count now: its own, or those of the generation that its follower has come to. */
import type { LiveSet } from '../store/set-states.js';
import type { UnitLog } from '../store/unit-log.js';
import { LIVE_PREFIX, type PromotedSet, progressOf } from './live-units.js';

export async function liveSet(unitLog: UnitLog, set: PromotedSet): Promise<LiveSet> {
  return progressOf(set, await unitLog.readScope(set.setId, LIVE_PREFIX)).set;
}
