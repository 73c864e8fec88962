/** Rows that a server streams: to stdout, or to a file that is complete or not there at all. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import type { Cli, Session } from './session.js';

export async function writeRows(
  cli: Cli,
  session: Session,
  rows: Readable,
  file: string | undefined,
): Promise<void> {
  if (file === undefined) {
    await pipeline(rows, cli.stdout, { end: false });
    return;
  }
  // Under its own name a file is whole.
  const partial = `${file}.partial`;
  try {
    await pipeline(rows, createWriteStream(partial));
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  session.terminal.say(`Written to ${file}`);
}

/** Options of every export: the form of the rows, and where they go. */
export function addFormat(command: Command): Command {
  return command
    .addOption(
      new Option('--format <format>', 'form of the rows')
        .choices(['ndjson', 'csv', 'parquet'])
        .default('ndjson'),
    )
    .option('--out <file>', 'file to write, complete or not at all (default: stdout)');
}
