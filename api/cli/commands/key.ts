/** `rewind key create|list|revoke`: API keys of a tenant, or of the instance's operators. */
import { Command, Option } from 'commander';
import { ROLES, type Role } from '../../../schemas/access.js';
import { rowOf, rowsOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { renderTable } from '../table.js';

export function keyCommand(cli: Cli): Command {
  const key = new Command('key').description('API keys: what programs sign in with');
  for (const make of [createCommand, listCommand, revokeCommand]) key.addCommand(make(cli));
  return key;
}

const OPERATOR = 'keys of the operators of the instance, and not of a tenant';

interface CreateOptions {
  readonly name: string;
  readonly role: Role;
  readonly expires?: string;
  readonly operator?: boolean;
}

function createCommand(cli: Cli): Command {
  return new Command('create')
    .description('Create a key; prints its token, which is shown this once')
    .requiredOption('--name <name>', 'what it is for')
    .addOption(new Option('--role <role>', 'role in the tenant').choices([...ROLES]).default('viewer'))
    .option('--expires <time>', 'end of its life, RFC 3339')
    .option('--operator', OPERATOR)
    .addHelpText('after', '\nExample:\n  rewind key create --name nightly --role admin > nightly.token')
    .action(async ({ name, role, expires, operator }: CreateOptions, command: Command) => {
      const session = openSession(cli, command);
      const body = { name, expires_at: expires };
      const { connection, tenant: tenant_id } = session;
      const answer =
        operator === true
          ? await connection.post('/instance/api-keys', { body })
          : await connection.post('/tenants/{tenant_id}/api-keys', {
              params: { path: { tenant_id } },
              body: { ...body, role },
            });
      const key = rowOf(answer.data);
      await session.print(answer.data, () => `${key.text('token')}\n`);
      session.terminal.say(`Key ${key.text('key_id')} until ${key.text('expires_at')}`);
    });
}

function listCommand(cli: Cli): Command {
  return new Command('list')
    .description('Keys of the tenant, the newest first')
    .option('--operator', OPERATOR)
    .action(async ({ operator }: { operator?: boolean }, command: Command) => {
      const session = openSession(cli, command);
      const { connection, tenant: tenant_id } = session;
      const answer =
        operator === true
          ? await connection.get('/instance/api-keys')
          : await connection.get('/tenants/{tenant_id}/api-keys', { params: { path: { tenant_id } } });
      await session.print(answer.data, (terminal) =>
        renderTable(
          terminal,
          [
            { title: 'KEY', whole: true, value: (row) => row.text('key_id') },
            { title: 'NAME', value: (row) => row.text('name') },
            { title: 'ROLE', value: (row) => row.text('role') || 'operator' },
            { title: 'BY', value: (row) => row.text('created_by') },
            { title: 'EXPIRES', value: (row) => row.text('expires_at') },
            { title: 'REVOKED', value: (row) => row.text('revoked_at') },
          ],
          rowsOf(answer.data),
        ),
      );
    });
}

function revokeCommand(cli: Cli): Command {
  return new Command('revoke')
    .description('Revoke a key: it is refused within seconds')
    .argument('<key>', 'key id')
    .option('--operator', OPERATOR)
    .action(async (id: string, { operator }: { operator?: boolean }, command: Command) => {
      const session = openSession(cli, command);
      const { connection, tenant: tenant_id } = session;
      const answer =
        operator === true
          ? await connection.delete('/instance/api-keys/{key_id}', { params: { path: { key_id: id } } })
          : await connection.delete('/tenants/{tenant_id}/api-keys/{key_id}', {
              params: { path: { tenant_id, key_id: id } },
            });
      await session.print(answer.data, () => `Key ${rowOf(answer.data).text('key_id')} is revoked.\n`);
    });
}
