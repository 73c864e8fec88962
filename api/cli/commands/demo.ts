/** `rewind demo`: everything in one process on a sample story; with --kafka through a real Kafka that it starts. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { preflight } from '../../../processors/config/preflight.js';
import type { Config } from '../../../schemas/config.js';
import { startServer } from '../../server.js';
import { openDataDir } from '../demo/data-dir.js';
import { type DemoCluster, javaProblem, startCluster } from '../demo/local-kafka.js';
import { stepLine } from '../demo/report.js';
import { runDemo } from '../demo/run.js';
import { EXIT } from '../exit-codes.js';
import { loadTopology, startProcess, untilSignal } from '../pipeline.js';
import { type Cli, openSession, type Session } from '../session.js';
import { positiveInteger, wholeNumber } from '../values.js';

interface DemoOptions {
  readonly kafka?: boolean;
  readonly port: number;
  readonly dataDir?: string;
  readonly events?: number;
  readonly seed: number;
  readonly fresh?: boolean;
  readonly exit?: boolean;
}

const GIB = 2 ** 30;

export function demoCommand(cli: Cli): Command {
  return new Command('demo')
    .description('A sample story of thirty days: loaded, replayed, explained')
    .option('--kafka', 'through a real Kafka and registry, started here (Java 17 and Maven)')
    .option('--port <n>', 'port of the API; 0: any free one', wholeNumber, 8080)
    .option('--data-dir <path>', 'where it keeps its data (default: .rewind/demo, .rewind/demo-kafka)')
    .option('--events <n>', 'length of the story (default: 200000)', positiveInteger)
    .option('--seed <n>', 'the same seed tells the same story', wholeNumber, 1)
    .option('--fresh', 'load it anew')
    .option('--exit', 'end after the run, with a line of JSON last on stdout')
    .action(async (options: DemoOptions, command: Command) => {
      await demo(cli, openSession(cli, command), options);
    });
}

async function demo(cli: Cli, session: Session, options: DemoOptions): Promise<void> {
  const kafka = options.kafka === true;
  const dataDir = options.dataDir ?? (kafka ? '.rewind/demo-kafka' : '.rewind/demo');
  await preflight({
    dataDir,
    diskBytes: (kafka ? 3 : 2) * GIB,
    memoryBytes: (kafka ? 2 : 1.5) * GIB,
    host: '127.0.0.1',
    port: options.port,
    more: kafka ? [javaProblem] : [],
  });
  const { seed, events, fresh = false } = options;
  const note = openDataDir(resolve(cli.cwd, dataDir), {
    log: kafka ? 'kafka' : 'embedded',
    seed,
    events,
    fresh,
  });
  const { terminal } = session;
  const directory = resolve(cli.cwd, dataDir);
  let cluster: DemoCluster | null = null;
  try {
    if (kafka) {
      terminal.progress('Kafka and the registry start');
      cluster = await startCluster(directory, (line) => terminal.say(`          ${line}`));
      terminal.progressDone();
    }
    const { config, telemetry } = startProcess(cli, session.configFile, flagsOf(directory, options, cluster));
    await serveAndRun(cli, session, options, { config, telemetry, directory, note });
  } finally {
    terminal.progressDone();
    await cluster?.stop();
  }
}

/** The demo's own log and store, whatever the surroundings configure. */
function flagsOf(
  dataDir: string,
  options: DemoOptions,
  cluster: DemoCluster | null,
): Record<string, unknown> {
  return {
    dataDir,
    'http.host': '127.0.0.1',
    'http.port': options.port,
    'log.level': 'warn',
    'kafka.brokers': cluster?.brokers ?? [],
    'registry.url': cluster?.registryUrl ?? '',
    'registry.registerSchemas': true,
    'store.url': '',
    sources: [],
  };
}

interface DemoStart extends ReturnType<typeof startProcess> {
  readonly directory: string;
  readonly note: ReturnType<typeof openDataDir>;
}

async function serveAndRun(
  cli: Cli,
  session: Session,
  options: DemoOptions,
  {
    config,
    telemetry,
    directory,
    note,
  }: Pick<DemoStart, 'telemetry' | 'directory' | 'note'> & { config: Config },
): Promise<void> {
  const { terminal } = session;
  const { openRewind } = await loadTopology();
  const pipeline = await openRewind(config, { telemetry });
  try {
    const server = await startServer({ ...pipeline, config, telemetry, version: cli.version });
    try {
      const { workers } = config.replay;
      const text = `engine, API and ${workers} workers on ${server.url}, data in ${directory}`;
      await terminal.data(stepLine(terminal, performance.now() / 1000, text));
      const { summary, next } = await runDemo({
        pipeline,
        terminal,
        signal: cli.signal,
        dataDir: directory,
        note,
        url: server.url,
        workers,
      });
      if (options.exit === true) {
        await terminal.data(`\n${JSON.stringify(summary)}\n`);
      } else {
        await terminal.data(next);
        terminal.say(`\nRewind goes on serving on ${server.url}; Ctrl-C ends it, its data stays.`);
        const reason = await untilSignal(cli);
        cli.exitCode = reason === 'SIGINT' ? EXIT.interrupted : EXIT.ok;
      }
    } finally {
      await server.stop('the demo ends');
    }
  } finally {
    await pipeline.close();
  }
}
