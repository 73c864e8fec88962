/** `rewind timeline JOB`: the events of a finished run in order, by index, from a time on, or narrowed; `timeline first` searches it. */
import { Command } from 'commander';
import { rowOf, rowsOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { renderFound } from '../story.js';
import { renderTable } from '../table.js';
import { positiveInteger, wholeNumber } from '../values.js';

interface Narrowing {
  readonly at?: string;
  readonly until?: string;
  readonly entityType?: string;
  readonly entityId?: string;
  readonly eventType?: string;
}

interface TimelineOptions extends Narrowing {
  readonly from: number;
  readonly limit: number;
  readonly field?: string;
}

function narrowed(command: Command): Command {
  return command
    .option('--at <time>', 'begin with the first event at or behind this time')
    .option('--until <time>', 'no events behind this time')
    .option('--entity-type <type>', 'only entities of this type')
    .option('--entity-id <id>', 'only entities with this id')
    .option('--event-type <type>', 'only events of this type; content.* is all that begin with content.');
}

export function timelineCommand(cli: Cli): Command {
  return narrowed(new Command('timeline'))
    .description('The events of a finished run in order')
    .argument('<job>', 'job id')
    .option('--from <index>', 'first index', wholeNumber, 0)
    .option('--limit <n>', 'entries, 1000 at most', positiveInteger, 50)
    .option('--field <name>', 'only events that changed this field')
    .addHelpText('after', '\nExample:\n  rewind timeline run-123 --at 2024-01-15T10:30:00Z --field status')
    .addCommand(firstCommand(cli))
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

function firstCommand(cli: Cli): Command {
  return narrowed(new Command('first'))
    .description('The first event after which conditions on the state of its entity hold')
    .argument('<job>', 'job id')
    .requiredOption('--where <conditions>', 'for example: /status eq published and /wordCount gt 1000')
    .addHelpText('after', "\nExample:\n  rewind timeline first run-123 --where '/status eq published'")
    .action(async (job: string, _options: object, command: Command) => {
      const session = openSession(cli, command);
      // The command above has options of the same names, and takes them first.
      const options = command.optsWithGlobals<Narrowing & { readonly where: string }>();
      const answer = await session.connection.get(
        '/tenants/{tenant_id}/replay-jobs/{job_id}/timeline/first',
        {
          params: {
            path: { tenant_id: session.tenant, job_id: job },
            query: {
              where: options.where,
              at: options.at,
              until: options.until,
              entity_type: options.entityType,
              entity_id: options.entityId,
              event_type: options.eventType,
            },
          },
        },
      );
      await session.print(answer.data, (terminal) => renderFound(terminal, rowOf(answer.data)));
    });
}
