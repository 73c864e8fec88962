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
  const rate = rateMeter();
  for (;;) {
    const answer = await connection.get('/tenants/{tenant_id}/replay-jobs/{job_id}', { params: { path } });
    const job = rowOf(answer.data);
    if (FINISHED.has(job.text('status'))) {
      terminal.progressDone();
      if (options.silent !== true) await session.print(answer.data, (screen) => renderJob(screen, job));
      cli.exitCode = exitCodeOfJob(job, options);
      return;
    }
    const perSecond = rate(job);
    terminal.progress(progressLine(job, perSecond), {
      job_id: jobId,
      status: job.text('status'),
      stage: job.row('progress').text('stage'),
      percent: job.row('progress').number('percent'),
      events_per_second: Math.round(perSecond),
    });
    await wait(POLL_MS, undefined, { signal: cli.signal });
  }
}

function exitCodeOfJob(job: Row, { allowFailures }: WatchOptions): number {
  if (job.text('status') !== 'Complete') return EXIT.failed;
  return job.number('events_failed') > 0 && !allowFailures ? EXIT.failedEvents : EXIT.ok;
}

/** Events per second since the stage began. */
function rateMeter(): (job: Row) => number {
  let stage = '';
  let startTime = 0;
  let startDone = 0;
  return (job) => {
    const progress = job.row('progress');
    const done = progress.number('collected') + progress.number('folded');
    if (progress.text('stage') !== stage) {
      stage = progress.text('stage');
      startTime = performance.now();
      startDone = done;
      return 0;
    }
    const seconds = (performance.now() - startTime) / 1000;
    return seconds > 0 ? (done - startDone) / seconds : 0;
  };
}
