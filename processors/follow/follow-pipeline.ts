/** What a follower works with, and what it answers. */
import type { Pipeline } from '../replay/pipeline.js';
import type { TaskCounters } from '../replay/tasks.js';
import type { FollowTask } from './task-follow.js';

/** Runs a step's fold, in a thread. */
export type RunFollowTask = (task: FollowTask, signal: AbortSignal) => Promise<TaskCounters>;

export type FollowPipeline = Pick<
  Pipeline,
  'config' | 'store' | 'unitLog' | 'jobLog' | 'encodings' | 'beats' | 'worker' | 'holderSilent' | 'outputs'
>;

/** What a step came to. `idle`: there was nothing; `lost`: another follower made it; the set is read again. */
export interface StepOutcome {
  readonly kind: 'made' | 'idle' | 'lost';
  readonly events: number;
  readonly refolded: number;
  /** Offsets of the archive that are still to be folded. */
  readonly left: bigint;
}
