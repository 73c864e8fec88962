/** `rewind snapshot get|event JOB INDEX`: one snapshot with its diff and states, and the event behind it. */
import { Command } from 'commander';
import { prettyJson } from '../../json/pretty.js';
import { rowOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { renderStep } from '../story.js';
import { renderFacts } from '../table.js';
import { printable } from '../terminal.js';
import { wholeNumber } from '../values.js';

export function snapshotCommand(cli: Cli): Command {
  const snapshot = new Command('snapshot').description('Single snapshots of a run');
  snapshot.addCommand(
    new Command('get')
      .description('One snapshot: what changed, and the state after it')
      .argument('<job>', 'job id')
      .argument('<index>', 'place in the timeline, from 0', wholeNumber)
      .action(async (job: string, index: number, _options: object, command: Command) => {
        const session = openSession(cli, command);
        const answer = await session.connection.get(
          '/tenants/{tenant_id}/replay-jobs/{job_id}/snapshots/{index}',
          { params: { path: { tenant_id: session.tenant, job_id: job, index } } },
        );
        await session.print(answer.data, (terminal) => {
          const row = rowOf(answer.data);
          const facts = renderFacts(terminal, [
            ['entity', `${row.text('entity_type')}/${row.text('entity_id')}`],
            ['event', row.text('event_id')],
            ['record', `${row.text('topic')}/${row.text('partition')}/${row.text('offset')}`],
          ]);
          const state = prettyJson(row.raw('state_after')).split('\n').map(printable).join('\n');
          return `${facts}\n${renderStep(terminal, row)}\nState after:\n${state}\n`;
        });
      }),
  );
  snapshot.addCommand(eventCommand(cli));
  return snapshot;
}

/** Values that an encoding masks are in the event alone. */
function eventCommand(cli: Cli): Command {
  return new Command('event')
    .description(
      'The event behind a snapshot as it came, unmasked: for owners, and entered in the audit trail',
    )
    .argument('<job>', 'job id')
    .argument('<index>', 'place in the timeline, from 0', wholeNumber)
    .requiredOption('--reason <text>', 'why; it goes into the audit trail')
    .action(async (job_id: string, index: number, query: { reason: string }, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get(
        '/tenants/{tenant_id}/replay-jobs/{job_id}/snapshots/{index}/event',
        { params: { path: { tenant_id: session.tenant, job_id, index }, query } },
      );
      await session.print(answer.data, () => `${prettyJson(answer.data.toString())}\n`);
    });
}
