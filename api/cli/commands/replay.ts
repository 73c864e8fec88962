/** `rewind replay plan|create|list|get|watch`: replay jobs on a running server; steering them is replay-life.ts. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { JOB_STATUSES, type JobStatus, type JobType } from '../../../schemas/job.js';
import { renderJob, renderJobs, renderPlan } from '../job-text.js';
import { rowOf, rowsOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { addSpecOptions, type SpecOptions, specOf } from '../spec-options.js';
import { pair, positiveInteger } from '../values.js';
import { watchJob } from '../watch.js';
import { makeEvidenceCommand } from './evidence.js';
import { continueCommand } from './replay-continue.js';
import { followCommand } from './replay-follow.js';
import { LIFE_COMMANDS } from './replay-life.js';
import { outputsCommand } from './replay-outputs.js';
import { reportCommand } from './replay-report.js';
import { unitsCommand } from './replay-units.js';
import { verifyCommand } from './replay-verify.js';

export function replayCommand(cli: Cli): Command {
  const replay = new Command('replay').description('Replay jobs');
  for (const make of [
    planCommand,
    createCommand,
    listCommand,
    getCommand,
    watchCommand,
    unitsCommand,
    reportCommand,
    outputsCommand,
    verifyCommand,
    makeEvidenceCommand,
    followCommand,
    continueCommand,
    ...LIFE_COMMANDS,
  ]) {
    replay.addCommand(make(cli));
  }
  return replay;
}

function planCommand(cli: Cli): Command {
  return addSpecOptions(new Command('plan'))
    .description('What a job would read and write, without effect')
    .action(async (options: SpecOptions, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.post('/tenants/{tenant_id}/replay-jobs:plan', {
        params: { path: { tenant_id: session.tenant } },
        body: specOf(options),
      });
      await session.print(answer.data, (terminal) => renderPlan(terminal, rowOf(answer.data)));
    });
}

interface CreateOptions extends SpecOptions {
  readonly watch?: boolean;
  readonly allowFailures?: boolean;
  readonly idempotencyKey?: string;
}

function createCommand(cli: Cli): Command {
  return addSpecOptions(new Command('create'))
    .description('Create a job')
    .option('--watch', 'follow it to its end')
    .option('--allow-failures', 'with --watch: exit 0 although events failed')
    .option('--idempotency-key <key>', 'the same key gives the same job')
    .addHelpText(
      'after',
      '\nExample:\n  rewind replay create --from 2024-01-01T00:00:00Z --to 2024-01-31T23:59:59Z --watch',
    )
    .action(async (options: CreateOptions, command: Command) => {
      const session = openSession(cli, command);
      const key = options.idempotencyKey;
      const answer = await session.connection.post('/tenants/{tenant_id}/replay-jobs', {
        params: {
          path: { tenant_id: session.tenant },
          header: key === undefined ? {} : { 'idempotency-key': key },
        },
        body: specOf(options),
      });
      const job = rowOf(answer.data);
      if (!options.watch) {
        await session.print(answer.data, (terminal) => renderJob(terminal, job));
        session.terminal.say(`To follow it: rewind replay watch ${job.text('job_id')}`);
        return;
      }
      session.terminal.say(`Job ${job.text('job_id')}`);
      await watchJob(cli, session, job.text('job_id'), { allowFailures: options.allowFailures === true });
    });
}

function listCommand(cli: Cli): Command {
  return new Command('list')
    .description('Jobs of the tenant, the newest first')
    .option('--limit <n>', 'jobs of a page, 1000 at most', positiveInteger, 50)
    .option('--cursor <cursor>', 'page to go on with')
    .addOption(
      new Option('--status <statuses>', 'only these, joined by commas').argParser((text: string) => {
        const unknown = text.split(',').filter((one) => !JOB_STATUSES.includes(one as JobStatus));
        if (unknown.length > 0)
          throw new InvalidArgumentError(`no status ${unknown.join(', ')}: ${JOB_STATUSES.join(', ')}`);
        return text;
      }),
    )
    .addOption(new Option('--type <type>', 'only these').choices(['StateRebuild', 'DryRun', 'DecisionOnly']))
    .addOption(
      new Option('--label <key=value>', 'only jobs with this label; may be repeated').argParser(
        (text: string, before: Record<string, string> | undefined) => pair(text, before),
      ),
    )
    .option('--created-from <time>', 'created at or after, RFC 3339 or relative: 7d')
    .option('--created-to <time>', 'created at or before')
    .option('--by <actor>', 'created by')
    .option('--name <text>', 'part of the name')
    .option('--parent <job>', 'made from this job')
    .addOption(
      new Option('--deleted <which>', 'jobs whose rows were deleted').choices(['without', 'with', 'only']),
    )
    .addHelpText(
      'after',
      '\nExample:\n  rewind replay list --status Failed,Paused --label team=billing --created-from 7d',
    )
    .action(async (options: ListOptions, command: Command) => {
      const session = openSession(cli, command);
      const { label, createdFrom, createdTo, by, parent, ...rest } = options;
      const answer = await session.connection.get('/tenants/{tenant_id}/replay-jobs', {
        params: {
          path: { tenant_id: session.tenant },
          query: {
            ...rest,
            label: label === undefined ? undefined : Object.entries(label).map((one) => one.join('=')),
            created_from: createdFrom,
            created_to: createdTo,
            created_by: by,
            parent_job_id: parent,
          },
        },
      });
      await session.print(answer.data, (terminal) => renderJobs(terminal, rowsOf(answer.data)));
      if (answer.next !== null) session.terminal.say(`Next page: --cursor ${answer.next}`);
    });
}

interface ListOptions {
  readonly limit: number;
  readonly cursor?: string;
  readonly status?: string;
  readonly type?: JobType;
  readonly label?: Record<string, string>;
  readonly createdFrom?: string;
  readonly createdTo?: string;
  readonly by?: string;
  readonly name?: string;
  readonly parent?: string;
  readonly deleted?: 'without' | 'with' | 'only';
}

function getCommand(cli: Cli): Command {
  return new Command('get')
    .description('One job: range, counters, funnel, verdict')
    .argument('<job>', 'job id')
    .action(async (job: string, _options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/tenants/{tenant_id}/replay-jobs/{job_id}', {
        params: { path: { tenant_id: session.tenant, job_id: job } },
      });
      await session.print(answer.data, (terminal) => renderJob(terminal, rowOf(answer.data)));
    });
}

function watchCommand(cli: Cli): Command {
  return new Command('watch')
    .description('Follow a job to its end')
    .argument('<job>', 'job id')
    .option('--allow-failures', 'exit 0 although events failed')
    .action(async (job: string, options: { allowFailures?: boolean }, command: Command) => {
      const session = openSession(cli, command);
      await watchJob(cli, session, job, { allowFailures: options.allowFailures === true });
    });
}
