/**
 * One unit of a log replay that runs as a job: its batches, one after the other, by the analysis that answers at once uses
 * too. What changed becomes rows of `decisions`, what was counted one row of findings, both under the unit's claim.
 */

import type { TaskCounters } from '../replay/tasks.js';
import type { Decision } from '../rules/rule-set.js';
import { transitionOf } from '../rules/transition.js';
import { secondsText } from '../sources/time.js';
import type { FrozenRows } from '../store/decision-log.js';
import type { LogReplayLog } from '../store/log-replay-log.js';
import type { Store } from '../store/store.js';
import type { Analysis } from './analysis.js';
import type { Result } from './outcome.js';
import { offsetsIn, type ReplayUnit } from './plan.js';
import type { Verdict } from './tally.js';
import { tallyText } from './tally-text.js';

export interface UnitParts {
  readonly store: Store;
  readonly replays: LogReplayLog;
  readonly analysis: Analysis;
  readonly rows: FrozenRows;
  readonly replayId: string;
}

/** Rows of one insert. */
const INSERT_ROWS = 5_000;
/** Decisions of other entities than events of jobs: the policy's path. */
const ENTITY_TYPE = 'policy';

/** Rejects with the signal's reason, store_* codes, and what `Analysis.batch` rejects with. */
export async function replayUnit(
  { store, replays, analysis, rows, replayId }: UnitParts,
  { unit, start, batches }: ReplayUnit,
  claim: string,
  signal: AbortSignal,
): Promise<TaskCounters> {
  const tally = analysis.newTally();
  let pending: Record<string, unknown>[] = [];
  let place = start;
  let observed = 0;
  let scheduled = 0;
  const flush = async (): Promise<void> => {
    const some = pending;
    pending = [];
    if (some.length > 0) await store.insertRows('decisions', some);
  };
  for (const batch of batches) {
    const found = await rows.rows(batch, { signal });
    const of = { topic_id: batch.topicId, partition: batch.partition, job_id: replayId, claim };
    const before = place - batch.from;
    const result = await analysis.batch(found, { signal }, (verdict) => {
      if (verdict.class === 'changed' || verdict.class === 'failed')
        pending.push({ ...of, ...decisionRow(verdict, before + verdict.decision.offset) });
    });
    place += batch.to - batch.from;
    signal.throwIfAborted();
    if (result === null) throw new Error(`${unit}: a batch was left without a reason`);
    observed += result.observed;
    scheduled += result.scheduled;
    tally.addAll(result.tally);
    if (pending.length >= INSERT_ROWS) await flush();
  }
  await flush();
  await replays.found(replayId, unit, claim, tallyText(tally));
  return {
    offsets: Number(offsetsIn(batches)),
    batches: batches.length,
    observed,
    scheduled,
    changed: tally.count('changed'),
    failed: tally.count('failed'),
  };
}

/** `place`: among all offsets of the replay; no two rows have the same. */
function decisionRow({ decision, way, before, after, was, is }: Verdict, place: bigint) {
  return {
    entity_type: ENTITY_TYPE,
    entity_id: [...decision.path, ...way].join('/'),
    fold_seq: place.toString(),
    occurred_at: secondsText(decision.ns),
    event_id: decision.eventId,
    event_type: 'policy.decision',
    offset: decision.offset.toString(),
    n: 0,
    decision: jsonOf(after),
    error: errorOf(after),
    before: jsonOf(before),
    before_error: errorOf(before),
    was,
    now: is,
    transition: transitionOf(madeOf(before), was, madeOf(after), is),
  };
}

const jsonOf = (result: Result): string => (result.kind === 'value' ? result.json : '');
const errorOf = (result: Result): string => (result.kind === 'error' ? result.message : '');

function madeOf(result: Result): Decision {
  if (result.kind === 'value') return { result: result.json };
  return result.kind === 'error' ? { result: undefined, error: result.message } : { result: undefined };
}
