/**
 * What the worker processes of a job tell of its pace, in the unit log: each in a unit of its own that only has beats, so
 * that nothing depends on it. A process that dies leaves its last words; what it read counts, its reasons are forgotten.
 */
import { randomUUID } from 'node:crypto';
import { COLLECT_PREFIX } from '../collect/layout.js';
import type { UnitLog } from '../store/unit-log.js';
import type { HoldReason, JobPace, PaceReport } from './pace.js';

export const PACE_PREFIX = 'pace/';
/** So often at most. */
const TELL_MS = 1_000;
/** What was said longer ago says nothing about now. */
const FRESH_MS = 6_000;
/** A report that says the same as before is repeated so often, so that it stays fresh. */
const REPEAT_MS = FRESH_MS / 2;

/** The reports of one process for one job. */
export class PaceTeller {
  readonly #jobId: string;
  readonly #pace: JobPace;
  readonly #unit = `${PACE_PREFIX}${randomUUID()}`;
  #toldAt = Number.NEGATIVE_INFINITY;
  #told = '';

  constructor(jobId: string, pace: JobPace) {
    this.#jobId = jobId;
    this.#pace = pace;
  }

  /** Tells what is new, not too often; a report that is lost is no loss. `now`: at the end of a stage, at once. */
  async tell(unitLog: UnitLog, worker: string, now = false): Promise<void> {
    const since = performance.now() - this.#toldAt;
    if (!now && since < TELL_MS) return;
    const report = this.#pace.report();
    const text = JSON.stringify(report);
    const idle = report.records === 0 && HOLD_REASONS.every((reason) => report[reason] === undefined);
    if (text === this.#told ? since < REPEAT_MS || idle : idle && this.#told === '') return;
    this.#toldAt = performance.now();
    this.#told = text;
    const entry = { scope: this.#jobId, unit: this.#unit, kind: 'beat' as const, claim: '0', worker };
    await unitLog.append([{ ...entry, counters: report }]).catch(() => undefined);
  }
}

/** The strongest first: a job that the broker holds back is not helped by another pace. */
const HOLD_REASONS: readonly HoldReason[] = ['broker', 'store', 'throttle'];

/** Bytes of the log that the job has read: by its own manifests, which miss no record, or as its processes say. */
export async function bytesRead(unitLog: UnitLog, jobId: string): Promise<number> {
  const units = await unitLog.readScope(jobId, COLLECT_PREFIX);
  const stored = [...units.values()].reduce((sum, { counters }) => sum + (counters.bytes ?? 0), 0);
  return Math.max(stored, (await readPace(unitLog, jobId)).bytes);
}

export interface JobPaceNow {
  /** All that the job has read from the log, whatever became of it. */
  readonly bytes: number;
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Up to which record time all of those who read have come; null: nobody says. */
  readonly recordTimeMs: number | null;
  readonly heldBy: HoldReason | null;
}

export async function readPace(unitLog: UnitLog, jobId: string): Promise<JobPaceNow> {
  const all = await unitLog.lastBeats(jobId, PACE_PREFIX);
  const fresh = all
    .filter(({ ageMs }) => ageMs < FRESH_MS)
    .map(({ counters }) => counters as Partial<PaceReport>);
  const sum = (name: 'recordsPerSecond' | 'bytesPerSecond') =>
    fresh.reduce((total, report) => total + (report[name] ?? 0), 0);
  const times = fresh.flatMap(({ recordTimeMs }) => (recordTimeMs === undefined ? [] : [recordTimeMs]));
  return {
    bytes: all.reduce((total, { counters }) => total + (counters.bytes ?? 0), 0),
    recordsPerSecond: sum('recordsPerSecond'),
    bytesPerSecond: sum('bytesPerSecond'),
    recordTimeMs: times.length === 0 ? null : Math.min(...times),
    heldBy: HOLD_REASONS.find((reason) => fresh.some((report) => report[reason] !== undefined)) ?? null,
  };
}
