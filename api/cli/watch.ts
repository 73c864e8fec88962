/** Follows a job until it is finished. The job is the server's: leaving does not stop it. */
import { setTimeout as wait } from 'node:timers/promises';
import { EXIT } from './exit-codes.js';
import { progressLine, renderJob } from './job-text.js';
import { type Row, rowOf } from './rows.js';
import type { Cli, Session } from './session.js';

const POLL_MS = 500;
const FINISHED = new Set(['Complete', 'Failed', 'Cancelled']);

export interface WatchOptions {
  readonly allowFailures: boolean;
  /** True: something comes after it, and is shown instead. */
  readonly silent?: boolean;
}

/** Shows progress, prints the finished job, and sets the exit code: 1 failed or cancelled, 6 failed events. */
export async function watchJob(
  cli: Cli,
  session: Session,
  jobId: string,
  options: WatchOptions,
): Promise<void> {
  try {
    await follow(cli, session, jobId, options);
  } catch (error) {
    if (!cli.signal.aborted) throw error;
    session.terminal.progressDone();
    session.terminal.say(`The job goes on. To see it again: rewind replay watch ${jobId}`);
    cli.exitCode = EXIT.interrupted;
  }
}

async function follow(cli: Cli, session: Session, jobId: string, options: WatchOptions): Promise<void> {
  const { terminal, connection } = session;
  const path = { tenant_id: session.tenant, job_id: jobId };
  for (;;) {
    const answer = await connection.get('/tenants/{tenant_id}/replay-jobs/{job_id}', { params: { path } });
    const job = rowOf(answer.data);
    if (FINISHED.has(job.text('status'))) {
      terminal.progressDone();
      if (options.silent !== true) await session.print(answer.data, (screen) => renderJob(screen, job));
      cli.exitCode = exitCodeOfJob(job, options);
      return;
    }
    terminal.progress(progressLine(job), factsOf(jobId, job));
    await wait(POLL_MS, undefined, { signal: cli.signal });
  }
}

function exitCodeOfJob(job: Row, { allowFailures }: WatchOptions): number {
  if (job.text('status') !== 'Complete') return EXIT.failed;
  return job.number('events_failed') > 0 && !allowFailures ? EXIT.failedEvents : EXIT.ok;
}

/** The same for programs. */
function factsOf(jobId: string, job: Row): Record<string, string | number> {
  const progress = job.row('progress');
  const facts: Record<string, string | number> = {
    job_id: jobId,
    status: job.text('status'),
    stage: progress.text('stage'),
  };
  for (const name of NUMBERS) if (progress.text(name) !== '') facts[name] = progress.number(name);
  for (const name of ['read_until', 'slowest_stage', 'held_by'])
    if (progress.text(name) !== '') facts[name] = progress.text(name);
  return facts;
}

const NUMBERS = ['percent', 'events_per_second', 'bytes_per_second', 'eta_seconds', 'failed'] as const;
