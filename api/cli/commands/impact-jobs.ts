/** `rewind impact show|list|cancel|delete`: log replays that run as jobs. */
import { Command } from 'commander';
import { type PageOptions, paged, sayNext } from '../paging.js';
import { type Row, rowsOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { type Column, renderTable } from '../table.js';
import { count } from '../values.js';

const COLUMNS: readonly Column<Row>[] = [
  { title: 'LOG REPLAY', whole: true, value: (row) => row.text('replay_id') },
  { title: 'STATUS', value: (row) => row.text('status') },
  { title: 'DONE', value: (row) => `${row.number('percent')} %`, align: 'right' },
  { title: 'DECISIONS', value: (row) => count(row.number('entries_observed')), align: 'right' },
  { title: 'CHANGED', value: (row) => count(row.number('results_changed')), align: 'right' },
  { title: 'CREATED', value: (row) => row.text('created_at') },
];

export function impactListCommand(cli: Cli): Command {
  const list = new Command('list').description('Log replays that run or ran as jobs, the newest first');
  return paged(list, 'log replays', 20).action(async (options: PageOptions, command: Command) => {
    const session = openSession(cli, command);
    const answer = await session.connection.get('/v1/logreplay', {
      params: { query: { ...options }, header: { 'x-tenant-id': session.tenant } },
    });
    await session.print(answer.data, (terminal) => renderTable(terminal, COLUMNS, rowsOf(answer.data)));
    sayNext(session, answer.next);
  });
}

export function impactCancelCommand(cli: Cli): Command {
  return new Command('cancel')
    .description('End a log replay; what it has found so far stays')
    .argument('<id>', 'log replay')
    .action(async (id: string, _options: unknown, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.post('/v1/logreplay/{replay_id}/cancel', {
        params: { path: { replay_id: id }, header: { 'x-tenant-id': session.tenant } },
      });
      await session.print(answer.data, () => `Cancelled: ${id}\n`);
    });
}

export function impactDeleteCommand(cli: Cli): Command {
  return new Command('delete')
    .description('Remove a log replay with its rows')
    .argument('<id>', 'log replay')
    .action(async (id: string, _options: unknown, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.delete('/v1/logreplay/{replay_id}', {
        params: { path: { replay_id: id }, header: { 'x-tenant-id': session.tenant } },
      });
      await session.print(answer.data, () => `Deleted: ${id}\n`);
    });
}
