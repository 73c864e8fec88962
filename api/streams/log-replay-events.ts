/**
 * The events of a log replay's stream. The id of each is what is done by then, or its end, which the store knows: a client
 * goes on behind it at any server.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogReplayJob } from '../../processors/logreplay/job-contract.js';
import type { StreamEvent } from './event-stream.js';

export interface LogReplayEventsOptions {
  readonly look: () => Promise<LogReplayJob>;
  readonly row: (job: LogReplayJob) => object;
  readonly pollMs: number;
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
  { look, row, pollMs, heartbeatMs, signal }: LogReplayEventsOptions,
  lastId: string | undefined,
): AsyncGenerator<StreamEvent | null> {
  let told = lastId;
  let toldAt = performance.now();
  while (!signal.aborted) {
    const job = await look();
    const id = idOf(job);
    const end = job.status in ENDS ? ENDS[job.status as keyof typeof ENDS] : null;
    if (id !== told) yield { type: `logreplay.${end ?? 'progress'}`, data: row(job), id };
    else if (performance.now() - toldAt >= heartbeatMs) yield null;
    if (id !== told || performance.now() - toldAt >= heartbeatMs) toldAt = performance.now();
    told = id;
    if (end !== null) return;
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}
