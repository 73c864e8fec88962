/** `rewind worker`: fold workers without the API, on this or another host. */
import { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { loadTopology, startProcess, untilSignal } from '../pipeline.js';
import { type Cli, openSession } from '../session.js';
import { positiveInteger } from '../values.js';

export function workerCommand(cli: Cli): Command {
  return new Command('worker')
    .description('Run workers without the API')
    .option('--workers <n>', 'workers of this process', positiveInteger, 1)
    .option('--data-dir <path>', 'directory of the embedded engine')
    .action(async (options: { workers: number; dataDir?: string }, command: Command) => {
      const session = openSession(cli, command);
      const { config, telemetry } = startProcess(cli, session.configFile, { dataDir: options.dataDir });
      const { openRewind } = await loadTopology();
      const pipeline = await openRewind(config, { telemetry, startsEngine: false });
      try {
        await pipeline.startWorkers(options.workers);
        session.terminal.say(`${options.workers} worker(s) look for work`);
        const reason = await untilSignal(cli);
        cli.exitCode = reason === 'SIGINT' ? EXIT.interrupted : EXIT.ok;
      } finally {
        await pipeline.close();
      }
    });
}
