/** `rewind replay continue --current`: a run that goes on from the end of the current one. */
import { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { renderJob } from '../job-text.js';
import { promoteJob } from '../promote.js';
import { rowOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { watchJob } from '../watch.js';

interface ContinueOptions {
  readonly to?: string;
  readonly watch?: boolean;
  readonly promote?: boolean;
  readonly reason?: string;
  readonly allowFailures?: boolean;
  readonly idempotencyKey?: string;
}

export function continueCommand(cli: Cli): Command {
  return new Command('continue')
    .description("Go on from the end of the run that is the tenant's current state")
    .requiredOption('--current', 'from the current state')
    .option('--to <time>', 'end, included; RFC 3339 or relative (default: now)')
    .option('--watch', 'follow it to its end')
    .option('--promote', 'follow it to its end, and make it the current state')
    .option('--reason <text>', 'with --promote: why; needed where the run is not exact')
    .option('--allow-failures', 'exit 0, and promote, although events failed')
    .option('--idempotency-key <key>', 'the same key gives the same job')
    .addHelpText('after', '\nExample:\n  rewind replay continue --current --promote')
    .action(async (options: ContinueOptions, command: Command) => {
      const session = openSession(cli, command);
      const key = options.idempotencyKey;
      const answer = await session.connection.post('/tenants/{tenant_id}/current-state/continue', {
        params: {
          path: { tenant_id: session.tenant },
          header: key === undefined ? {} : { 'idempotency-key': key },
        },
        body: { to: options.to },
      });
      const job = rowOf(answer.data);
      const jobId = job.text('job_id');
      if (!options.watch && !options.promote) {
        await session.print(answer.data, (terminal) => renderJob(terminal, job));
        session.terminal.say(`To follow it: rewind replay watch ${jobId}`);
        return;
      }
      session.terminal.say(`Job ${jobId}`);
      const allowFailures = options.allowFailures === true;
      await watchJob(cli, session, jobId, { allowFailures, silent: options.promote === true });
      if (options.promote !== true) return;
      if (cli.exitCode === EXIT.ok) await promoteJob(cli, session, jobId, options);
      else session.terminal.say(`Not promoted. To see why: rewind replay get ${jobId}`);
    });
}
