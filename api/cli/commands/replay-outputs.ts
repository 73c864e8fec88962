/** `rewind replay outputs`: the topics that a run was written to. */
import { Command } from 'commander';
import { type Row, rowsOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { type Column, renderTable } from '../table.js';
import { count } from '../values.js';

export function outputsCommand(cli: Cli): Command {
  return new Command('outputs')
    .description('Output topics of a run: where it begins and ends in each partition')
    .argument('<job>', 'job id')
    .action(async (job: string, _options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/tenants/{tenant_id}/replay-jobs/{job_id}/outputs', {
        params: { path: { tenant_id: session.tenant, job_id: job } },
      });
      await session.print(answer.data, (terminal) => {
        const lines = rowsOf(answer.data).flatMap((topic) =>
          topic.rows('partitions').map((partition) => ({ topic, partition })),
        );
        if (lines.length === 0) return 'No output topics.\n';
        return renderTable(terminal, COLUMNS, lines);
      });
    });
}

interface Line {
  readonly topic: Row;
  readonly partition: Row;
}

const COLUMNS: readonly Column<Line>[] = [
  { title: 'TOPIC', whole: true, value: ({ topic }) => topic.text('topic') },
  { title: 'PART', align: 'right', value: ({ partition }) => partition.text('partition') },
  { title: 'FROM', align: 'right', value: ({ partition }) => partition.text('start_offset') },
  { title: 'END MARKER', align: 'right', value: ({ partition }) => partition.text('end_offset') || '-' },
  { title: 'ROWS', align: 'right', value: ({ partition }) => count(Number(partition.text('rows'))) },
  { title: 'DIGEST', value: ({ partition }) => partition.text('digest') || '-' },
];
