/** `rewind replay verify JOB`: folds a finished run again on the server, and says whether it is what is stored. */
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { type Row, rowOf, rowsOf } from '../rows.js';
import { type Cli, openSession, type Session } from '../session.js';
import { renderTable } from '../table.js';
import { count, positiveInteger } from '../values.js';

const POLL_MS = 300;
const ENDED = new Set(['Complete', 'Failed', 'Cancelled']);

export function verifyCommand(cli: Cli): Command {
  return new Command('verify')
    .description('Fold a finished run again, in other units and the other way, and compare digests')
    .argument('<job>', 'job id')
    .option('--limit <n>', 'entities that differ shown, 1000 at most', positiveInteger, 20)
    .addHelpText(
      'after',
      '\nExit code 1 where what is stored differs.\n\nExample:\n  rewind replay verify run-123',
    )
    .action(async (job: string, { limit }: { limit: number }, command: Command) => {
      const session = openSession(cli, command);
      const { connection, tenant: tenant_id } = session;
      const text = await ended(cli, session, job);
      const verification = rowOf(text);
      const found = await connection.get(
        '/tenants/{tenant_id}/replay-jobs/{job_id}/verifications/{verification_id}/entities',
        {
          params: {
            path: { tenant_id, job_id: job, verification_id: verification.text('verification_id') },
            query: { limit },
          },
        },
      );
      const data = Buffer.from(`{"verification":${text.toString()},"entities":${found.data.toString()}}`);
      await session.print(data, (terminal) => {
        const entities = rowsOf(found.data);
        const table =
          entities.length === 0
            ? ''
            : `\n${renderTable(
                terminal,
                [
                  { title: 'ENTITY', value: (row) => `${row.text('entity_type')}/${row.text('entity_id')}` },
                  { title: 'FOLD_SEQ', align: 'right', value: (row) => row.text('fold_seq') },
                  { title: 'WHAT DIFFERS THERE', value: whatDiffers },
                ],
                entities,
              )}`;
        return `${summary(verification)}\n${table}`;
      });
      if (verification.text('outcome') !== 'verified') cli.exitCode = EXIT.failed;
    });
}

/** The verification once it has ended, as JSON text. */
async function ended(cli: Cli, { connection, terminal, tenant }: Session, job: string): Promise<Buffer> {
  const path = { tenant_id: tenant, job_id: job };
  let { data } = await connection.post('/tenants/{tenant_id}/replay-jobs/{job_id}/verify', {
    params: { path },
  });
  const verification_id = rowOf(data).text('verification_id');
  while (!ENDED.has(rowOf(data).text('status'))) {
    const percent = rowOf(data).number('percent');
    terminal.progress(`verifying ${percent} %`, { verification_id, percent });
    await wait(POLL_MS, undefined, { signal: cli.signal });
    ({ data } = await connection.get(
      '/tenants/{tenant_id}/replay-jobs/{job_id}/verifications/{verification_id}',
      { params: { path: { ...path, verification_id } } },
    ));
  }
  terminal.progressDone();
  return data;
}

function summary(verification: Row): string {
  const again = verification.row('again');
  const entities = count(verification.number('entities'));
  const how = `${count(again.number('rows'))} snapshots of ${entities} entities, folded again in ${again.number('units')} units`;
  switch (verification.text('outcome')) {
    case 'verified':
      return `Verified: ${how}, digest ${again.text('digest')}`;
    case 'differs':
      return `Differs: ${count(verification.number('differing'))} of ${entities} entities; ${how}`;
    default: {
      const error =
        verification.raw('error') === 'null' ? '' : `: ${verification.row('error').text('message')}`;
      return `Not verified: the job is ${verification.text('status')}${error}`;
    }
  }
}

function whatDiffers(row: Row): string {
  const [here, again] = [row.number('here'), row.number('here_again')];
  if (again === 0) return 'a snapshot too many';
  if (here === 0) return 'a snapshot is missing';
  if (here !== 1) return `${here} snapshots at one place`;
  const fields = row.rows('differences').map((one) => one.text('field'));
  const columns = JSON.parse(row.raw('columns')) as string[];
  return [...fields, ...columns].join(', ');
}
