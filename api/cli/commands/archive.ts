/** `rewind archive`: the live archiver. It copies the topics of the configuration into the archive until it is stopped. */
import { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { loadTopology, startProcess } from '../pipeline.js';
import { type Cli, openSession } from '../session.js';

export function archiveCommand(cli: Cli): Command {
  return new Command('archive')
    .description('Copy the log into the archive as it grows')
    .option('--data-dir <path>', 'directory of the embedded engine')
    .action(async (options: { dataDir?: string }, command: Command) => {
      const session = openSession(cli, command);
      const { config, telemetry } = startProcess(cli, session.configFile, { dataDir: options.dataDir });
      const { openRewind } = await loadTopology();
      const pipeline = await openRewind(config, { telemetry });
      try {
        session.terminal.say('The archiver runs; stop it with Ctrl-C.');
        await pipeline.archive(cli.signal);
        cli.exitCode = cli.signal.reason === 'SIGINT' ? EXIT.interrupted : EXIT.ok;
      } finally {
        await pipeline.close();
      }
    });
}
