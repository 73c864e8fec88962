/** `rewind replay units`: the units of a job one by one. */
import { Command } from 'commander';
import { type PageOptions, paged, sayNext } from '../paging.js';
import { type Row, rowsOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { type Column, renderTable } from '../table.js';
import { count, duration } from '../values.js';

export function unitsCommand(cli: Cli): Command {
  return paged(new Command('units'), 'units', 100)
    .description('Units of a job: who holds or did them, how often they were begun, what they gave')
    .argument('<job>', 'job id')
    .addHelpText('after', '\nExample:\n  rewind replay units run-123')
    .action(async (job: string, query: PageOptions, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/tenants/{tenant_id}/replay-jobs/{job_id}/units', {
        params: { path: { tenant_id: session.tenant, job_id: job }, query },
      });
      await session.print(answer.data, (terminal) => {
        const rows = rowsOf(answer.data);
        return rows.length === 0 ? 'No units yet.\n' : renderTable(terminal, COLUMNS, rows);
      });
      sayNext(session, answer.next);
    });
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'STAGE', value: (row) => row.text('stage') },
  { title: 'UNIT', value: (row) => row.text('unit') },
  { title: 'STATUS', value: statusOf },
  { title: 'EVENTS', align: 'right', value: (row) => count(row.number('events')) },
  { title: 'ROWS', align: 'right', value: (row) => count(row.number('rows')) },
  { title: 'FAILED', align: 'right', value: (row) => count(row.number('failed')) },
  { title: 'TRIES', align: 'right', value: (row) => row.text('attempts') },
  { title: 'TOOK', align: 'right', value: tookOf },
  { title: 'WORKER', value: (row) => row.text('worker') || '-' },
];

function statusOf(row: Row): string {
  const [done, total] = [row.number('done'), row.number('total')];
  return row.text('stage') === 'collect' ? `${count(done)} of ${count(total)}` : row.text('status');
}

function tookOf(row: Row): string {
  const [start, last] = [row.text('started_at'), row.text('last_sign_at')];
  return start === '' ? '-' : duration((Date.parse(last) - Date.parse(start)) / 1000);
}
