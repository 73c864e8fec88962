/**
 * Follows, in a worker process, what is to be followed: one loop for each current set, held by a claim so that no other
 * process folds the same. The claim saves work and nothing more: steps are right whoever makes them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RewindError } from '../../schemas/errors.js';
import type { Pipeline } from '../replay/pipeline.js';
import type { TaskCounters } from '../replay/tasks.js';
import type { Slot, ThreadPool, ThreadTask } from '../replay/thread-pool.js';
import { nextStep } from '../replay/unit-protocol.js';
import { Wake } from '../replay/wake.js';
import type { FollowLog, FollowSwitch } from '../store/follow-log.js';
import { newClaimId } from '../store/unit-log.js';
import type { FollowPipeline, RunFollowTask } from './follow-pipeline.js';
import { Follower } from './follower.js';
import { FOLLOWER_UNIT, type PromotedSet } from './live-units.js';
import { retryWaitMs } from './retry-wait.js';
import type { RunEmitStep } from './teller.js';
import { tellSteps } from './telling.js';

/** How often is looked at what is to be followed. */
const LOOK_MS = 1_000;
/** A set that somebody else holds is looked at again after this. */
const HELD_MS = 1_000;

export interface FollowHostContext extends FollowPipeline, Pick<Pipeline, 'instance'> {
  readonly followLog: FollowLog;
}

/** Threads of their own, so that a step waits neither for the units of jobs nor for topics. */
export interface FollowPools {
  steps(): ThreadPool;
  topics(): ThreadPool;
}

interface Running {
  readonly set: PromotedSet;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

export class FollowHost {
  readonly #context: FollowHostContext;
  readonly #pools: FollowPools;
  readonly #onRetry: (set: PromotedSet, error: unknown) => void;
  readonly #running = new Map<string, Running>();

  constructor(
    context: FollowHostContext,
    pools: FollowPools,
    onRetry: (set: PromotedSet, error: unknown) => void,
  ) {
    this.#context = context;
    this.#pools = pools;
    this.#onRetry = onRetry;
  }

