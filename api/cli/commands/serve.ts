/** `rewind serve`: the API, and fold workers in the same process unless told otherwise. */
import { Command } from 'commander';
import { startServer } from '../../server.js';
import { EXIT } from '../exit-codes.js';
import { loadTopology, startProcess, untilSignal } from '../pipeline.js';
import { type Cli, openSession } from '../session.js';
import { wholeNumber } from '../values.js';

interface ServeOptions {
  readonly host?: string;
  readonly port?: number;
  readonly workers?: number;
  readonly dataDir?: string;
}

export function serveCommand(cli: Cli): Command {
  return new Command('serve')
    .description('Run the API and the workers')
    .option('--host <address>', 'address to listen on')
    .option('--port <n>', 'port to listen on; 0: any free one', wholeNumber)
    .option('--workers <n>', 'fold workers in this process; 0: none', wholeNumber)
    .option('--data-dir <path>', 'directory of the embedded engine, caches and checkpoints')
    .action(async (options: ServeOptions, command: Command) => {
      const session = openSession(cli, command);
      const { config, telemetry } = startProcess(cli, session.configFile, {
        'http.host': options.host,
        'http.port': options.port,
        'replay.workers': options.workers,
        dataDir: options.dataDir,
      });
      const { openRewind } = await loadTopology();
      const pipeline = await openRewind(config, { telemetry });
      try {
        const server = await startServer({ ...pipeline, config, telemetry, version: cli.version });
        await pipeline.startWorkers(config.replay.workers);
        session.terminal.say(`Rewind listens on ${server.url}`);
        if (config.auth.methods.length === 0)
          session.terminal.say(
            'NOBODY SIGNS IN HERE: whoever reaches this address may do everything (auth.methods).',
          );
        const reason = await untilSignal(cli);
        await server.stop(reason);
        cli.exitCode = reason === 'SIGINT' ? EXIT.interrupted : EXIT.ok;
      } finally {
        // Also after a failed start: the engine process must not stay behind.
        await pipeline.close();
      }
    });
}
