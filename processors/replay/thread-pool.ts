/**
 * Worker threads for fold and map units. A task is data in, counters out; claims and manifests stay with the host. A
 * thread that dies (out of memory) fails its task as retryable and is replaced.
 */
import { Worker } from 'node:worker_threads';
import { type ErrorCode, RewindError } from '../../schemas/errors.js';
import type { FollowTask } from '../follow/task-follow.js';
import { entryPoint } from '../package-root.js';
import type { PolicyLimits } from '../policy/evaluators.js';
import { PREPARING, Pulse, PulseWatch } from '../policy/pulse.js';
import type { EmitStepTask, EmitTask, OutputLog } from '../sinks/emitting.js';
import type { StoreConnection } from '../store/client.js';
import type { TaskCounters, UnitTask } from './tasks.js';

export type ThreadTask = UnitTask | EmitTask | FollowTask | EmitStepTask;

export interface ThreadData {
  readonly connection: StoreConnection;
  /** Null: there is no log to write to. */
  readonly log: OutputLog | null;
  readonly policies: PolicyLimits;
}

/** What one thread is started with. */
export interface ThreadStart extends ThreadData {
  /** Where it tells that a rule is at work (pulse.ts). */
  readonly shared: SharedArrayBuffer;
}

export type ThreadRequest =
  | { readonly kind: 'run'; readonly id: number; readonly task: ThreadTask }
  | { readonly kind: 'abort'; readonly id: number };

export type ThreadReply =
  | { readonly id: number; readonly counters: TaskCounters }
  /** A broker lets the task wait so long for the sake of a quota; it goes on. */
  | { readonly id: number; readonly throttledMs: number }
  | {
      readonly id: number;
      readonly error: { code: ErrorCode; message: string; facts: Record<string, unknown> };
    };

interface Thread {
  worker: Worker;
  readonly pulse: Pulse;
  reserved: boolean;
  job: {
    id: number;
    resolve: (counters: TaskCounters) => void;
    reject: (error: unknown) => void;
    onThrottled: (ms: number) => void;
  } | null;
}

/** A thread taken for one unit. */
export interface Slot {
  /** Aborting stops the store's query too. `onThrottled`: a broker's quota lets the task wait so long. */
  run(task: ThreadTask, signal: AbortSignal, onThrottled?: (ms: number) => void): Promise<TaskCounters>;
  free(): void;
}

export class ThreadPool {
  readonly #data: ThreadData;
  readonly #threads: Thread[] = [];
  #nextId = 1;
  #closed = false;

  constructor(size: number, data: ThreadData) {
    this.#data = data;
    for (let i = 0; i < size; i++) this.#threads.push(this.#start());
  }

  get idle(): number {
    return this.#threads.filter((thread) => !thread.reserved).length;
  }

  /** Takes a thread before the claim is made, so that a claim never waits for one. Null: all are taken. */
  reserve(): Slot | null {
    const thread = this.#threads.find((candidate) => !candidate.reserved);
    if (thread === undefined) return null;
    thread.reserved = true;
    return {
      run: (task, signal, onThrottled = () => {}) => this.#run(thread, task, signal, onThrottled),
      free: () => {
        thread.reserved = false;
      },
    };
  }

  #run(
    thread: Thread,
    task: ThreadTask,
    signal: AbortSignal,
    onThrottled: (ms: number) => void,
  ): Promise<TaskCounters> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const abort = (): void => thread.worker.postMessage({ kind: 'abort', id } satisfies ThreadRequest);
      const watch = decidesByRego(task) ? this.#watch(thread, task.unit) : null;
      const settle = (): void => {
        watch?.close();
        thread.job = null;
        signal.removeEventListener('abort', abort);
      };
      thread.job = {
        id,
        resolve: (counters) => {
          settle();
          resolve(counters);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
        onThrottled,
      };
      if (signal.aborted) {
        thread.job.reject(new RewindError('claim_lost', 'the job was stopped'));
        return;
      }
      signal.addEventListener('abort', abort, { once: true });
      thread.worker.postMessage({ kind: 'run', id, task } satisfies ThreadRequest);
    });
  }

  /** Ends a thread whose rule does not end; the unit fails, for it would hang again. */
  #watch(thread: Thread, unit: string): PulseWatch {
    const { decisionMaxMs } = this.#data.policies;
    return new PulseWatch(thread.pulse, decisionMaxMs, (index) => {
      const which = index === PREPARING ? 'its rules' : `its decision ${index + 1}`;
      const message = `unit ${unit}: ${which} did not end within ${decisionMaxMs} ms`;
      thread.job?.reject(new RewindError('policy_timeout', message));
      void thread.worker.terminate();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread.worker.terminate()));
  }

  #start(): Thread {
    const pulse = new Pulse();
    const worker = new Worker(entryPoint('processors/replay/thread-main.js'), {
      workerData: { ...this.#data, shared: pulse.shared } satisfies ThreadStart,
    });
    const thread: Thread = { worker, pulse, reserved: false, job: null };
    worker.on('message', (reply: ThreadReply) => {
      const job = thread.job;
      if (job === null || job.id !== reply.id) return;
      if ('throttledMs' in reply) job.onThrottled(reply.throttledMs);
      else if ('counters' in reply) job.resolve(reply.counters);
      else job.reject(new RewindError(reply.error.code, reply.error.message, { facts: reply.error.facts }));
    });
    const died = (cause: unknown): void => {
      thread.job?.reject(new RewindError('claim_lost', 'the worker thread died', { cause }));
      const at = this.#threads.indexOf(thread);
      if (!this.#closed && at >= 0) this.#threads[at] = this.#start();
    };
    worker.once('error', died);
    worker.once('exit', (code) => {
      if (this.#threads.includes(thread)) died(new Error(`exit code ${code}`));
    });
    return thread;
  }
}

function decidesByRego(task: ThreadTask): boolean {
  if (task.kind === 'emit' || task.kind === 'emit-step') return false;
  const rules = task.kind === 'follow' ? task.fold.rules : task.rules;
  return rules?.rules.policy !== undefined || rules?.baseline?.policy !== undefined;
}