  /** Until the signal aborts; a step under way is given up. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#look();
      } catch {
        // The store is away; what runs says so itself.
      }
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
    const running = [...this.#running.values()];
    for (const { abort } of running) abort.abort();
    await Promise.allSettled(running.map(({ done }) => done));
  }

  async #look(): Promise<void> {
    const { followLog, instance, config } = this.#context;
    const on = (await followLog.switches()).filter((one) => one.on);
    const tenants = on.slice(0, config.follow.maxSets).map(({ tenantId }) => tenantId);
    const sets = (await instance.isPaused()) ? [] : await followLog.currentSets(tenants);
    const wanted = new Map(sets.map((set) => [set.setId, set]));
    for (const [setId, { abort }] of this.#running) if (!wanted.has(setId)) abort.abort();
    for (const set of wanted.values()) {
      if (this.#running.has(set.setId)) continue;
      const told = on.find(({ tenantId }) => tenantId === set.tenantId) as FollowSwitch;
      this.#begin(set, told.error !== null);
    }
  }

  #begin(set: PromotedSet, failing: boolean): void {
    const abort = new AbortController();
    const done = this.#follow(set, failing, abort.signal)
      .catch(() => undefined)
      .finally(() => this.#running.delete(set.setId));
    this.#running.set(set.setId, { set, abort, done });
  }

  /** Until the signal aborts or another process has the set. */
  async #follow(set: PromotedSet, failing: boolean, signal: AbortSignal): Promise<void> {
    const { unitLog, beats, worker, followLog } = this.#context;
    const claim = await this.#take(set);
    if (claim === null) {
      await sleep(HELD_MS, undefined, { signal }).catch(() => undefined);
      return;
    }
    const held = { scope: set.setId, unit: FOLLOWER_UNIT, claim };
    beats.add(held);
    let tries = 0;
    // Of the error that the log tells of last.
    let told = failing ? 'unknown' : '';
    let follower: Follower | null = null;
    const made = new Wake();
    const stopTelling = new AbortController();
    const telling = this.#tellSteps(set, made, AbortSignal.any([signal, stopTelling.signal]));
    try {
      while (!signal.aborted) {
        const began = performance.now();
        try {
          follower ??= await Follower.open(this.#context, set, this.#runTask, signal);
          const outcome = await follower.step();
          if (told !== '') await followLog.recovered(set, worker);
          told = '';
          tries = 0;
          if (outcome.kind === 'made') made.wake();
          if (outcome.kind === 'lost') {
            if (!(await this.#holds(set, claim))) return;
            // Whoever began the step shows life, for a lease at most.
            await sleep(HELD_MS, undefined, { signal }).catch(() => undefined);
          } else await this.#rest(began, outcome.left > 0n, signal);
        } catch (error) {
          if (signal.aborted) return;
          this.#onRetry(set, error);
          told = await this.#tell(set, error, told).catch(() => told);
          tries++;
          await sleep(retryWaitMs(tries), undefined, { signal }).catch(() => undefined);
        }
      }
    } finally {
      stopTelling.abort();
      await telling;
      beats.remove(claim);
      await unitLog.append([{ ...held, kind: 'release', worker }]).catch(() => undefined);
    }
  }

  /** Steps follow each other at once while there is more to fold than one takes. */
  async #rest(began: number, more: boolean, signal: AbortSignal): Promise<void> {
    const left = more ? 0 : this.#context.config.follow.intervalMs - (performance.now() - began);
    if (left > 0) await sleep(left, undefined, { signal }).catch(() => undefined);
  }

  /** Each kind of error once, however often it comes; returns the code. */
  async #tell(set: PromotedSet, error: unknown, told: string): Promise<string> {
    const { followLog, worker } = this.#context;
    const code = error instanceof RewindError ? error.code : 'internal';
    if (code !== told)
      await followLog.failed(set, worker, code, error instanceof Error ? error.message : String(error));
    return code;
  }

  /** The claim under which this process follows the set; null: another does. */
  async #take({ setId }: PromotedSet): Promise<string | null> {
    const { unitLog, worker, holderSilent } = this.#context;
    const state = await unitLog.read(setId, FOLLOWER_UNIT);
    const silent = holderSilent(setId, FOLLOWER_UNIT, state);
    if (nextStep(state, null, null, silent).kind !== 'claim') return null;
    const claim = newClaimId();
    await unitLog.append([{ scope: setId, unit: FOLLOWER_UNIT, kind: 'claim', claim, worker }]);
    return (await unitLog.read(setId, FOLLOWER_UNIT)).holder === claim ? claim : null;
  }

  async #holds({ setId }: PromotedSet, claim: string): Promise<boolean> {
    return (await this.#context.unitLog.read(setId, FOLLOWER_UNIT)).holder === claim;
  }

  #tellSteps(set: PromotedSet, made: Wake, signal: AbortSignal): Promise<void> {
    const run: RunEmitStep = (task, abort) => runIn(this.#pools.topics, task, abort);
    return tellSteps(this.#context, set, { run, made, onRetry: this.#onRetry }, signal);
  }

  readonly #runTask: RunFollowTask = (task, signal) => runIn(this.#pools.steps, task, signal);
}

async function runIn(pool: () => ThreadPool, task: ThreadTask, signal: AbortSignal): Promise<TaskCounters> {
  const slot = await freeSlot(pool, signal);
  try {
    return await slot.run(task, signal);
  } finally {
    slot.free();
  }
}

async function freeSlot(pool: () => ThreadPool, signal: AbortSignal): Promise<Slot> {
  for (;;) {
    signal.throwIfAborted();
    const slot = pool().reserve();
    if (slot !== null) return slot;
    await sleep(10, undefined, { signal }).catch(() => undefined);
  }
}
