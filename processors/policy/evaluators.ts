/**
 * The pool of evaluating threads. A decision that hangs, or a thread that dies, costs that decision and the thread; what
 * the thread had not sent yet is decided again by the next one, to the same outcome.
 */
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { Config } from '../../schemas/config.js';
import { type ErrorCode, RewindError } from '../../schemas/errors.js';
import { entryPoint } from '../package-root.js';
import type { DecisionInput, Evaluated, EvaluateOptions, PolicyEvaluators, PolicyToRun } from './contract.js';
import { type Batch, type EvaluatorData, type EvaluatorReply, KEPT_RUNS } from './evaluator-protocol.js';
import { sha256 } from './opa-module.js';
import { PREPARING, Pulse, PulseWatch } from './pulse.js';

export type PolicyLimits = Config['policies'];

/** How much more time OPA's own evaluator has than WebAssembly. */
const REFERENCE_TIMES = 10;
/** JavaScript of a thread: texts of a batch. */
const THREAD_HEAP_MB = 512;

export class EvaluatorPool implements PolicyEvaluators {
  readonly threads: number;
  readonly #limits: PolicyLimits;
  readonly #idle: EvaluatorThread[] = [];
  readonly #all = new Set<EvaluatorThread>();
  readonly #waiting: ((thread: EvaluatorThread) => void)[] = [];
  readonly #keys = new WeakMap<PolicyToRun, string>();
  #closed = false;

  constructor(limits: PolicyLimits) {
    this.#limits = limits;
    this.threads = limits.threads;
  }

  evaluate(
    run: PolicyToRun,
    decisions: readonly DecisionInput[],
    options: EvaluateOptions = {},
  ): Promise<Evaluated[]> {
    return this.#evaluate(run, decisions, options, false);
  }

  reference(
    run: PolicyToRun,
    decisions: readonly DecisionInput[],
    options: EvaluateOptions = {},
  ): Promise<Evaluated[]> {
    return this.#evaluate(run, decisions, options, true);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#all].map((thread) => thread.end()));
  }

