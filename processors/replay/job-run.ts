/** What one worker process has under way for a job; host.ts keeps one for each active job. */
import type { StoredJob } from '../store/job-log.js';
import { JobPace } from './pace.js';
import { PaceTeller } from './pace-report.js';
import type { BoundJob } from './pipeline.js';

export interface JobRun {
  readonly job: BoundJob;
  readonly abort: AbortController;
  /** How often the job was resumed after a failure: each time its units get their tries anew. */
  readonly resumes: number;
  /** What it may do in a second, as the job log has it on each round. */
  readonly pace: JobPace;
  /** Tells the others of it. */
  readonly teller: PaceTeller;
  coordinating: Promise<void> | null;
  collecting: Promise<void> | null;
  readonly units: Map<string, Promise<void>>;
  /** Failed tries by unit in this process, and when the next one may begin (monotonic milliseconds). */
  readonly failures: Map<string, { tries: number; notBefore: number }>;
}

export function newJobRun({ jobId, tenantId, state }: StoredJob): JobRun {
  const pace = new JobPace();
  return {
    job: { jobId, tenantId, spec: state.spec as BoundJob['spec'] },
    abort: new AbortController(),
    resumes: state.resumes,
    pace,
    teller: new PaceTeller(jobId, pace),
    coordinating: null,
    collecting: null,
    units: new Map(),
    failures: new Map(),
  };
}

export function mayTry(run: JobRun, unit: string): boolean {
  return performance.now() >= (run.failures.get(unit)?.notBefore ?? 0);
}

export function running(run: JobRun): Promise<void>[] {
  return [run.coordinating, run.collecting, ...run.units.values()].filter((work) => work !== null);
}

export function shuffled<T>(items: readonly T[]): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const other = Math.floor(Math.random() * (i + 1));
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  return order;
}
