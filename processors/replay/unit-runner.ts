/**
 * One unit that a single final manifest seals (fold, map, dead letters, seal): claim, do the work under the claim,
 * append the manifest, read back. The decisions are unit-protocol.ts; what counts is units.ts.
 */
import { RewindError } from '../../schemas/errors.js';
import { newClaimId, type UnitLog } from '../store/unit-log.js';
import { FAILPOINTS, reach } from '../testing/failpoints.js';
import type { Beats } from './beats.js';
import type { TaskCounters } from './tasks.js';
import { nextStep } from './unit-protocol.js';

export interface UnitRun {
  readonly unitLog: UnitLog;
  readonly beats: Beats;
  readonly scope: string;
  readonly unit: string;
  readonly worker: string;
  readonly holderSilent: boolean;
  /** Writes the unit's output under the claim; resolves when all of it is acknowledged. Must be a pure function of the plan. */
  readonly work: (claim: string) => Promise<TaskCounters>;
}

/**
 * `sealed`: the unit is done, by us or by another. `lost`: somebody else has it. Rejects when the work failed: the claim
 * is given back, and nothing written under it will ever show.
 */
export async function runUnit(run: UnitRun): Promise<'sealed' | 'lost'> {
  const { unitLog, beats, scope, unit, worker } = run;
  const tracked = unitLog.track(scope, unit);
  const state = await unitLog.refresh(tracked);
  const first = nextStep(state, null, null, run.holderSilent);
  if (first.kind === 'done') return 'sealed';
  if (first.kind !== 'claim') return 'lost';
  const claim = newClaimId();
  await unitLog.append([{ scope, unit, kind: 'claim', claim, worker, from: 0n }]);
  await unitLog.refresh(tracked);
  const own = { claim, position: null, tainted: false };
  if (nextStep(state, null, own, false).kind !== 'write') return state.sealed ? 'sealed' : 'lost';
  beats.add({ scope, unit, claim });
  try {
    if (FAILPOINTS) await reach('unit.claimed');
    const counters = await run.work(claim);
    if (FAILPOINTS) await reach('unit.stored');
    await unitLog.append([
      { scope, unit, kind: 'manifest', claim, worker, from: 0n, to: 1n, final: true, counters },
    ]);
    if (FAILPOINTS) await reach('unit.manifest');
  } catch (error) {
    // A manifest whose answer was lost may have counted; the log knows.
    if (error instanceof RewindError && error.code === 'insert_unknown') {
      await unitLog.refresh(tracked);
      if (state.sealed) return 'sealed';
    }
    await unitLog.append([{ scope, unit, kind: 'release', claim, worker }]).catch(() => undefined);
    throw error;
  } finally {
    beats.remove(claim);
  }
  await unitLog.refresh(tracked);
  return state.sealed ? 'sealed' : 'lost';
}
