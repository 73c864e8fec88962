/** `rewind config show`: the configuration in force, and where each value came from. */
import { Command } from 'commander';
import { configKeys } from '../../../processors/config/keys.js';
import { configValue, loadConfig } from '../../../processors/config/load.js';
import { type Cli, openSession } from '../session.js';
import { renderTable } from '../table.js';

const MASK = '********';

export function configCommand(cli: Cli): Command {
  const config = new Command('config').description('The configuration');
  config.addCommand(
    new Command('show')
      .description('Print the configuration in force, secrets masked')
      .option('--origin', 'say where each value came from')
      .action(async (options: { origin?: boolean }, command: Command) => {
        const session = openSession(cli, command);
        const { config: loaded, origins } = loadConfig({
          env: cli.env,
          cwd: cli.cwd,
          ...(session.configFile === undefined ? {} : { file: session.configFile }),
        });
        const rows = configKeys().map((key) => {
          const value = configValue(loaded, key.path);
          const masked = key.secret && value !== '' ? MASK : value;
          return { key: key.path, value: masked, origin: origins.get(key.path) ?? 'default' };
        });
        const shown = options.origin ? rows : rows.map(({ key, value }) => ({ key, value }));
        await session.print(Buffer.from(JSON.stringify(shown)), (terminal) =>
          renderTable(
            terminal,
            [
              { title: 'SETTING', value: (row) => row.key },
              { title: 'VALUE', value: (row) => JSON.stringify(row.value) },
              ...(options.origin
                ? [{ title: 'FROM', value: (row: (typeof rows)[number]) => row.origin }]
                : []),
            ],
            rows,
          ),
        );
      }),
  );
  return config;
}
