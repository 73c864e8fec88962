/** `rewind entity history|at|first`: one entity through time. */
import { Command } from 'commander';
import { prettyJson } from '../../json/pretty.js';
import { splitArray } from '../../json/split.js';
import type { Answer } from '../connection.js';
import { rowOf, rowsOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { renderFound, renderHistory, renderStep } from '../story.js';
import { printable } from '../terminal.js';
import { positiveInteger, wholeNumber } from '../values.js';

export function entityCommand(cli: Cli): Command {
  const entity = new Command('entity').description('One entity through time');
  entity.addCommand(historyCommand(cli));
  entity.addCommand(atCommand(cli));
  entity.addCommand(firstCommand(cli));
  return entity;
}

function historyCommand(cli: Cli): Command {
  return new Command('history')
    .description('Everything that happened to an entity, oldest first')
    .argument('<type>', 'entity type, for example content')
    .argument('<id>', 'entity id')
    .option('--job <id>', 'run whose results are read (default: the newest finished StateRebuild)')
    .option('--limit <n>', 'snapshots at most', positiveInteger, 100)
    .addHelpText('after', '\nExample:\n  rewind entity history content content-789')
    .action(async (type: string, id: string, options: { job?: string; limit: number }, command: Command) => {
      const session = openSession(cli, command);
      const path = { tenant_id: session.tenant, type, id };
      const items: string[] = [];
      let cursor: string | undefined;
      do {
        const answer: Answer = await session.connection.get(
          '/tenants/{tenant_id}/entities/{type}/{id}/history',
          {
            params: {
              path,
              query: {
                job_id: options.job,
                limit: Math.min(1000, options.limit - items.length),
                cursor,
              },
            },
          },
        );
        items.push(...rowTexts(answer.data));
        cursor = answer.next === null ? undefined : String(answer.next);
      } while (cursor !== undefined && items.length < options.limit);
      if (cursor !== undefined)
        session.terminal.say(`There is more behind these ${items.length}: raise --limit.`);
      const data = Buffer.from(`[${items.join(',')}]`);
      await session.print(data, (terminal) => renderHistory(terminal, `${type} ${id}`, rowsOf(data)));
    });
}

function atCommand(cli: Cli): Command {
  return new Command('at')
    .description('The state of an entity at a moment')
    .argument('<type>', 'entity type')
    .argument('<id>', 'entity id')
    .option('--time <rfc3339>', 'the moment, for example 2024-01-15T10:30:00Z (default: the last state)')
    .option('--job <id>', 'run whose results are read (default: the newest finished StateRebuild)')
    .action(async (type: string, id: string, options: { job?: string; time?: string }, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/tenants/{tenant_id}/entities/{type}/{id}', {
        params: {
          path: { tenant_id: session.tenant, type, id },
          query: { job_id: options.job, at: options.time },
        },
      });
      await session.print(answer.data, (terminal) => {
        const snapshot = rowOf(answer.data);
        const state =
          snapshot.raw('exists') === 'false'
            ? 'It did not exist then.'
            : prettyJson(snapshot.raw('state_after'));
        return `Last change:\n${renderStep(terminal, snapshot)}\nState:\n${state.split('\n').map(printable).join('\n')}\n`;
      });
    });
}

function firstCommand(cli: Cli): Command {
  return new Command('first')
    .description('The first event after which conditions on the state hold')
    .argument('<type>', 'entity type')
    .argument('<id>', 'entity id')
    .requiredOption('--where <conditions>', 'for example: /status eq published and /wordCount gt 1000')
    .option('--after <fold_seq>', 'only events behind this place of the entity', wholeNumber)
    .option('--job <id>', 'run whose results are read (default: the newest finished StateRebuild)')
    .addHelpText(
      'after',
      "\nExample:\n  rewind entity first content content-789 --where '/status eq published'",
    )
    .action(async (type: string, id: string, options: FirstOptions, command: Command) => {
      const session = openSession(cli, command);
      const { where, after, job } = options;
      const answer = await session.connection.get('/tenants/{tenant_id}/entities/{type}/{id}/first', {
        params: {
          path: { tenant_id: session.tenant, type, id },
          query: { where, job_id: job, after: after === undefined ? undefined : String(after) },
        },
      });
      await session.print(answer.data, (terminal) => renderFound(terminal, rowOf(answer.data)));
    });
}

interface FirstOptions {
  readonly where: string;
  readonly after?: number;
  readonly job?: string;
}

function rowTexts(data: Buffer): string[] {
  return splitArray(data).map((item) => item.toString());
}
