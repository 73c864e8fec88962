/**
 * The fold of a step's new rows, as a unit of work over the whole space of entities. Entities with an id that occurs again
 * are folded anew, but for plain copies: of these the rows have none that the set has had, and `repeated` names the rest.
 */
import type { Config } from '../../schemas/config.js';
import { hashRanges } from '../replay/segments.js';
import { storeInput } from '../replay/tasks.js';
import { taskLimits } from '../replay/unit-task.js';
import type { InputRows } from '../store/selection.js';
import type { LiveSet } from '../store/set-states.js';
import type { BaseRun } from './base-run.js';
import { liveJob } from './generations.js';
import type { FollowTask } from './task-follow.js';

export function stepFold(
  { spec, encoding }: BaseRun,
  { setId, generation }: LiveSet,
  rows: InputRows,
  repeated: readonly string[],
  config: Config,
): FollowTask['fold'] {
  return {
    kind: 'fold',
    live: true,
    jobId: liveJob(setId, generation),
    spec,
    encoding,
    input: storeInput(rows),
    range: hashRanges(1)[0]!,
    losers: [],
    repeated,
    rules: null,
    foldIn: 'worker',
    limits: taskLimits(config),
  };
}
