/** `rewind replay pause|resume|cancel|rerun|rebuild|throttle|delete`: steering of jobs on a running server. */
import { Command, Option } from 'commander';
import { renderJob } from '../job-text.js';
import { rowOf } from '../rows.js';
import { type Cli, openSession, type Session } from '../session.js';
import { pair, wholeNumber } from '../values.js';
import { watchJob } from '../watch.js';

export const LIFE_COMMANDS: readonly ((cli: Cli) => Command)[] = [
  (cli) => stepCommand(cli, 'pause', 'Hold a job: workers give back what they have under way'),
  (cli) => stepCommand(cli, 'resume', 'Go on with a paused or failed job, from what is sealed'),
  cancelCommand,
  rerunCommand,
  rebuildCommand,
  throttleCommand,
  deleteCommand,
];

function stepCommand(cli: Cli, step: 'pause' | 'resume', description: string): Command {
  return new Command(step)
    .description(description)
    .argument('<job>', 'job id')
    .action(async (job: string, _options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.post(`/tenants/{tenant_id}/replay-jobs/{job_id}/${step}`, {
        params: { path: { tenant_id: session.tenant, job_id: job } },
      });
      await session.print(answer.data, (terminal) => renderJob(terminal, rowOf(answer.data)));
    });
}

function cancelCommand(cli: Cli): Command {
  return new Command('cancel')
    .description('Stop a job; nobody sees its rows any more, unless they are kept')
    .argument('<job>', 'job id')
    .option('--keep-rows', 'what was sealed so far stays readable, as a partial run')
    .action(async (job: string, options: { keepRows?: boolean }, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.post('/tenants/{tenant_id}/replay-jobs/{job_id}/cancel', {
        params: { path: { tenant_id: session.tenant, job_id: job } },
        body: { rows: options.keepRows ? 'keep' : 'drop' },
      });
      await session.print(answer.data, (terminal) => renderJob(terminal, rowOf(answer.data)));
    });
}

interface RerunCommandOptions {
  readonly set?: Record<string, string>;
  readonly keepBounds?: boolean;
  readonly idempotencyKey?: string;
  readonly watch?: boolean;
  readonly allowFailures?: boolean;
}

function rerunCommand(cli: Cli): Command {
  return new Command('rerun')
    .description('Run a job again: over the same frozen bounds, or with changed fields')
    .argument('<job>', 'job id')
    .addOption(
      new Option(
        '--set <field=value>',
        'field of the spec to change; the value is JSON or text; may be repeated',
      ).argParser((text: string, before: Record<string, string> | undefined) => pair(text, before)),
    )
    .option('--keep-bounds', 'with --set: read exactly the offsets of the parent all the same')
    .option('--idempotency-key <key>', 'the same key gives the same job')
    .option('--watch', 'follow it to its end')
    .option('--allow-failures', 'with --watch: exit 0 although events failed')
    .addHelpText(
      'after',
      '\nExample:\n  rewind replay rerun run-123 --set encoding_version=2 --set name="with the fix"',
    )
    .action(async (job: string, options: RerunCommandOptions, command: Command) => {
      const session = openSession(cli, command);
      const changes = Object.entries(options.set ?? {}).map(([field, text]) => [field, parsed(text)]);
      const body = { ...Object.fromEntries(changes), ...(options.keepBounds ? { keep_bounds: true } : {}) };
      const key = options.idempotencyKey;
      const answer = await session.connection.post('/tenants/{tenant_id}/replay-jobs/{job_id}/rerun', {
        params: {
          path: { tenant_id: session.tenant, job_id: job },
          header: key === undefined ? {} : { 'idempotency-key': key },
        },
        body,
      });
      await showMade(cli, session, answer.data, options);
    });
}

/** The job just made, or all of it to its end. */
async function showMade(
  cli: Cli,
  session: Session,
  data: Buffer,
  options: Pick<RerunCommandOptions, 'watch' | 'allowFailures'>,
): Promise<void> {
  const made = rowOf(data);
  if (options.watch) {
    await watchJob(cli, session, made.text('job_id'), { allowFailures: options.allowFailures === true });
    return;
  }
  await session.print(data, (terminal) => renderJob(terminal, made));
  session.terminal.say(`To follow it: rewind replay watch ${made.text('job_id')}`);
}

/** `--set snapshots=final` is text, `--set encoding_version=2` and `--set 'filters={"severity":["high"]}'` are JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function rebuildCommand(cli: Cli): Command {
  return new Command('rebuild')
    .description('Make the StateRebuild that a dry run was a rehearsal of, over the same bounds')
    .argument('<job>', 'job id of the dry run')
    .option('--watch', 'follow it to its end')
    .option('--allow-failures', 'with --watch: exit 0 although events failed')
    .addHelpText('after', '\nExample:\n  rewind replay rebuild run-123 --watch')
    .action(async (job: string, options: RerunCommandOptions, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.post('/tenants/{tenant_id}/replay-jobs/{job_id}/rebuild', {
        params: { path: { tenant_id: session.tenant, job_id: job } },
      });
      await showMade(cli, session, answer.data, options);
    });
}

function throttleCommand(cli: Cli): Command {
  return new Command('throttle')
    .description('Give a job another pace while it runs')
    .argument('<job>', 'job id')
    .option('--events <n>', 'events in a second, all workers together; 0: no limit', wholeNumber)
    .option('--bytes <n>', 'bytes from the log in a second; 0: no limit', wholeNumber)
    .addHelpText('after', '\nExample:\n  rewind replay throttle run-123 --events 5000')
    .action(async (job: string, options: { events?: number; bytes?: number }, command: Command) => {
      const session = openSession(cli, command);
      const rate = (given: number | undefined) => (given === 0 ? null : given);
      const answer = await session.connection.patch('/tenants/{tenant_id}/replay-jobs/{job_id}/throttle', {
        params: { path: { tenant_id: session.tenant, job_id: job } },
        body: { events_per_second: rate(options.events), bytes_per_second: rate(options.bytes) },
      });
      await session.print(answer.data, (terminal) => renderJob(terminal, rowOf(answer.data)));
    });
}

function deleteCommand(cli: Cli): Command {
  return new Command('delete')
    .description('Remove the rows of an ended job; its entry stays, and it can be run again')
    .argument('<job>', 'job id')
    .action(async (job: string, _options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.delete('/tenants/{tenant_id}/replay-jobs/{job_id}', {
        params: { path: { tenant_id: session.tenant, job_id: job } },
      });
      await session.print(answer.data, (terminal) => renderJob(terminal, rowOf(answer.data)));
    });
}
