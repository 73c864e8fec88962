/** `rewind webhook create|list|change|delete|test|deliveries|redeliver`: who is told what becomes of jobs. */
import { Command, Option } from 'commander';
import { type PageOptions, paged, sayNext } from '../paging.js';
import { rowOf, rowsOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { renderTable } from '../table.js';
import { pair, words } from '../values.js';

type Event = 'job.completed' | 'job.failed' | 'job.paused' | 'job.cancelled';
type JobType = 'DryRun' | 'StateRebuild' | 'DecisionOnly';

interface Settings {
  readonly name?: string;
  readonly events?: readonly string[];
  readonly jobTypes?: readonly string[];
  readonly label?: Readonly<Record<string, string>>;
}

export function webhookCommand(cli: Cli): Command {
  const webhook = new Command('webhook').description('Webhooks: signed messages about jobs');
  for (const make of [create, list, change, remove, test, deliveries, redeliver])
    webhook.addCommand(make(cli));
  return webhook;
}

function withSettings(command: Command): Command {
  return command
    .option('--name <name>', 'what it is for')
    .option('--events <events>', 'job.completed, job.failed, job.paused, job.cancelled', words)
    .option('--job-types <types>', 'only jobs of these types', words)
    .option('--label <name=value>', 'only jobs with this label; several times: with all', pair);
}

/** The server says what is wrong with a word. */
function bodyOf({ name, events, jobTypes, label }: Settings) {
  return {
    ...(name === undefined ? {} : { name }),
    ...(events === undefined ? {} : { events: [...events] as Event[] }),
    ...(jobTypes === undefined ? {} : { job_types: [...jobTypes] as JobType[] }),
    ...(label === undefined ? {} : { labels: { ...label } }),
  };
}

function create(cli: Cli): Command {
  return withSettings(
    new Command('create')
      .description('Create a webhook; prints the secret that signs messages, which is shown this once')
      .argument('<url>', 'https URL of the receiver'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  rewind webhook create https://ops.example.org/rewind --events job.failed > hook.secret',
    )
    .action(async (url: string, options: Settings, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.post('/tenants/{tenant_id}/webhooks', {
        params: { path: { tenant_id: session.tenant } },
        body: { ...bodyOf(options), url, name: options.name ?? new URL(url).host },
      });
      const webhook = rowOf(answer.data);
      await session.print(answer.data, () => `${webhook.text('secret')}\n`);
      session.terminal.say(`Webhook ${webhook.text('webhook_id')}`);
    });
}

function list(cli: Cli): Command {
  return new Command('list')
    .description('Webhooks of the tenant, the newest first')
    .action(async (_options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/tenants/{tenant_id}/webhooks', {
        params: { path: { tenant_id: session.tenant } },
      });
      await session.print(answer.data, (terminal) =>
        renderTable(
          terminal,
          [
            { title: 'WEBHOOK', whole: true, value: (row) => row.text('webhook_id') },
            { title: 'NAME', value: (row) => row.text('name') },
            { title: 'URL', value: (row) => row.text('url') },
            { title: 'EVENTS', value: (row) => (JSON.parse(row.raw('events')) as string[]).join(' ') },
            { title: 'ON', value: (row) => (row.raw('enabled') === 'true' ? 'yes' : 'no') },
          ],
          rowsOf(answer.data),
        ),
      );
    });
}

function change(cli: Cli): Command {
  return withSettings(
    new Command('change')
      .description('Change a webhook; its secret stays')
      .argument('<webhook>', 'webhook id'),
  )
    .option('--url <url>', 'https URL of the receiver')
    .addOption(new Option('--on', 'send from now on').conflicts('off'))
    .option('--off', 'send nothing')
    .action(
      async (
        webhook_id: string,
        { url, on, off, ...settings }: Settings & { url?: string; on?: boolean; off?: boolean },
        command: Command,
      ) => {
        const session = openSession(cli, command);
        const enabled = on === true ? true : off === true ? false : undefined;
        const answer = await session.connection.patch('/tenants/{tenant_id}/webhooks/{webhook_id}', {
          params: { path: { tenant_id: session.tenant, webhook_id } },
          body: { ...bodyOf(settings), url, enabled },
        });
        await session.print(answer.data, () => `Webhook ${webhook_id} is changed.\n`);
      },
    );
}

function remove(cli: Cli): Command {
  return new Command('delete')
    .description('Delete a webhook')
    .argument('<webhook>', 'webhook id')
    .action(async (webhook_id: string, _options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.delete('/tenants/{tenant_id}/webhooks/{webhook_id}', {
        params: { path: { tenant_id: session.tenant, webhook_id } },
      });
      await session.print(answer.data, () => `Webhook ${webhook_id} is deleted.\n`);
    });
}

function test(cli: Cli): Command {
  return new Command('test')
    .description('Send a test message now; exit 1 if it is not taken')
    .argument('<webhook>', 'webhook id')
    .action(async (webhook_id: string, _options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.post('/tenants/{tenant_id}/webhooks/{webhook_id}/test', {
        params: { path: { tenant_id: session.tenant, webhook_id } },
      });
      const delivery = rowOf(answer.data);
      const taken = delivery.text('state') === 'delivered';
      await session.print(answer.data, () =>
        taken ? `Taken with HTTP status ${delivery.text('status')}.\n` : `${delivery.text('error')}\n`,
      );
      if (!taken) cli.exitCode = 1;
    });
}

function deliveries(cli: Cli): Command {
  return paged(new Command('deliveries'), 'entries', 50)
    .description('What became of messages, the newest first')
    .argument('<webhook>', 'webhook id')
    .action(async (webhook_id: string, query: PageOptions, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/tenants/{tenant_id}/webhooks/{webhook_id}/deliveries', {
        params: { path: { tenant_id: session.tenant, webhook_id }, query },
      });
      await session.print(answer.data, (terminal) =>
        renderTable(
          terminal,
          [
            { title: 'DELIVERY', whole: true, value: (row) => row.text('delivery_id') },
            { title: 'EVENT', value: (row) => row.text('event') },
            { title: 'STATE', value: (row) => row.text('state') },
            { title: 'TRIES', align: 'right', value: (row) => row.text('attempts') },
            { title: 'LAST', value: (row) => row.text('error') || row.text('status') },
            { title: 'JOB', value: (row) => row.text('job_id') },
          ],
          rowsOf(answer.data),
        ),
      );
      sayNext(session, answer.next);
    });
}

function redeliver(cli: Cli): Command {
  return new Command('redeliver')
    .description('Have a message sent once more, under the same id')
    .argument('<webhook>', 'webhook id')
    .argument('<delivery>', 'delivery id')
    .action(async (webhook_id: string, delivery_id: string, _options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.post(
        '/tenants/{tenant_id}/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver',
        { params: { path: { tenant_id: session.tenant, webhook_id, delivery_id } } },
      );
      await session.print(answer.data, () => `Delivery ${delivery_id} is sent once more.\n`);
    });
}
