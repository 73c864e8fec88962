/** `rewind timeline JOB`: the events of a finished run in order, by index, from a time on, or narrowed. */
import { Command } from 'commander';
import { rowsOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { renderTable } from '../table.js';
import { positiveInteger, wholeNumber } from '../values.js';

interface TimelineOptions {
  readonly from: number;
  readonly limit: number;
  readonly at?: string;
  readonly until?: string;
  readonly entityType?: string;
  readonly entityId?: string;
  readonly eventType?: string;
  readonly field?: string;
}

export function timelineCommand(cli: Cli): Command {
  return new Command('timeline')
    .description('The events of a finished run in order')
    .argument('<job>', 'job id')
    .option('--from <index>', 'first index', wholeNumber, 0)
    .option('--limit <n>', 'entries, 1000 at most', positiveInteger, 50)
    .option('--at <time>', 'begin with the first event at or behind this time')
    .option('--until <time>', 'no events behind this time')
    .option('--entity-type <type>', 'only entities of this type')
    .option('--entity-id <id>', 'only entities with this id')
    .option('--event-type <type>', 'only events of this type; content.* is all that begin with content.')
    .option('--field <name>', 'only events that changed this field')
    .addHelpText('after', '\nExample:\n  rewind timeline run-123 --at 2024-01-15T10:30:00Z --field status')
    .action(async (job: string, options: TimelineOptions, command: Command) => {
      const session = openSession(cli, command);
      const { entityType, entityId, eventType, ...rest } = options;
      const query = { ...rest, entity_type: entityType, entity_id: entityId, event_type: eventType };
      const answer = await session.connection.get('/tenants/{tenant_id}/replay-jobs/{job_id}/timeline', {
        params: { path: { tenant_id: session.tenant, job_id: job }, query },
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
