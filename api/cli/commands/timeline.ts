/** `rewind timeline JOB`: the events of a finished run in order. */
import { Command } from 'commander';
import { rowsOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { renderTable } from '../table.js';
import { positiveInteger, wholeNumber } from '../values.js';

export function timelineCommand(cli: Cli): Command {
  return new Command('timeline')
    .description('The events of a finished run in order')
    .argument('<job>', 'job id')
    .option('--from <index>', 'first index', wholeNumber, 0)
    .option('--limit <n>', 'entries, 1000 at most', positiveInteger, 50)
    .action(async (job: string, options: { from: number; limit: number }, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/tenants/{tenant_id}/replay-jobs/{job_id}/timeline', {
        params: { path: { tenant_id: session.tenant, job_id: job }, query: options },
      });
      await session.print(answer.data, (terminal) =>
        renderTable(
          terminal,
          [
            { title: '#', align: 'right', value: (row) => row.text('index') },
            { title: 'TIME', value: (row) => row.text('timestamp') },
            { title: 'EVENT', value: (row) => row.text('event_type') },
            { title: 'ENTITY', value: (row) => `${row.text('entity_type')}/${row.text('entity_id')}` },
            { title: 'CHANGES', align: 'right', value: (row) => row.text('changes') },
          ],
          rowsOf(answer.data),
        ),
      );
      if (answer.next !== null) session.terminal.say(`Next page: --from ${answer.next}`);
    });
}
