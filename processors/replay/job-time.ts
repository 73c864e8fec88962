/** How long a job has waited, run and been paused: added up from the times of its events. For people and limits alone. */
import type { JobStatus } from '../../schemas/job.js';

export interface JobTimes {
  readonly queuedMs: number;
  readonly runningMs: number;
  readonly pausedMs: number;
  /** Since when the job has had its status; milliseconds since 1970. */
  readonly since: number;
}

const NAMES: Partial<Record<JobStatus, 'queuedMs' | 'runningMs' | 'pausedMs'>> = {
  Pending: 'queuedMs',
  Running: 'runningMs',
  Paused: 'pausedMs',
};

export function startTimes(at: string): JobTimes {
  return { queuedMs: 0, runningMs: 0, pausedMs: 0, since: Date.parse(at) };
}

/** The times up to `nowMs`, of a job that has had `status` since the last change. */
export function timesUntil(times: JobTimes, status: JobStatus, nowMs: number): JobTimes {
  const name = NAMES[status];
  if (name === undefined) return times;
  return { ...times, [name]: times[name] + Math.max(0, nowMs - times.since), since: nowMs };
}
