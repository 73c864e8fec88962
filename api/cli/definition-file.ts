/** Definitions of encodings, rules and sources as files: JSON, YAML, or for rules a directory of Rego modules. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { parse } from 'yaml';
import { RewindError } from '../../schemas/errors.js';
import type { Cli } from './session.js';

/** How a directory of Rego becomes rules. */
export interface RulesDirectory {
  readonly entrypoint?: string;
  readonly name?: string;
}

/** JSON text of the definition at `path`; `-`: standard input. Errors: file_unreadable, field_missing. */
export async function definitionText(cli: Cli, path: string, rules: RulesDirectory = {}): Promise<string> {
  if (path === '-') return readAll(cli.stdin);
  const file = resolve(cli.cwd, path);
  const isDirectory = attempt(path, () => statSync(file).isDirectory());
  if (isDirectory) return JSON.stringify(rulesIn(file, rules));
  const text = attempt(path, () => readFileSync(file, 'utf8'));
  // JSON goes on as it is: its numbers keep every digit.
  return /\.ya?ml$/.test(path) ? JSON.stringify(attempt(path, () => parse(text) as unknown)) : text;
}

/** All `.rego` files below the directory, tests left out, and `data.json` where there is one. */
function rulesIn(directory: string, { entrypoint, name }: RulesDirectory) {
  if (entrypoint === undefined)
    throw new RewindError(
      'field_missing',
      'a directory of rules needs --entrypoint, for example authz/allow',
    );
  const modules: Record<string, string> = {};
  let data: unknown;
  for (const file of attempt(directory, () =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' }),
  )) {
    const path = relative(directory, join(directory, file)).split(sep).join('/');
    const read = () => attempt(path, () => readFileSync(join(directory, file), 'utf8'));
    if (path === 'data.json') data = attempt(path, () => JSON.parse(read()) as unknown);
    else if (path.endsWith('.rego') && !path.endsWith('_test.rego')) modules[path] = read();
  }
  return { name: name ?? basename(directory), entrypoint, modules, ...(data === undefined ? {} : { data }) };
}

function attempt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RewindError('file_unreadable', `${path}: ${reason}`, { cause });
  }
}

/** The lines of a file that hold JSON, each as its text. */
export async function jsonLines(cli: Cli, path: string): Promise<string[]> {
  const text =
    path === '-'
      ? await readAll(cli.stdin)
      : attempt(path, () => readFileSync(resolve(cli.cwd, path), 'utf8'));
  return text.split('\n').filter((line) => line.trim() !== '');
}