  async #evaluate(
    run: PolicyToRun,
    decisions: readonly DecisionInput[],
    options: EvaluateOptions,
    isReference: boolean,
  ): Promise<Evaluated[]> {
    if (decisions.length === 0) return [];
    const outcomes: (Evaluated | undefined)[] = Array.from({ length: decisions.length });
    const { signal, deadlineMs } = options;
    for (;;) {
      signal?.throwIfAborted();
      const open = decisions
        .map((_decision, index) => index)
        .filter((index) => outcomes[index] === undefined);
      const maxMs = deadlineMs === undefined ? undefined : deadlineMs - performance.now();
      if (open.length === 0 || (maxMs !== undefined && maxMs <= 0)) break;
      const asked = open.map((index) => decisions[index]!);
      const thread = await this.#take();
      const end = await thread
        .run({ key: this.#key(run), run, decisions: asked, maxMs, isReference, signal })
        .finally(() => this.#free(thread));
      for (const [at, outcome] of end.outcomes.entries()) outcomes[open[at]!] = outcome;
      if (end.failed !== null) throw end.failed;
      if (end.lost === null) break;
      if (end.lost.index === PREPARING) throw new RewindError(end.lost.code, end.lost.message);
      outcomes[open[end.lost.index]!] = { kind: 'error', code: end.lost.code, message: end.lost.message };
    }
    signal?.throwIfAborted();
    return untilGap(outcomes);
  }

  #key(run: PolicyToRun): string {
    let key = this.#keys.get(run);
    if (key === undefined) {
      key = `${run.policy.hash}/${sha256(run.data)}`;
      this.#keys.set(run, key);
    }
    return key;
  }

  #take(): Promise<EvaluatorThread> {
    if (this.#closed) throw new RewindError('server_unavailable', 'the policy engine is closed');
    const idle = this.#idle.pop();
    if (idle !== undefined) return Promise.resolve(idle);
    if (this.#all.size < this.threads) {
      const thread = new EvaluatorThread(this.#limits);
      this.#all.add(thread);
      return Promise.resolve(thread);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #free(thread: EvaluatorThread): void {
    const next = this.#waiting.shift();
    if (next !== undefined) next(thread);
    else this.#idle.push(thread);
  }
}

/** Behind a deadline the tail is missing; a decision that hung further on is not told without those before it. */
function untilGap(outcomes: readonly (Evaluated | undefined)[]): Evaluated[] {
  const gap = outcomes.indexOf(undefined);
  return (gap < 0 ? outcomes : outcomes.slice(0, gap)) as Evaluated[];
}

interface BatchOf extends Omit<Batch, 'id'> {
  readonly run: PolicyToRun;
  readonly signal: AbortSignal | undefined;
}

interface BatchEnd {
  /** From the first on. */
  readonly outcomes: readonly Evaluated[];
  readonly failed: RewindError | null;
  /** The decision at which the thread was lost. */
  readonly lost: {
    readonly index: number;
    readonly code: 'policy_timeout' | 'policy_memory';
    readonly message: string;
  } | null;
}

/** One thread, or the next one in its place. */
class EvaluatorThread {
  readonly #limits: PolicyLimits;
  #pulse = new Pulse();
  #worker: Worker | null = null;
  #kept: string[] = [];
  #nextId = 1;

  constructor(limits: PolicyLimits) {
    this.#limits = limits;
  }

  run({ run, signal, ...batch }: BatchOf): Promise<BatchEnd> {
    const worker = this.#ready();
    const id = this.#nextId++;
    const outcomes: Evaluated[] = [];
    const pulse = this.#pulse;
    pulse.reset();
    return new Promise((resolve) => {
      const limitMs = this.#limits.decisionMaxMs * (batch.isReference ? REFERENCE_TIMES : 1);
      const watch = new PulseWatch(pulse, limitMs, (index) => {
        this.#drop();
        settle({
          outcomes,
          failed: null,
          lost: { index, code: 'policy_timeout', message: `no decision in ${limitMs} ms` },
        });
      });
      const stop = (): void => pulse.stop();
      const settle = (end: BatchEnd): void => {
        watch.close();
        signal?.removeEventListener('abort', stop);
        worker.unref();
        worker.off('message', hear).off('error', died).off('exit', died);
        resolve(end);
      };
      const died = (cause: unknown): void => {
        const index = pulse.count % 2 === 1 ? pulse.index : outcomes.length;
        this.#drop();
        const message = cause instanceof Error ? cause.message : 'the thread ended';
        settle({ outcomes, failed: null, lost: { index, code: 'policy_memory', message } });
      };
      const hear = (reply: EvaluatorReply): void => {
        if (reply.id !== id) return;
        if ('outcomes' in reply) outcomes.push(...reply.outcomes);
        else settle({ outcomes, failed: 'failed' in reply ? asError(reply.failed) : null, lost: null });
      };
      worker.ref();
      worker.on('message', hear).on('error', died).on('exit', died);
      signal?.addEventListener('abort', stop, { once: true });
      worker.postMessage({ ...batch, id, ...this.#unlessKept(batch.key, run) } satisfies Batch);
    });
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #unlessKept(key: string, run: PolicyToRun): { run?: PolicyToRun } {
    if (this.#kept.includes(key)) return {};
    this.#kept.push(key);
    if (this.#kept.length > KEPT_RUNS) this.#kept.shift();
    return { run: { policy: run.policy, data: run.data } };
  }

  #ready(): Worker {
    if (this.#worker !== null) return this.#worker;
    this.#pulse = new Pulse();
    this.#kept = [];
    const { memoryMaxBytes, resultMaxBytes, instanceDecisions } = this.#limits;
    const data: EvaluatorData = {
      shared: this.#pulse.shared,
      limits: { memoryMaxBytes, resultMaxBytes, instanceDecisions },
    };
    const worker = new Worker(entryPoint('processors/policy/evaluator-main.js'), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB },
    });
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #drop(): void {
    void this.end();
  }
}

function asError({ code, message }: { code: string; message: string }): RewindError {
  return new RewindError(code as ErrorCode, message);
}
