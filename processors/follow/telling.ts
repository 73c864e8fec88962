/** Runs a teller beside the follower of its set, until the signal: what fails is tried again, ever more slowly. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Wake } from '../replay/wake.js';
import type { PromotedSet } from './live-units.js';
import { retryWaitMs } from './retry-wait.js';
import { type RunEmitStep, Teller, type TellerPipeline } from './teller.js';

/** A step that another process holds is looked at again after this. */
const HELD_MS = 500;
/** A step may have been made by another process, or left by one. */
const LOOK_MS = 5_000;

export interface TellingParts {
  /** Runs the writing of a step, in a thread. */
  readonly run: RunEmitStep;
  /** Rings when this process made a step. */
  readonly made: Wake;
  readonly onRetry: (set: PromotedSet, error: unknown) => void;
}

export async function tellSteps(
  pipeline: TellerPipeline,
  set: PromotedSet,
  { run, made, onRetry }: TellingParts,
  signal: AbortSignal,
): Promise<void> {
  let teller: Teller | null = null;
  let tries = 0;
  while (!signal.aborted) {
    const { count } = made;
    try {
      teller ??= await Teller.open(pipeline, set, run, signal);
      if (teller === null) return;
      const outcome = await teller.next();
      tries = 0;
      if (outcome === 'none') await made.wait(count, LOOK_MS, signal);
      if (outcome === 'held') await sleep(HELD_MS, undefined, { signal });
    } catch (error) {
      if (signal.aborted) return;
      onRetry(set, error);
      tries++;
      await sleep(retryWaitMs(tries), undefined, { signal }).catch(() => undefined);
    }
  }
}
