/**
 * Records that were read again: rows of the archive at coordinates where a failure stands already, under claims of their
 * own. One unit for each partition, without an end; each step of it makes the rows of one claim count. Where such a row
 * counts, the failure does not (store/selection.ts).
 */
import { RewindError } from '../../schemas/errors.js';
import type { PartitionPlan } from '../../schemas/job.js';
import type { UnitState } from '../replay/units.js';
import type { InputRows } from '../store/selection.js';
import type { Store } from '../store/store.js';
import { newClaimId, type UnitLog } from '../store/unit-log.js';

export const REDRIVE_SCOPE = 'redrive';

export interface RedrivenClaim {
  readonly topicId: string;
  readonly partition: number;
  readonly claim: string;
}

/** All claims that count, of these topics. */
export async function redrivenClaims(
  unitLog: UnitLog,
  topicIds: Iterable<string>,
): Promise<readonly RedrivenClaim[]> {
  const found: RedrivenClaim[] = [];
  for (const topicId of new Set(topicIds)) {
    for (const [unit, { segments }] of await unitLog.readScope(REDRIVE_SCOPE, `${topicId}/`)) {
      const partition = Number(unit.slice(topicId.length + 1));
      for (const { claim } of segments) found.push({ topicId, partition, claim });
    }
  }
  return found;
}

/** The input with the records that were read again in place of their failures, within the offsets of the plan. */
export async function withRedriven(
  { store, unitLog }: { readonly store: Store; readonly unitLog: UnitLog },
  partitions: readonly PartitionPlan[],
  input: InputRows,
): Promise<InputRows> {
  if (input.table !== 'audit_events') return input;
  const planned = new Map(partitions.map((one) => [`${one.topicId}/${one.partition}`, one]));
  const claims = await redrivenClaims(
    unitLog,
    partitions.map(({ topicId }) => topicId),
  );
  const ranges = claims.flatMap(({ topicId, partition, claim }) => {
    const plan = planned.get(`${topicId}/${partition}`);
    return plan === undefined ? [] : [{ claim, from: BigInt(plan.from), to: BigInt(plan.to) }];
  });
  if (ranges.length === 0) return input;
  const redriven = { table: store.t('audit_events'), claims: ranges.map(({ claim }) => claim) };
  return { ...input, ranges: [...input.ranges, ...ranges], redriven };
}

/**
 * Runs `write` under a fresh claim, with the claims that count already, and makes its rows count if it wrote any. Two who
 * do so at once fence each other: the rows of one of them count, the other is refused as retryable.
 */
export async function underRedriveClaim(
  { unitLog, worker }: { readonly unitLog: UnitLog; readonly worker: string },
  of: { readonly topicId: string; readonly partition: number },
  write: (claim: string, before: readonly string[]) => Promise<number>,
): Promise<void> {
  const tracked = unitLog.track(REDRIVE_SCOPE, `${of.topicId}/${of.partition}`);
  const { scope, unit } = tracked;
  const claim = newClaimId();
  await unitLog.append([{ scope, unit, kind: 'claim', claim, worker, from: 0n }]);
  const state = await unitLog.refresh(tracked);
  if (state.holder !== claim || state.position === null) throw lost(state);
  const from = state.position;
  const records = await write(
    claim,
    state.segments.map((segment) => segment.claim),
  );
  if (records === 0) {
    await unitLog.append([{ scope, unit, kind: 'release', claim, worker }]);
    return;
  }
  await unitLog.append([
    { scope, unit, kind: 'manifest', claim, worker, from, to: from + 1n, counters: { records } },
    { scope, unit, kind: 'release', claim, worker },
  ]);
  await unitLog.refresh(tracked);
  if (!state.segments.some((segment) => segment.claim === claim)) throw lost(state);
}

function lost({ holderWorker }: UnitState): RewindError {
  return new RewindError('claim_lost', `${holderWorker ?? 'another process'} reads the same records again`);
}
