/** `rewind migrate --print|--check|--apply`: tables and views of the store. */
import { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { loadTopology, type MigrateMode, startProcess } from '../pipeline.js';
import { type Cli, openSession } from '../session.js';

interface MigrateOptions {
  readonly print?: boolean;
  readonly check?: boolean;
  readonly apply?: boolean;
}

export function migrateCommand(cli: Cli): Command {
  return new Command('migrate')
    .description('Tables and views of the store')
    .option('--print', 'print the SQL, touch nothing')
    .option('--check', 'say what is not applied yet; exit 1 if anything is')
    .option('--apply', 'apply what is missing')
    .action(async (options: MigrateOptions, command: Command) => {
      const session = openSession(cli, command);
      const mode = modeOf(options, command);
      const { config, telemetry } = startProcess(cli, session.configFile);
      const { migrateStore } = await loadTopology();
      const lines = await migrateStore(config, mode, { telemetry });
      await session.print(Buffer.from(JSON.stringify(lines)), () =>
        lines.map((line) => `${line}\n`).join(''),
      );
      if (mode === 'check' && lines.length > 0) cli.exitCode = EXIT.failed;
      if (mode !== 'print' && lines.length === 0) session.terminal.say('The store is up to date.');
    });
}

function modeOf(options: MigrateOptions, command: Command): MigrateMode {
  const given = (['print', 'check', 'apply'] as const).filter((mode) => options[mode]);
  const [mode] = given;
  if (mode === undefined || given.length > 1) command.error('error: give one of --print, --check, --apply');
  return mode;
}
