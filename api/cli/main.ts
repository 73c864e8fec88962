#!/usr/bin/env node
/** The `rewind` command: sets up the process, the commands, and turns every error into a line and an exit code. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, Option } from 'commander';
import { RewindError } from '../../schemas/errors.js';
import { addExample } from './example.js';
import { EXIT, exitCodeOf } from './exit-codes.js';
import { type Cli, DEFAULT_TENANT, DEFAULT_URL } from './session.js';
import { printable, tint } from './terminal.js';
import { packageVersion } from './version.js';

/** Each command is loaded when it is asked for: most only talk to a server, and start at once without its libraries. */
const COMMANDS: Readonly<Record<string, () => Promise<(cli: Cli) => Command>>> = {
  serve: async () => (await import('./commands/serve.js')).serveCommand,
  worker: async () => (await import('./commands/worker.js')).workerCommand,
  archive: async () => (await import('./commands/archive.js')).archiveCommand,
  ingest: async () => (await import('./commands/ingest.js')).ingestCommand,
  generate: async () => (await import('./commands/generate.js')).generateCommand,
  demo: async () => (await import('./commands/demo.js')).demoCommand,
  replay: async () => (await import('./commands/replay.js')).replayCommand,
  pause: async () => (await import('./commands/instance.js')).pauseCommand,
  resume: async () => (await import('./commands/instance.js')).resumeCommand,
  timeline: async () => (await import('./commands/timeline.js')).timelineCommand,
  snapshot: async () => (await import('./commands/snapshot.js')).snapshotCommand,
  note: async () => (await import('./commands/notes.js')).noteCommand,
  bookmark: async () => (await import('./commands/notes.js')).bookmarkCommand,
  webhook: async () => (await import('./commands/webhooks.js')).webhookCommand,
  export: async () => (await import('./commands/export.js')).exportCommand,
  entity: async () => (await import('./commands/entity.js')).entityCommand,
  current: async () => (await import('./commands/current.js')).currentCommand,
  key: async () => (await import('./commands/key.js')).keyCommand,
  audit: async () => (await import('./commands/audit.js')).auditCommand,
  'dead-letter': async () => (await import('./commands/dead-letter.js')).deadLetterCommand,
  decisions: async () => (await import('./commands/decisions.js')).decisionsCommand,
  encoding: async () => (await import('./commands/versions.js')).encodingCommand,
  rules: async () => (await import('./commands/versions.js')).rulesCommand,
  source: async () => (await import('./commands/versions.js')).sourceCommand,
  bundles: async () => (await import('./commands/bundles.js')).bundlesCommand,
  impact: async () => (await import('./commands/impact.js')).impactCommand,
  completion: async () => {
    const { completionCommand } = await import('./commands/completion.js');
    return (cli) => completionCommand(cli, () => buildProgram(cli));
  },
  diff: async () => (await import('./commands/diff.js')).diffCommand,
  doctor: async () => (await import('./commands/doctor.js')).doctorCommand,
  evidence: async () => (await import('./commands/evidence.js')).evidenceCommand,
  config: async () => (await import('./commands/config.js')).configCommand,
  migrate: async () => (await import('./commands/migrate.js')).migrateCommand,
};

const AFTER_HELP = `
Exit codes: 0 done, 1 failed, 2 wrong use or input, 3 not found, 4 conflict, 5 unavailable,
6 finished with failed events, 130 interrupted. Data goes to stdout, messages to stderr.`;

/**
 * The commands of these names (all, where left out) under one program. Commander throws instead of leaving the process.
 */
export async function buildProgram(cli: Cli, names = Object.keys(COMMANDS)): Promise<Command> {
  const program = new Command('rewind')
    .description('Replay audit history: events in, snapshots and diffs out.')
    .version(cli.version)
    .option('--url <url>', `server to talk to (REWIND_URL, else ${DEFAULT_URL})`)
    .option('--tenant <id>', `tenant (REWIND_TENANT, else ${DEFAULT_TENANT})`)
    .option('--token <token>', 'key or token to sign in with (better: REWIND_TOKEN or REWIND_TOKEN_FILE)')
    .addOption(
      new Option('--output <form>', 'form of the data').choices([
        'table',
        'json',
        'ndjson',
        'csv',
        'markdown',
      ]),
    )
    .option('--quiet', 'no messages, no progress')
    .addOption(new Option('--progress <form>', 'form of progress on stderr').choices(['text', 'json']))
    .option('--no-color', 'no colours; NO_COLOR does the same')
    .option('--config <file>', 'configuration file (REWIND_CONFIG, else rewind.yaml)')
    .addHelpText('after', AFTER_HELP);
  for (const name of names) program.addCommand((await COMMANDS[name]!())(cli));
  prepare(program, cli);
  return program;
}

/** The commands that a command line can mean; all, where it asks for help or names none. */
function namesIn(argv: readonly string[]): string[] {
  const all = Object.keys(COMMANDS);
  const named = all.filter((name) => argv.includes(name));
  return named.length === 0 || ['help', '--help', '-h'].some((word) => argv.includes(word)) ? all : named;
}

/** Global options may stand behind the command too; errors throw; help goes to the command's own streams. */
function prepare(command: Command, cli: Cli): void {
  command
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => cli.stdout.write(text),
      writeErr: (text) => cli.stderr.write(text),
    });
  addExample(command);
  for (const child of command.commands) prepare(child, cli);
}

/** Runs a command line (without node and script). Resolves with the exit code; never rejects, never exits. */
export async function run(cli: Cli, argv: readonly string[]): Promise<number> {
  try {
    const program = await buildProgram(cli, namesIn(argv));
    await program.parseAsync(argv, { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    return report(cli, error);
  }
}

function report(cli: Cli, error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') return EXIT.ok;
  // Ctrl-C in the middle of a request: the abort is no failure of its own.
  if (cli.signal.reason === 'SIGINT') return EXIT.interrupted;
  const color = { color: cli.stderr.isTTY === true && !cli.env.NO_COLOR };
  if (!(error instanceof RewindError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    cli.stderr.write(`${tint(color, 'red', 'internal')}: ${text}\n`);
    return EXIT.failed;
  }
  const message = error.message.split('\n').map(printable).join('\n');
  cli.stderr.write(`${tint(color, 'red', error.code)}: ${message}\n${listed(error)}  ${error.fix}\n`);
  return exitCodeOf(error);
}

/** Further problems of the same request, one a line. */
function listed(error: RewindError): string {
  const items = error.facts.errors;
  if (!Array.isArray(items) || items.length < 2 || error.code === 'config_invalid') return '';
  const lines = (items as { pointer?: string; message: string }[]).map(
    ({ pointer, message }) => `  ${pointer ? `${pointer}: ` : ''}${printable(message)}\n`,
  );
  return lines.slice(0, 20).join('');
}

function processCli(): Cli {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      // The second signal is for those who cannot wait for the drain.
      if (controller.signal.aborted) process.exit(EXIT.interrupted);
      controller.abort(name);
    });
  }
  // A reader that has seen enough (`| head`) closes the pipe: the end of the command, not a crash of it.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.ok);
  });
  process.stderr.on('error', () => undefined);
  return {
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    version: packageVersion(),
    signal: controller.signal,
    exitCode: EXIT.ok,
  };
}

/** True when this file is the process's own script, also through npm's symbolic link. */
function isScript(): boolean {
  const script = process.argv[1];
  return script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url);
}

if (isScript()) process.exitCode = await run(processCli(), process.argv.slice(2));
