/** `rewind export JOB`: a list of a run as a file or to stdout, as the server streams it. */
import { Command, Option } from 'commander';
import { type Cli, openSession } from '../session.js';
import { addFormat, writeRows } from '../write-rows.js';

const LISTS = ['snapshots', 'timeline', 'field-changes', 'dead-letters', 'decisions', 'differences'] as const;
export const FORMATS = ['ndjson', 'csv', 'parquet'] as const;

interface ExportOptions {
  readonly list: (typeof LISTS)[number];
  readonly format: (typeof FORMATS)[number];
  readonly out?: string;
  readonly entityType?: string;
  readonly entityId?: string;
  readonly eventType?: string;
  readonly from?: string;
  readonly to?: string;
  readonly field?: string;
}

export function exportCommand(cli: Cli): Command {
  return addFormat(new Command('export'))
    .description('A list of a run as NDJSON, CSV or Parquet')
    .argument('<job>', 'job id')
    .addOption(new Option('--list <list>', 'what of the run').choices(LISTS).default('snapshots'))
    .option('--entity-type <type>', 'only entities of this type')
    .option('--entity-id <id>', 'only this entity')
    .option('--event-type <type>', 'only events of this type')
    .option('--from <rfc3339>', 'only events from this time on')
    .option('--to <rfc3339>', 'only events up to this time')
    .option('--field <name>', 'with --list field-changes: only this field')
    .addHelpText('after', '\nExample:\n  rewind export run-123 --format parquet --out run.parquet')
    .action(async (job: string, options: ExportOptions, command: Command) => {
      const session = openSession(cli, command);
      const query = {
        format: options.format,
        entity_type: options.entityType,
        entity_id: options.entityId,
        event_type: options.eventType,
        from: options.from,
        to: options.to,
        field: options.field,
      };
      const rows = await session.connection.download(
        '/tenants/{tenant_id}/replay-jobs/{job_id}/export/{list}',
        { params: { path: { tenant_id: session.tenant, job_id: job, list: options.list }, query } },
      );
      await writeRows(cli, session, rows, options.out);
    });
}
