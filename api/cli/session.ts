/**
 * What every command starts from: the streams, the server, the tenant, the form of output. Built from the global
 * options, so that all commands take them alike.
 */
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import { RewindError } from '../../schemas/errors.js';
import { prettyJson } from '../json/pretty.js';
import { isArrayText, splitArray } from '../json/split.js';
import { type Connection, openConnection } from './connection.js';
import { csvOf } from './csv.js';
import { openTerminal, type Terminal } from './terminal.js';

/** The process as a command sees it; tests give their own. */
export interface Cli {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: Readable;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly version: string;
  /** Aborted by the first SIGINT or SIGTERM; `reason` is the signal's name. A second one ends the process. */
  readonly signal: AbortSignal;
  /** Set by a command that ended without an error but not with 0. */
  exitCode: number;
}

export type OutputForm = 'table' | 'json' | 'ndjson' | 'csv' | 'markdown';

export interface Session {
  readonly terminal: Terminal;
  readonly connection: Connection;
  readonly tenant: string;
  readonly output: OutputForm;
  readonly configFile: string | undefined;
  /** Prints an answer's data: as the table that `render` makes, as Markdown where a command has it, or as the server's own JSON. */
  print(data: Buffer, render: (terminal: Terminal) => string, markdown?: () => string): Promise<void>;
}

export interface GlobalOptions {
  readonly url?: string;
  readonly tenant?: string;
  readonly output?: OutputForm;
  readonly quiet?: boolean;
  readonly progress?: 'text' | 'json';
  readonly color?: boolean;
  readonly config?: string;
  readonly token?: string;
}

export const DEFAULT_URL = 'http://127.0.0.1:8080';
export const DEFAULT_TENANT = 'demo';

export function openSession(cli: Cli, command: Command): Session {
  const options = command.optsWithGlobals<GlobalOptions>();
  const terminal = openTerminal({
    quiet: options.quiet === true,
    progressJson: options.progress === 'json',
    color: options.color === false ? false : undefined,
    env: cli.env,
    stdout: cli.stdout,
    stderr: cli.stderr,
  });
  const output = options.output ?? 'table';
  return {
    terminal,
    connection: openConnection(
      options.url ?? cli.env.REWIND_URL ?? DEFAULT_URL,
      cli.signal,
      options.token ?? tokenOf(cli.env),
    ),
    tenant: options.tenant ?? cli.env.REWIND_TENANT ?? DEFAULT_TENANT,
    output,
    configFile: options.config,
    print: (data, render, markdown) => {
      if (output === 'markdown') {
        if (markdown !== undefined) return terminal.data(markdown());
        throw new RewindError('field_invalid', 'this command has no Markdown', { pointer: '--output' });
      }
      return terminal.data(output === 'table' ? render(terminal) : dataForm(data, output));
    },
  };
}

/** REWIND_TOKEN, or the file that REWIND_TOKEN_FILE names. */
function tokenOf(env: Cli['env']): string {
  if (env.REWIND_TOKEN) return env.REWIND_TOKEN;
  if (!env.REWIND_TOKEN_FILE) return '';
  try {
    return readFileSync(env.REWIND_TOKEN_FILE, 'utf8').trim();
  } catch (cause) {
    throw new RewindError('file_unreadable', `REWIND_TOKEN_FILE: ${(cause as Error).message}`, { cause });
  }
}

function dataForm(data: Buffer, output: 'json' | 'ndjson' | 'csv'): string {
  if (output === 'csv') return csvOf(data);
  if (output === 'json') return `${prettyJson(data.toString())}\n`;
  const items = isArrayText(data) ? splitArray(data) : [data];
  return items.map((item) => `${item.toString()}\n`).join('');
}
