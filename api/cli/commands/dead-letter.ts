/** `rewind dead-letter list|show|record|redrive`: what a run could not process, and reading it again. */
import { Command, Option } from 'commander';
import { EXIT } from '../exit-codes.js';
import { type PageOptions, paged, sayNext } from '../paging.js';
import { type Row, rowOf, rowsOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { type Column, renderFacts, renderTable } from '../table.js';
import { printable } from '../terminal.js';
import { count, wholeNumber } from '../values.js';

export function deadLetterCommand(cli: Cli): Command {
  const letter = new Command('dead-letter').description('What a run could not process');
  for (const make of [listCommand, showCommand, recordCommand, redriveCommand]) letter.addCommand(make(cli));
  return letter;
}

interface Filters {
  readonly stage?: 'decode' | 'map' | 'fold';
  readonly code?: string;
  readonly topicId?: string;
  readonly partition?: number;
  readonly from?: string;
  readonly to?: string;
}

function addFilters(command: Command): Command {
  return command
    .argument('<job>', 'job id')
    .addOption(new Option('--stage <stage>', 'only those of this stage').choices(['decode', 'map', 'fold']))
    .option('--code <code>', 'only this error code')
    .option('--topic-id <id>', 'only records of this topic')
    .option('--partition <n>', 'only records of this partition', wholeNumber)
    .option('--from <time>', 'first event time, or record time where there is none')
    .option('--to <time>', 'last event time, likewise');
}

const filtersOf = ({ stage, code, topicId, partition, from, to }: Filters) => ({
  stage,
  code,
  topic_id: topicId,
  partition,
  from,
  to,
});

interface ListOptions extends Filters, PageOptions {
  readonly kind?: 'failed' | 'conflict';
}

function listCommand(cli: Cli): Command {
  return paged(addFilters(new Command('list')), 'letters', 100)
    .description('Dead letters of a run, by place in the log')
    .addOption(new Option('--kind <kind>', 'only these').choices(['failed', 'conflict']))
    .action(async (job: string, options: ListOptions, command: Command) => {
      const session = openSession(cli, command);
      const { limit, cursor, kind } = options;
      const answer = await session.connection.get('/tenants/{tenant_id}/replay-jobs/{job_id}/dead-letters', {
        params: {
          path: { tenant_id: session.tenant, job_id: job },
          query: { ...filtersOf(options), limit, cursor, kind },
        },
      });
      await session.print(answer.data, (terminal) => renderTable(terminal, LETTERS, rowsOf(answer.data)));
      sayNext(session, answer.next);
    });
}

function showCommand(cli: Cli): Command {
  return new Command('show')
    .description('One dead letter')
    .argument('<job>', 'job id')
    .argument('<letter>', 'dead letter id')
    .action(async (job: string, letter: string, _options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get(
        '/tenants/{tenant_id}/replay-jobs/{job_id}/dead-letters/{dead_letter_id}',
        { params: { path: { tenant_id: session.tenant, job_id: job, dead_letter_id: letter } } },
      );
      const row = rowOf(answer.data);
      await session.print(answer.data, (terminal) =>
        renderFacts(terminal, [
          ['code', row.text('code')],
          ['why', row.text('error')],
          ['stage', row.text('stage')],
          ['event', row.text('event_id') || '-'],
          [
            'entity',
            row.text('entity_id') === '' ? '-' : `${row.text('entity_type')}/${row.text('entity_id')}`,
          ],
          ['time', row.text('timestamp')],
          ['record', `${row.text('topic_id')}/${row.text('partition')}/${row.text('offset')}`],
          ['read since', row.raw('redriven') === 'true' ? 'yes: a rerun has its events' : 'no'],
        ]),
      );
    });
}

function recordCommand(cli: Cli): Command {
  return new Command('record')
    .description(
      'The record behind a dead letter as it was produced; who looks is entered in the audit trail',
    )
    .argument('<job>', 'job id')
    .argument('<letter>', 'dead letter id')
    .action(async (job: string, letter: string, _options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get(
        '/tenants/{tenant_id}/replay-jobs/{job_id}/dead-letters/{dead_letter_id}/record',
        { params: { path: { tenant_id: session.tenant, job_id: job, dead_letter_id: letter } } },
      );
      const row = rowOf(answer.data);
      await session.print(answer.data, (terminal) =>
        renderFacts(terminal, [
          ['topic', row.text('topic')],
          ['time', row.text('record_time')],
          ['schema', row.text('schema_id') === '-1' ? '-' : row.text('schema_id')],
          ['key', bytesText(row, 'key')],
          ['value', bytesText(row, 'value')],
        ]),
      );
    });
}

function redriveCommand(cli: Cli): Command {
  return addFilters(new Command('redrive'))
    .description(
      'Read records that did not decode again, with the schemas and sources of now; exit 6 if some still fail',
    )
    .addHelpText('after', '\nExample:\n  rewind dead-letter redrive run-123 --code schema_unknown')
    .action(async (job: string, options: Filters, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.post(
        '/tenants/{tenant_id}/replay-jobs/{job_id}/dead-letters:redrive',
        { params: { path: { tenant_id: session.tenant, job_id: job } }, body: filtersOf(options) },
      );
      const done = rowOf(answer.data);
      const of = (name: string): string => count(done.number(name));
      await session.print(answer.data, (terminal) =>
        renderFacts(terminal, [
          ['looked at', of('selected')],
          ['can be read now', `${of('decoded')}, ${of('already')} of them since before`],
          ['still fail', of('failed')],
          ['failed later', `${of('need_rerun')}: another encoding may help them`],
        ]),
      );
      for (const failure of done.rows('failures').slice(0, 10))
        session.terminal.say(
          `${failure.text('dead_letter_id')}: ${failure.text('code')}: ${failure.text('error')}`,
        );
      if (done.number('decoded') > 0)
        session.terminal.say(`To have their events: rewind replay rerun ${job}`);
      if (done.raw('more') === 'true') session.terminal.say('There are more: run the same command again.');
      if (done.number('failed') > 0) cli.exitCode = EXIT.failedEvents;
    });
}

const LETTERS: Column<Row>[] = [
  { title: 'LETTER', whole: true, value: (row) => row.text('dead_letter_id') },
  { title: 'STAGE', value: (row) => row.text('stage') },
  { title: 'CODE', value: (row) => row.text('code') },
  { title: 'EVENT', value: (row) => row.text('event_id') || '-' },
  { title: 'READ SINCE', value: (row) => (row.raw('redriven') === 'true' ? 'yes' : '') },
  { title: 'WHY', value: (row) => row.text('error') },
];

/** Text where it is some, else the base64 that the server gave. */
function bytesText(row: Row, name: 'key' | 'value'): string {
  if (row.raw(`${name}_kept`) === 'false') return 'not kept as such';
  if (row.raw(name) === 'null') return '-';
  const base64 = row.text(name);
  const text = Buffer.from(base64, 'base64').toString();
  return Buffer.from(text).toString('base64') === base64 ? printable(text) : base64;
}
