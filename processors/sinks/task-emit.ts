/**
 * One unit of the output stage: everything it has to say is acknowledged by the brokers before its manifest is written.
 * A crash here leaves records under a claim that no end marker names.
 */
import { OutputProducer } from '../kafka/output-producer.js';
import { openRegistry } from '../kafka/registry.js';
import type { TaskCounters } from '../replay/tasks.js';
import type { Store } from '../store/store.js';
import { emitEvents } from './emit-events.js';
import { emitDecisions, emitSnapshots } from './emit-rows.js';
import type { EmitTask, OutputLog } from './emitting.js';
import { Tally } from './tally.js';

export async function runEmitTask(
  store: Store,
  log: OutputLog,
  task: EmitTask,
  signal: AbortSignal,
  onThrottled: (ms: number) => void,
): Promise<TaskCounters> {
  const producer = await OutputProducer.open(log, task.topics, task.producing, onThrottled);
  const tally = new Tally();
  try {
    if (task.range.source === undefined) {
      await emitSnapshots(store, producer, task, tally, signal);
      await emitDecisions(store, producer, task, tally, signal);
    } else await emitEvents(store, producer, openRegistry(log), task, tally, signal);
    await producer.flush();
    return tally.counters();
  } finally {
    await producer.close();
  }
}
