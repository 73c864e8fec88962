/** Where a job ends because it would use more than it may: at its plan, at its input, or while it runs. Pure. */
import { type ErrorCode, RewindError } from '../../schemas/errors.js';
import type { JobLimits, ReplayPlan } from '../../schemas/job.js';
import type { JobState } from './job-state.js';
import { timesUntil } from './job-time.js';

/** What the plan is sure of: events that the archive holds, bytes of the log, space on disk. */
export function checkPlan(plan: ReplayPlan, limits: JobLimits, reserveBytes: number): void {
  check(
    'max_events_exceeded',
    'selected events in the archive',
    BigInt(plan.eventsInArchive),
    limits.maxEvents,
  );
  check('max_bytes_exceeded', 'bytes to read from the log', BigInt(plan.bytesToRead), limits.maxBytes);
  const needed = BigInt(plan.diskNeededBytes);
  const free = BigInt(plan.diskFreeBytes) - BigInt(reserveBytes);
  if (needed > 0n && needed > free) {
    throw new RewindError(
      'disk_too_small',
      `about ${needed} bytes are needed, ${plan.diskFreeBytes} are free, of which ${reserveBytes} stay free`,
      { facts: { needed, free: plan.diskFreeBytes, reserve: reserveBytes } },
    );
  }
}

/** What the job has read so far; a plan knows sizes from samples alone. */
export function checkBytes(read: number, limits: JobLimits): void {
  check('max_bytes_exceeded', 'bytes read from the log', BigInt(read), limits.maxBytes);
}

export function checkEvents(selected: number, limits: JobLimits): void {
  check('max_events_exceeded', 'selected events', BigInt(selected), limits.maxEvents);
}

export function checkRows(snapshots: number, limits: JobLimits): void {
  check('max_rows_exceeded', 'snapshots', BigInt(snapshots), limits.maxRows);
}

/** The error of a job that has run for too long; null: it may go on. */
export function overdue(state: JobState, limits: JobLimits, nowMs: number): RewindError | null {
  const { maxDurationMs } = limits;
  if (maxDurationMs === null) return null;
  const { runningMs } = timesUntil(state.times, state.status, nowMs);
  if (runningMs <= maxDurationMs) return null;
  return new RewindError(
    'max_duration_exceeded',
    `it has run for ${runningMs} ms, allowed are ${maxDurationMs}`,
    {
      facts: { runningMs, allowed: maxDurationMs },
    },
  );
}

function check(code: ErrorCode, what: string, found: bigint, allowed: number | null): void {
  if (allowed === null || found <= BigInt(allowed)) return;
  throw new RewindError(code, `${found} ${what}, allowed are ${allowed}`, { facts: { found, allowed } });
}
