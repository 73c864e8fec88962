/** `rewind diff compare|list|entities|events|export`: two finished runs against each other. */
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { prettyJson } from '../../json/pretty.js';
import { differenceGroups, totalsLine } from '../difference-text.js';
import { EXIT } from '../exit-codes.js';
import { type PageOptions, paged, sayNext } from '../paging.js';
import { type Row, rowOf, rowsOf } from '../rows.js';
import { type Cli, openSession, type Session } from '../session.js';
import { type Column, renderTable } from '../table.js';
import { cut } from '../terminal.js';
import { positiveInteger } from '../values.js';
import { addFormat, writeRows } from '../write-rows.js';
import type { FORMATS } from './export.js';

const POLL_MS = 300;
const VALUE_MAX = 40;

export function diffCommand(cli: Cli): Command {
  const diff = new Command('diff').description('Two finished runs against each other');
  for (const make of [compareCommand, listCommand, entitiesCommand, eventsCommand, filesCommand])
    diff.addCommand(make(cli));
  return diff;
}

function compareCommand(cli: Cli): Command {
  return new Command('compare')
    .description('What the second run sees differently, in groups of entities that differ alike')
    .argument('<run-a>', 'job id: what was before')
    .argument('<run-b>', 'job id: what is now')
    .option('--limit <n>', 'groups shown, 1000 at most', positiveInteger, 50)
    .option('--exit-code', 'exit 1 where they differ')
    .addHelpText('after', '\nExample:\n  rewind diff compare run-1 run-2 --exit-code')
    .action(
      async (a: string, b: string, options: { limit: number; exitCode?: boolean }, command: Command) => {
        const session = openSession(cli, command);
        const comparison = await compared(cli, session, a, b);
        const path = { tenant_id: session.tenant, comparison_id: comparison.text('comparison_id') };
        const groups = await session.connection.get(
          '/tenants/{tenant_id}/comparisons/{comparison_id}/signatures',
          { params: { path, query: { limit: options.limit, samples: 1 } } },
        );
        const totals = comparison.row('totals');
        const { tenant_id: _, ...named } = path;
        const data = Buffer.from(
          `{"comparison_id":${JSON.stringify(named.comparison_id)},"comparable":${comparison.raw('comparable')},"reasons":${comparison.raw('reasons')},"totals":${comparison.raw('totals')},"groups":${groups.data.toString()}}`,
        );
        await session.print(data, (terminal) => {
          const reasons = JSON.parse(comparison.raw('reasons')) as string[];
          const warning =
            reasons.length === 0 ? '' : `These are not two folds of one input: ${reasons.join(', ')}\n`;
          const sides = { a: 'only in the first run', b: 'only in the second run' };
          const table = differenceGroups(terminal, rowsOf(groups.data), sides);
          return `${warning}${totalsLine(totals, 'in the first', 'in the second')}\n${table === '' ? '' : `\n${table}`}`;
        });
        if (groups.next !== null) session.terminal.say('There are more groups: raise --limit.');
        session.terminal.say(`To go on: rewind diff entities ${named.comparison_id}`);
        const same = totals.number('entities') === totals.number('unchanged');
        if (options.exitCode === true && !same) cli.exitCode = EXIT.failed;
      },
    );
}

/** The comparison, once it is whole. */
async function compared(cli: Cli, session: Session, a: string, b: string): Promise<Row> {
  const { connection, terminal, tenant: tenant_id } = session;
  const made = await connection.post('/tenants/{tenant_id}/comparisons', {
    params: { path: { tenant_id } },
    body: { run_a: a, run_b: b },
  });
  let comparison = rowOf(made.data);
  const comparison_id = comparison.text('comparison_id');
  while (comparison.text('status') !== 'Complete') {
    const error = comparison.raw('error') === 'null' ? '' : ` ${comparison.row('error').text('message')}`;
    const percent = comparison.number('percent');
    terminal.progress(`comparing ${percent} %${error}`, { comparison_id, percent });
    await wait(POLL_MS, undefined, { signal: cli.signal });
    const answer = await connection.get('/tenants/{tenant_id}/comparisons/{comparison_id}', {
      params: { path: { tenant_id, comparison_id } },
    });
    comparison = rowOf(answer.data);
  }
  terminal.progressDone();
  return comparison;
}

function listCommand(cli: Cli): Command {
  return paged(new Command('list'), 'comparisons', 50)
    .description('Comparisons of the tenant, the newest first')
    .action(async (options: PageOptions, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/tenants/{tenant_id}/comparisons', {
        params: { path: { tenant_id: session.tenant }, query: options },
      });
      await session.print(answer.data, (terminal) => renderTable(terminal, COMPARISONS, rowsOf(answer.data)));
      sayNext(session, answer.next);
    });
}

