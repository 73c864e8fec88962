/** `rewind current show|list|get|review|promote|revert|history|export`: the current state of a tenant. */
import { Command, Option } from 'commander';
import {
  renderCurrent,
  renderCurrentEntities,
  renderCurrentEntity,
  renderPromotions,
  renderReview,
  renderReviewed,
} from '../current-text.js';
import { type PageOptions, paged, sayNext } from '../paging.js';
import { type PromoteOptions, promoteJob, showPromotion } from '../promote.js';
import { rowOf, rowsOf } from '../rows.js';
import { type Cli, openSession, type Session } from '../session.js';
import { addFormat, writeRows } from '../write-rows.js';

export function currentCommand(cli: Cli): Command {
  const current = new Command('current').description('The current state of a tenant: a promoted run');
  for (const make of [
    showCommand,
    listCommand,
    getCommand,
    reviewCommand,
    promoteCommand,
    revertCommand,
    historyCommand,
    exportCommand,
  ])
    current.addCommand(make(cli));
  return current;
}

const tenantOf = (session: Session) => ({ tenant_id: session.tenant });

function showCommand(cli: Cli): Command {
  return new Command('show')
    .description('Which run it is, as of when, and how old that is')
    .action(async (_options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/tenants/{tenant_id}/current-state', {
        params: { path: tenantOf(session) },
      });
      await session.print(answer.data, (terminal) => renderCurrent(terminal, rowOf(answer.data)));
    });
}

function listCommand(cli: Cli): Command {
  return paged(new Command('list'), 'entities', 100)
    .description('Entities that exist, by type and id')
    .option('--entity-type <type>', 'only entities of this type')
    .option('--prefix <text>', 'only entities whose id begins so')
    .action(async (options: PageOptions & { entityType?: string; prefix?: string }, command: Command) => {
      const session = openSession(cli, command);
      const { entityType, ...rest } = options;
      const answer = await session.connection.get('/tenants/{tenant_id}/current-state/entities', {
        params: { path: tenantOf(session), query: { ...rest, entity_type: entityType } },
      });
      await session.print(answer.data, (terminal) => renderCurrentEntities(terminal, rowsOf(answer.data)));
      sayNext(session, answer.next);
    });
}

function getCommand(cli: Cli): Command {
  return new Command('get')
    .description('The state of one entity')
    .argument('<type>', 'entity type, for example content')
    .argument('<id>', 'entity id')
    .action(async (type: string, id: string, _options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/tenants/{tenant_id}/current-state/entities/{type}/{id}', {
        params: { path: { ...tenantOf(session), type, id } },
      });
      await session.print(answer.data, (terminal) => renderCurrentEntity(terminal, rowOf(answer.data)));
    });
}

interface ReviewOptions extends PageOptions {
  readonly entities?: boolean;
  readonly entityType?: string;
  readonly change?: 'added' | 'removed' | 'changed';
  readonly field?: string;
}

function reviewCommand(cli: Cli): Command {
  return paged(new Command('review'), 'entities', 100)
    .description('What promoting a run would change')
    .argument('<job>', 'job id')
    .option('--entities', 'the entities, with their fields before and after')
    .option('--entity-type <type>', 'with --entities: only of this type')
    .addOption(
      new Option('--change <change>', 'with --entities: only these').choices(['added', 'removed', 'changed']),
    )
    .option('--field <name>', 'with --entities: only where this field differs')
    .addHelpText(
      'after',
      '\nExample:\n  rewind current review run-123\n  rewind current review run-123 --entities --field status',
    )
    .action(async (job: string, options: ReviewOptions, command: Command) => {
      const session = openSession(cli, command);
      const path = { ...tenantOf(session), job_id: job };
      if (!options.entities) {
        const answer = await session.connection.get(
          '/tenants/{tenant_id}/replay-jobs/{job_id}/promotion-review',
          { params: { path } },
        );
        await session.print(answer.data, (terminal) => renderReview(terminal, rowOf(answer.data)));
        return;
      }
      const { entities: _, entityType, ...rest } = options;
      const answer = await session.connection.get(
        '/tenants/{tenant_id}/replay-jobs/{job_id}/promotion-review/entities',
        { params: { path, query: { ...rest, entity_type: entityType } } },
      );
      await session.print(answer.data, (terminal) => renderReviewed(terminal, rowsOf(answer.data)));
      sayNext(session, answer.next);
    });
}

function promoteCommand(cli: Cli): Command {
  return new Command('promote')
    .description("Make a run's states the current state, and wait until they are")
    .argument('<job>', 'job id of a finished StateRebuild')
    .option('--reason <text>', 'why; needed where the run is not exact')
    .option('--force', 'also where the run ends before the state that is current')
    .addHelpText('after', '\nExample:\n  rewind current promote run-123 --reason "reviewed, CHG-42"')
    .action(async (job: string, options: PromoteOptions, command: Command) => {
      await promoteJob(cli, openSession(cli, command), job, options);
    });
}

function revertCommand(cli: Cli): Command {
  return new Command('revert')
    .description('Return to what was current before')
    .option('--to <promotion>', 'a promotion by its id, from `rewind current history`')
    .option('--reason <text>', 'why')
    .action(async (options: { to?: string; reason?: string }, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.post('/tenants/{tenant_id}/current-state/revert', {
        params: { path: tenantOf(session) },
        body: { promotion_id: options.to, reason: options.reason },
      });
      await showPromotion(cli, session, answer);
    });
}

function historyCommand(cli: Cli): Command {
  return paged(new Command('history'), 'promotions', 100)
    .description('Promotions and reverts, newest first')
    .action(async (options: PageOptions, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/tenants/{tenant_id}/current-state/promotions', {
        params: { path: tenantOf(session), query: { ...options } },
      });
      await session.print(answer.data, (terminal) => renderPromotions(terminal, rowsOf(answer.data)));
      sayNext(session, answer.next);
    });
}

interface ExportOptions {
  readonly format: 'ndjson' | 'csv' | 'parquet';
  readonly out?: string;
  readonly entityType?: string;
  readonly prefix?: string;
}

function exportCommand(cli: Cli): Command {
  return addFormat(new Command('export'))
    .description('All of it as NDJSON, CSV or Parquet')
    .option('--entity-type <type>', 'only entities of this type')
    .option('--prefix <text>', 'only entities whose id begins so')
    .addHelpText('after', '\nExample:\n  rewind current export --format parquet --out state.parquet')
    .action(async (options: ExportOptions, command: Command) => {
      const session = openSession(cli, command);
      const { format, entityType, prefix } = options;
      const rows = await session.connection.download('/tenants/{tenant_id}/current-state/export', {
        params: { path: tenantOf(session), query: { format, entity_type: entityType, prefix } },
      });
      await writeRows(cli, session, rows, options.out);
    });
}
