/**
 * Claims collect units, as many at once as a member was given: two reads of the unit log and one insert, however many
 * partitions there are. The rule is that of replay/units.ts: append a claim, read back, the last claim holds the unit.
 */
import { RewindError } from '../../schemas/errors.js';
import { newClaimId, type TrackedUnit, type UnitLog } from '../store/unit-log.js';

export interface ClaimOptions {
  readonly unitLog: UnitLog;
  readonly worker: string;
  /** True if a unit that another worker holds may be taken over now. */
  readonly mayTake: (tracked: TrackedUnit) => boolean;
}

export interface WantedUnit {
  readonly tracked: TrackedUnit;
  /** Where the unit starts if nobody has claimed it before. */
  readonly from: bigint;
  /** The claim to take it with; left out: a fresh one. */
  readonly claim?: string;
}

/** The claim on each unit; null: another live worker holds it. All are of one scope. */
export async function takeUnits(
  { unitLog, worker, mayTake }: ClaimOptions,
  wanted: readonly WantedUnit[],
): Promise<(string | null)[]> {
  await unitLog.refreshAll(wanted.map(({ tracked }) => tracked));
  const claims = wanted.map(({ tracked, from, claim = newClaimId() }) => {
    if (tracked.state.sealed) throw new RewindError('internal', `unit ${tracked.unit} is complete already`);
    if (tracked.state.holder !== null && !mayTake(tracked)) return null;
    return { tracked, from, claim };
  });
  const mine = claims.filter((one) => one !== null);
  if (mine.length === 0) return claims.map(() => null);
  await unitLog.append(
    mine.map(({ tracked: { scope, unit }, from, claim }) => ({
      scope,
      unit,
      kind: 'claim' as const,
      claim,
      worker,
      from,
    })),
  );
  await unitLog.refreshAll(mine.map(({ tracked }) => tracked));
  return claims.map((one) => (one !== null && one.tracked.state.holder === one.claim ? one.claim : null));
}

/** Offsets that retention removed before anyone archived them: the unit goes on behind them, and says so. */
export async function expireRange(
  { unitLog, worker }: Pick<ClaimOptions, 'unitLog' | 'worker'>,
  tracked: TrackedUnit,
  claim: string,
  from: bigint,
  to: bigint,
): Promise<bigint> {
  const counters = { expired: Number(to - from) };
  await unitLog.append([
    { scope: tracked.scope, unit: tracked.unit, kind: 'manifest', claim, worker, from, to, counters },
  ]);
  await unitLog.refreshAll([tracked]);
  if (tracked.state.position !== to)
    throw new RewindError('claim_lost', `unit ${tracked.unit} was taken over`);
  return to;
}