function entitiesCommand(cli: Cli): Command {
  return paged(new Command('entities'), 'entities', 50)
    .description('Entities that differ, field by field')
    .argument('<comparison>', 'comparison id')
    .option('--signature <digits>', 'only those of one group')
    .action(async (id: string, options: PageOptions & { signature?: string }, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get(
        '/tenants/{tenant_id}/comparisons/{comparison_id}/entities',
        { params: { path: { tenant_id: session.tenant, comparison_id: id }, query: options } },
      );
      await session.print(answer.data, (terminal) => {
        const lines = rowsOf(answer.data).flatMap((entity): EntityLine[] => {
          const fields = entity.rows('differences');
          return fields.length === 0 ? [{ entity, field: null }] : fields.map((field) => ({ entity, field }));
        });
        return renderTable(terminal, ENTITIES, lines);
      });
      sayNext(session, answer.next);
    });
}

function filesCommand(cli: Cli): Command {
  return addFormat(new Command('export'))
    .description('All entities that differ, as NDJSON, CSV or Parquet')
    .argument('<comparison>', 'comparison id')
    .action(
      async (id: string, options: { format: (typeof FORMATS)[number]; out?: string }, command: Command) => {
        const session = openSession(cli, command);
        const rows = await session.connection.download(
          '/tenants/{tenant_id}/comparisons/{comparison_id}/export',
          {
            params: {
              path: { tenant_id: session.tenant, comparison_id: id },
              query: { format: options.format },
            },
          },
        );
        await writeRows(cli, session, rows, options.out);
      },
    );
}

function eventsCommand(cli: Cli): Command {
  return paged(new Command('events'), 'events', 50)
    .description('One entity event by event: after which its states differ, and in what')
    .argument('<comparison>', 'comparison id')
    .argument('<type>', 'entity type')
    .argument('<id>', 'entity id')
    .action(async (comparison: string, type: string, id: string, query: PageOptions, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get(
        '/tenants/{tenant_id}/comparisons/{comparison_id}/entities/{type}/{id}/events',
        {
          params: { path: { tenant_id: session.tenant, comparison_id: comparison, type, id }, query },
        },
      );
      await session.print(answer.data, (terminal) => {
        const lines = rowsOf(answer.data).flatMap((event) =>
          event.rows('differences').map((field) => ({ event, field })),
        );
        return renderTable(terminal, EVENTS, lines);
      });
      sayNext(session, answer.next);
    });
}

const COMPARISONS: Column<Row>[] = [
  { title: 'COMPARISON', whole: true, value: (row) => row.text('comparison_id') },
  { title: 'FIRST RUN', value: (row) => row.text('run_a') },
  { title: 'SECOND RUN', value: (row) => row.text('run_b') },
  { title: 'STATUS', value: (row) => row.text('status') },
  { title: 'BY', value: (row) => row.text('created_by') },
  { title: 'CREATED', value: (row) => row.text('created_at') },
];

interface EntityLine {
  readonly entity: Row;
  readonly field: Row | null;
}

const ENTITIES: Column<EntityLine>[] = [
  { title: 'ENTITY', value: ({ entity }) => `${entity.text('entity_type')}/${entity.text('entity_id')}` },
  { title: 'FIELD', value: ({ entity, field }) => field?.text('field') ?? presenceOf(entity) },
  { title: 'BEFORE', value: ({ field }) => valueText(field, 'before') },
  { title: 'NOW', value: ({ field }) => valueText(field, 'after') },
  { title: 'SINCE EVENT', value: ({ entity }) => firstOf(entity) },
];

const EVENTS: Column<{ readonly event: Row; readonly field: Row }>[] = [
  { title: '#', align: 'right', value: ({ event }) => event.text('place') },
  { title: 'TIME', value: ({ event }) => event.text('timestamp') },
  { title: 'EVENT', value: ({ event }) => `${event.text('event_type')} ${event.text('event_id')}` },
  { title: 'FIELD', value: ({ field }) => field.text('field') },
  { title: 'BEFORE', value: ({ field }) => valueText(field, 'before') },
  { title: 'NOW', value: ({ field }) => valueText(field, 'after') },
];

function presenceOf(entity: Row): string {
  const presence = entity.text('presence');
  if (presence !== 'both') return presence === 'only_a' ? '(only in the first)' : '(only in the second)';
  return entity.raw('final_differs') === 'true' ? '(exists or not)' : '(only on the way)';
}

function valueText(field: Row | null, name: 'before' | 'after'): string {
  if (field === null) return '';
  const missing = field.text('operation') === (name === 'before' ? 'added' : 'removed');
  return missing ? '-' : cut(prettyJson(field.raw(name)).replace(/\s+/g, ' '), VALUE_MAX);
}

function firstOf(entity: Row): string {
  return entity.raw('first') === 'null' ? '' : entity.row('first').text('event_id');
}
