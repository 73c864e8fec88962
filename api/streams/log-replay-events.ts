/**
 * The events of a log replay's stream. The id of each is what is done by then, or its end, which the store knows: a client
 * goes on behind it at any server.
 */
import type { LogReplayJob } from '../../processors/logreplay/job-contract.js';
import type { Watch } from '../../processors/results/feeds.js';
import type { StreamEvent } from './event-stream.js';

export interface LogReplayEventsOptions {
  readonly watch: Watch<LogReplayJob>;
  readonly row: (job: LogReplayJob) => object;
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
}

const ENDS = { Complete: 'completed', Failed: 'failed', Cancelled: 'cancelled' } as const;

function idOf(job: LogReplayJob): string {
  return job.endedMs === null ? `at-${job.status}-${job.offsetsDone}` : `end-${job.endedMs}`;
}

/** True where the client has seen the end: it need not connect again. */
export function isSeen(job: LogReplayJob, lastId: string | undefined): boolean {
  return job.endedMs !== null && lastId === idOf(job);
}

/** Yields null where nothing happened for a heartbeat. Ends with the replay's end, or at the signal. */
export async function* logReplayEvents(
  { watch, row, heartbeatMs, signal }: LogReplayEventsOptions,
  lastId: string | undefined,
): AsyncGenerator<StreamEvent | null> {
  let told = lastId;
  while (!signal.aborted) {
    const { view, version } = watch.current();
    const id = idOf(view);
    const end = view.status in ENDS ? ENDS[view.status as keyof typeof ENDS] : null;
    if (id !== told) yield { type: `logreplay.${end ?? 'progress'}`, data: row(view), id };
    told = id;
    if (end !== null) return;
    const before = performance.now();
    await watch.changed(version, heartbeatMs, signal);
    if (performance.now() - before >= heartbeatMs) yield null;
  }
}
