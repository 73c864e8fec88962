/** Entry of a worker thread: runs one task at a time with a store connection of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { RewindError } from '../../schemas/errors.js';
import { runDryRunTask } from '../compare/task-dry-run.js';
import { runVerifyTask } from '../compare/task-verify.js';
import { runFollowTask } from '../follow/task-follow.js';
import { foldThread } from '../policy/rego-rules.js';
import { runEmitStepTask } from '../sinks/emit-step.js';
import { runEmitTask } from '../sinks/task-emit.js';
import { openStore } from '../store/client.js';
import { runFoldTask } from './task-fold.js';
import { runBasedFoldTask } from './task-fold-base.js';
import { runFoldSqlTask } from './task-fold-sql.js';
import { runMapTask } from './task-map.js';
import type { TaskCounters } from './tasks.js';
import type { ThreadReply, ThreadRequest, ThreadStart, ThreadTask } from './thread-pool.js';

const { connection, log, policies, shared } = workerData as ThreadStart;
foldThread(shared, policies);
const store = openStore(connection);
const port = parentPort!;
const running = new Map<number, AbortController>();

port.on('message', (request: ThreadRequest) => {
  if (request.kind === 'abort') {
    running.get(request.id)?.abort();
    return;
  }
  const abort = new AbortController();
  running.set(request.id, abort);
  const onThrottled = (throttledMs: number) =>
    port.postMessage({ id: request.id, throttledMs } satisfies ThreadReply);
  runTask(request.task, abort.signal, onThrottled)
    .then((counters): ThreadReply => ({ id: request.id, counters }))
    .catch((error: unknown): ThreadReply => ({ id: request.id, error: describe(error) }))
    .then((reply) => {
      running.delete(request.id);
      port.postMessage(reply);
    });
});

async function runTask(
  task: ThreadTask,
  signal: AbortSignal,
  onThrottled: (ms: number) => void,
): Promise<TaskCounters> {
  if (task.kind === 'emit' || task.kind === 'emit-step') {
    if (log === null) throw new RewindError('log_required', 'this worker has no brokers to write to');
    return task.kind === 'emit'
      ? runEmitTask(store, log, task, signal, onThrottled)
      : runEmitStepTask(store, log, task, signal, onThrottled);
  }
  if (task.kind === 'follow') return runFollowTask(store, task, signal);
  if (task.kind === 'map') return runMapTask(store, task, signal);
  if (task.verifies !== undefined) return runVerifyTask(store, task, task.verifies, signal);
  if (task.spec.jobType === 'DryRun') return runDryRunTask(store, task, signal);
  if (task.base !== undefined) return runBasedFoldTask(store, task, task.base, signal);
  return task.foldIn === 'store' ? runFoldSqlTask(store, task, signal) : runFoldTask(store, task, signal);
}

function describe(error: unknown): {
  code: RewindError['code'];
  message: string;
  facts: Record<string, unknown>;
} {
  if (error instanceof RewindError)
    return { code: error.code, message: error.message, facts: { ...error.facts } };
  return {
    code: 'internal',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    facts: {},
  };
}
