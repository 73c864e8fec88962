/** `rewind replay plan|create|list|get|watch`: replay jobs on a running server; steering them is replay-life.ts. */
import { Command } from 'commander';
import { renderJob, renderPlan } from '../job-text.js';
import { rowOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { addSpecOptions, type SpecOptions, specOf } from '../spec-options.js';
import { watchJob } from '../watch.js';
import { makeEvidenceCommand } from './evidence.js';
import { continueCommand } from './replay-continue.js';
import { followCommand } from './replay-follow.js';
import { LIFE_COMMANDS } from './replay-life.js';
import { exportJobsCommand, listCommand } from './replay-list.js';
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
    exportJobsCommand,
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
