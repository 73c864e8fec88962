/** `rewind replay report JOB`: what a dry run found, and what its baseline sees differently. */
import { Command } from 'commander';
import { renderReport } from '../report-text.js';
import { rowOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';

export function reportCommand(cli: Cli): Command {
  return new Command('report')
    .description('What a dry run would change, and how it differs from its baseline')
    .argument('<job>', 'job id')
    .addHelpText('after', '\nExample:\n  rewind replay report run-123')
    .action(async (job: string, _options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/tenants/{tenant_id}/replay-jobs/{job_id}/report', {
        params: { path: { tenant_id: session.tenant, job_id: job } },
      });
      await session.print(answer.data, (terminal) => renderReport(terminal, rowOf(answer.data)));
    });
}
