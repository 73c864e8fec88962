/** `rewind audit list|verify|head`: who did what, and whether the trail of it is whole. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { RewindError } from '../../../schemas/errors.js';
import { EXIT } from '../exit-codes.js';
import { type PageOptions, paged, sayNext } from '../paging.js';
import { rowOf, rowsOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { renderFacts, renderTable } from '../table.js';
import { printable } from '../terminal.js';
import { addFormat, writeRows } from '../write-rows.js';

export function auditCommand(cli: Cli): Command {
  const audit = new Command('audit').description('The audit trail: who did what');
  for (const make of [listCommand, exportCommand, verifyCommand, headCommand]) audit.addCommand(make(cli));
  return audit;
}

interface ListOptions extends PageOptions {
  readonly actor?: string;
  readonly action?: string;
  readonly from?: string;
  readonly to?: string;
  readonly instance?: boolean;
}

function listCommand(cli: Cli): Command {
  return paged(new Command('list'), 'entries', 50)
    .description('Administrative acts, the newest first')
    .option('--actor <actor>', 'only acts of this actor')
    .option('--action <action>', 'only this action, for example replay_job.created')
    .option('--from <time>', 'first moment, RFC 3339')
    .option('--to <time>', 'last moment, RFC 3339')
    .option('--instance', 'acts on the instance and failed sign-ins, for its operator')
    .addHelpText('after', '\nExample:\n  rewind audit list --action replay_job.created')
    .action(async ({ instance, ...query }: ListOptions, command: Command) => {
      const session = openSession(cli, command);
      const { connection, tenant: tenant_id } = session;
      const answer =
        instance === true
          ? await connection.get('/instance/audit-entries', { params: { query } })
          : await connection.get('/tenants/{tenant_id}/audit-entries', {
              params: { path: { tenant_id }, query },
            });
      await session.print(answer.data, (terminal) =>
        renderTable(
          terminal,
          [
            { title: 'TIME', value: (row) => row.text('recorded_at') },
            { title: 'ACTOR', value: (row) => row.text('actor') },
            { title: 'ACTION', value: (row) => row.text('action') },
            { title: 'TARGET', value: (row) => row.text('target') },
            { title: 'OUTCOME', value: (row) => row.text('outcome') },
            { title: 'ENTRY', whole: true, value: (row) => row.text('audit_entry_id') },
          ],
          rowsOf(answer.data),
        ),
      );
      sayNext(session, answer.next);
    });
}

interface ExportOptions extends Omit<ListOptions, keyof PageOptions | 'instance'> {
  readonly format: 'ndjson' | 'csv' | 'parquet';
  readonly out?: string;
}

function exportCommand(cli: Cli): Command {
  return addFormat(new Command('export'))
    .description('Administrative acts as NDJSON, CSV or Parquet, the oldest first')
    .option('--actor <actor>', 'only acts of this actor')
    .option('--action <action>', 'only this action')
    .option('--from <time>', 'first moment, RFC 3339')
    .option('--to <time>', 'last moment, RFC 3339')
    .addHelpText('after', '\nExample:\n  rewind audit export --from 30d --format csv --out acts.csv')
    .action(async ({ out, ...query }: ExportOptions, command: Command) => {
      const session = openSession(cli, command);
      const rows = await session.connection.download('/tenants/{tenant_id}/export/audit-entries', {
        params: { path: { tenant_id: session.tenant }, query },
      });
      await writeRows(cli, session, rows, out);
    });
}

function verifyCommand(cli: Cli): Command {
  return new Command('verify')
    .description('Check every chain, anchor and kept head, and that every act has its entry; exit 1 if not')
    .option('--head <file>', 'heads that were kept outside the store, one JSON object a line')
    .addHelpText(
      'after',
      '\nExample:\n  rewind audit head > head.ndjson\n  rewind audit verify --head head.ndjson',
    )
    .action(async (options: { head?: string }, command: Command) => {
      const session = openSession(cli, command);
      const body = options.head === undefined ? {} : { heads: headsIn(options.head) };
      const answer = await session.connection.post('/instance/audit-entries:verify', { body });
      const report = rowOf(answer.data);
      await session.print(answer.data, (terminal) => {
        const facts = renderFacts(terminal, [
          ['trail', report.raw('valid') === 'true' ? 'whole' : 'NOT WHOLE'],
          ['entries', `${report.text('entries')} in ${report.text('writers')} chains`],
          [
            'anchors',
            `${report.text('anchors')}, ${report.text('signed_anchors')} signed by this server's key`,
          ],
          ['not anchored yet', report.text('unanchored')],
          ['acts held against it', report.text('acts')],
        ]);
        const problems = report
          .rows('problems')
          .map((row) => printable(`${row.text('kind')}: ${row.text('where')}: ${row.text('message')}`));
        return `${facts}${problems.map((line) => `${line}\n`).join('')}`;
      });
      if (report.raw('valid') !== 'true') cli.exitCode = EXIT.failed;
    });
}

function headCommand(cli: Cli): Command {
  return new Command('head')
    .description('Anchor the trail now and print its head as one line of JSON, to be kept outside the store')
    .action(async (_options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.post('/instance/audit-anchors');
      await session.print(answer.data, () => `${answer.data.toString()}\n`);
    });
}

/** Of each line the three members that name a head; the others are for people. */
function headsIn(file: string): { writer: string; seq: string; hash: string }[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new RewindError('file_unreadable', `${file}: ${(cause as Error).message}`, { cause });
  }
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => {
      const head = rowOf(Buffer.from(line));
      const [writer, seq, hash] = [head.text('writer'), head.text('seq'), head.text('hash')];
      if (writer === '' || seq === '' || hash === '')
        throw new RewindError('field_invalid', `${file}: line ${index + 1} is not a head`);
      return { writer, seq, hash };
    });
}
