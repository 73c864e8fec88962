/** `rewind replay list|export`: jobs of a tenant by what they are and how they stand. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { JOB_STATUSES, type JobStatus, type JobType } from '../../../schemas/job.js';
import { renderJobs } from '../job-text.js';
import { type PageOptions, paged, sayNext } from '../paging.js';
import { rowsOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { pair } from '../values.js';
import { addFormat, writeRows } from '../write-rows.js';

interface JobFilters {
  readonly status?: string;
  readonly type?: JobType;
  readonly label?: Record<string, string>;
  readonly createdFrom?: string;
  readonly createdTo?: string;
  readonly by?: string;
  readonly name?: string;
  readonly parent?: string;
  readonly deleted?: 'without' | 'with' | 'only';
}

function addFilters(command: Command): Command {
  return command
    .addOption(
      new Option('--status <statuses>', 'only these, joined by commas').argParser((text: string) => {
        const unknown = text.split(',').filter((one) => !JOB_STATUSES.includes(one as JobStatus));
        if (unknown.length > 0)
          throw new InvalidArgumentError(`no status ${unknown.join(', ')}: ${JOB_STATUSES.join(', ')}`);
        return text;
      }),
    )
    .addOption(new Option('--type <type>', 'only these').choices(['StateRebuild', 'DryRun', 'DecisionOnly']))
    .addOption(
      new Option('--label <key=value>', 'only jobs with this label; may be repeated').argParser(
        (text: string, before: Record<string, string> | undefined) => pair(text, before),
      ),
    )
    .option('--created-from <time>', 'created at or after, RFC 3339 or relative: 7d')
    .option('--created-to <time>', 'created at or before')
    .option('--by <actor>', 'created by')
    .option('--name <text>', 'part of the name')
    .option('--parent <job>', 'made from this job')
    .addOption(
      new Option('--deleted <which>', 'jobs whose rows were deleted').choices(['without', 'with', 'only']),
    );
}

function queryOf({ label, createdFrom, createdTo, by, parent, status, type, name, deleted }: JobFilters) {
  return {
    status,
    type,
    name,
    deleted,
    label: label === undefined ? undefined : Object.entries(label).map((one) => one.join('=')),
    created_from: createdFrom,
    created_to: createdTo,
    created_by: by,
    parent_job_id: parent,
  };
}

export function listCommand(cli: Cli): Command {
  return paged(addFilters(new Command('list')), 'jobs', 50)
    .description('Jobs of the tenant, the newest first')
    .addHelpText(
      'after',
      '\nExample:\n  rewind replay list --status Failed,Paused --label team=billing --created-from 7d',
    )
    .action(async (options: JobFilters & PageOptions, command: Command) => {
      const session = openSession(cli, command);
      const { limit, cursor } = options;
      const answer = await session.connection.get('/tenants/{tenant_id}/replay-jobs', {
        params: { path: { tenant_id: session.tenant }, query: { ...queryOf(options), limit, cursor } },
      });
      await session.print(answer.data, (terminal) => renderJobs(terminal, rowsOf(answer.data)));
      sayNext(session, answer.next);
    });
}

interface ExportOptions extends JobFilters {
  readonly format: 'ndjson' | 'csv' | 'parquet';
  readonly out?: string;
}

export function exportJobsCommand(cli: Cli): Command {
  return addFormat(addFilters(new Command('export')))
    .description('The list of jobs as NDJSON, CSV or Parquet, the oldest first')
    .addHelpText('after', '\nExample:\n  rewind replay export --created-from 30d --format csv --out jobs.csv')
    .action(async (options: ExportOptions, command: Command) => {
      const session = openSession(cli, command);
      const { format, out } = options;
      const rows = await session.connection.download('/tenants/{tenant_id}/export/jobs', {
        params: { path: { tenant_id: session.tenant }, query: { ...queryOf(options), format } },
      });
      await writeRows(cli, session, rows, out);
    });
}
