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

/** Running time, in milliseconds, after which a stage began; the fold includes the seal. */
export interface StageStarts {
  readonly collect?: number;
  readonly map?: number;
  readonly fold?: number;
  readonly emit?: number;
}

/** The stage that has taken most of the running time so far; null: none has begun. */
export function slowestStage(stages: StageStarts, runningMs: number): keyof StageStarts | null {
  const begun = (['collect', 'map', 'fold', 'emit'] as const)
    .flatMap((stage) => (stages[stage] === undefined ? [] : [{ stage, from: stages[stage] }]))
    .map(({ stage, from }, i, all) => ({ stage, ms: (all[i + 1]?.from ?? runningMs) - from }));
  return (
    begun.reduce<(typeof begun)[number] | null>((a, b) => (a === null || b.ms > a.ms ? b : a), null)?.stage ??
    null
  );
}
