/**
 * Reads the configuration once, at the start of a process: flags > environment > project file > user file > defaults.
 * All problems are reported together; nothing starts on a configuration that is not understood in full.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Value from 'typebox/value';
import { parseDocument } from 'yaml';
import { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import { closest, findIssues } from '../../schemas/validate.js';
import { type ConfigKey, configKeys } from './keys.js';

export interface ConfigProblem {
  /** JSON pointer into the configuration, `/store/url`. */
  readonly pointer: string;
  readonly message: string;
  /** Where the value came from: a file's path, an environment name, `flag`. */
  readonly origin: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Origin of each dotted setting: `default`, a file's path, an environment name, `flag`. */
  readonly origins: ReadonlyMap<string, string>;
}

export interface LoadOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Directory in which `rewind.yaml` is looked for. */
  readonly cwd?: string;
  /** `--config FILE`; wins over REWIND_CONFIG and the files that are looked for. */
  readonly file?: string;
  /** Values of flags by dotted path, already of the right type. */
  readonly flags?: Readonly<Record<string, unknown>>;
}

type Tree = Record<string, unknown>;

/** Environment names that begin with REWIND_ and are no settings of the server. */
const OTHER_NAMES = new Set([
  'REWIND_CONFIG',
  'REWIND_URL',
  'REWIND_TENANT',
  'REWIND_TOKEN',
  'REWIND_TOKEN_FILE',
  'REWIND_LOG',
  'REWIND_CACHE_DIR',
  'REWIND_FAILPOINT',
]);
const PROJECT_FILES = ['rewind.yaml', 'rewind.yml', 'rewind.json'];

/**
 * Loads, merges and checks.
 * @throws RewindError config_invalid (`facts.errors`: ConfigProblem[]), file_unreadable
 */
export function loadConfig(options: LoadOptions = {}): LoadedConfig {
  const env = options.env ?? process.env;
  const cwd = options.cwd ?? process.cwd();
  const keys = configKeys();
  const merged: Tree = {};
  const origins = new Map<string, string>();
  const problems: ConfigProblem[] = [];
  for (const file of filesToRead(options.file, env, cwd)) {
    const tree = readTree(file, problems);
    if (tree !== null) mergeTree(merged, tree, '', (path) => origins.set(path, file));
  }
  for (const key of keys) applyEnv(key, env, merged, origins, problems);
  reportUnknownNames(keys, env, problems);
  for (const [path, value] of Object.entries(options.flags ?? {})) {
    if (value === undefined) continue;
    setPath(merged, path, value);
    origins.set(path, 'flag');
  }
  const config = Value.Default(Config, merged) as Config;
  const secrets = new Set(keys.filter((key) => key.secret).map((key) => pointerOf(key.path)));
  for (const { pointer, message } of findIssues(Config, config)) {
    const shown = secrets.has(pointer) ? 'is not a valid secret (it must be text)' : message;
    problems.push({ pointer, message: shown, origin: originOf(pointer, origins) });
  }
  if (problems.length > 0) throw invalid(problems);
  for (const key of keys) if (!origins.has(key.path)) origins.set(key.path, 'default');
  return { config, origins };
}

/** The value of a dotted setting. */
export function configValue(config: Config, path: string): unknown {
  let value: unknown = config;
  for (const part of path.split('.')) value = (value as Tree)[part];
  return value;
}

/** Lowest priority first. A file that was named must exist; those that are looked for need not. */
function filesToRead(
  named: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): string[] {
  const explicit = named ?? env.REWIND_CONFIG;
  const home = env.XDG_CONFIG_HOME || (env.HOME ? join(env.HOME, '.config') : '');
  const user = home === '' ? [] : PROJECT_FILES.map((name) => join(home, 'rewind', name));
  const project = PROJECT_FILES.map((name) => join(cwd, name));
  const first = (paths: readonly string[]) => paths.filter((path) => existsSync(path)).slice(0, 1);
  return [...first(user), ...(explicit ? [resolve(cwd, explicit)] : first(project))];
}

function readTree(file: string, problems: ConfigProblem[]): Tree | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new RewindError('file_unreadable', `Configuration file ${file}: ${(cause as Error).message}`, {
      cause,
    });
  }
  // JSON is YAML: one reader. Anchors are capped by the parser (maxAliasCount), so no file can explode.
  const document = parseDocument(text, { uniqueKeys: true });
  for (const error of document.errors) {
    problems.push({ pointer: '', message: error.message.split('\n')[0] ?? error.message, origin: file });
  }
  if (document.errors.length > 0) return null;
  const tree: unknown = document.toJS();
  if (tree === null || tree === undefined) return {};
  if (typeof tree !== 'object' || Array.isArray(tree)) {
    problems.push({ pointer: '', message: 'must be a mapping of settings', origin: file });
    return null;
  }
  return tree as Tree;
}

/** Sections merge key by key; lists and values replace. */
function mergeTree(into: Tree, from: Tree, prefix: string, note: (path: string) => void): void {
  for (const [name, value] of Object.entries(from)) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const section = Object.hasOwn(into, name) ? into[name] : undefined;
      const target = typeof section === 'object' && section !== null ? (section as Tree) : {};
      define(into, name, target);
      mergeTree(target, value as Tree, path, note);
    } else {
      define(into, name, value);
      note(path);
    }
  }
}

/** A file may name a key `__proto__`: it is data, to be refused as unknown. */
function define(tree: Tree, name: string, value: unknown): void {
  Object.defineProperty(tree, name, { value, enumerable: true, configurable: true, writable: true });
}

function setPath(tree: Tree, path: string, value: unknown): void {
  const parts = path.split('.');
  const last = parts.pop() ?? '';
  let node = tree;
  for (const part of parts) {
    if (typeof node[part] !== 'object' || node[part] === null) node[part] = {};
    node = node[part] as Tree;
  }
  node[last] = value;
}

function applyEnv(
  key: ConfigKey,
  env: Readonly<Record<string, string | undefined>>,
  merged: Tree,
  origins: Map<string, string>,
  problems: ConfigProblem[],
): void {
  const names = key.secret ? key.env.flatMap((name) => [name, `${name}_FILE`]) : key.env;
  const name = names.find((candidate) => env[candidate] !== undefined && env[candidate] !== '');
  if (name === undefined) return;
  let text = env[name] ?? '';
  if (key.secret && name.endsWith('_FILE')) {
    try {
      text = readFileSync(text, 'utf8').replace(/\r?\n$/, '');
    } catch (cause) {
      problems.push({
        pointer: pointerOf(key.path),
        message: `secret file: ${(cause as Error).message}`,
        origin: name,
      });
      return;
    }
  }
  const parsed = parseEnvValue(key, text);
  if (parsed.ok) {
    setPath(merged, key.path, parsed.value);
    origins.set(key.path, name);
  } else {
    problems.push({ pointer: pointerOf(key.path), message: parsed.message, origin: name });
  }
}

type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

function parseEnvValue(key: ConfigKey, text: string): Parsed {
  const shown = key.secret ? '(secret)' : JSON.stringify(text);
  switch (key.type) {
    case 'string':
      return { ok: true, value: text };
    case 'integer':
      return /^-?\d{1,16}$/.test(text)
        ? { ok: true, value: Number(text) }
        : { ok: false, message: `must be an integer, got ${shown}` };
    case 'boolean':
      if (/^(true|1|yes|on)$/i.test(text)) return { ok: true, value: true };
      if (/^(false|0|no|off)$/i.test(text)) return { ok: true, value: false };
      return { ok: false, message: `must be true or false, got ${shown}` };
    default:
      return parseEnvList(key, text, shown);
  }
}

/** Lists are JSON; a plain list of strings may also be separated by commas, as KAFKA_BROKERS is everywhere. */
function parseEnvList(key: ConfigKey, text: string, shown: string): Parsed {
  if (key.type === 'list' && !text.trimStart().startsWith('[')) {
    const items = text.split(',').map((item) => item.trim());
    return { ok: true, value: items.filter((item) => item !== '') };
  }
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (cause) {
    return { ok: false, message: `must be a JSON list, got ${shown} (${(cause as Error).message})` };
  }
}

/** A misspelt REWIND_ name would be ignored in silence otherwise. */
function reportUnknownNames(
  keys: readonly ConfigKey[],
  env: Readonly<Record<string, string | undefined>>,
  problems: ConfigProblem[],
): void {
  const known = keys.flatMap((key) =>
    key.secret ? key.env.flatMap((name) => [name, `${name}_FILE`]) : key.env,
  );
  const all = new Set([...known, ...OTHER_NAMES]);
  for (const name of Object.keys(env)) {
    if (!name.startsWith('REWIND_') || all.has(name) || name.startsWith('REWIND_TEST_')) continue;
    const near = closest(name, [...all]);
    problems.push({
      pointer: '',
      message: `${name} is not known${near === null ? '' : `; did you mean ${near}?`}`,
      origin: name,
    });
  }
}

function pointerOf(path: string): string {
  return `/${path.replaceAll('.', '/')}`;
}

/** The origin of the setting at a pointer or of the nearest thing above or below it. */
function originOf(pointer: string, origins: ReadonlyMap<string, string>): string {
  const path = pointer.slice(1).replaceAll('/', '.');
  const exact = origins.get(path);
  if (exact !== undefined) return exact;
  for (const [known, origin] of origins) {
    if (path.startsWith(`${known}.`) || known.startsWith(`${path}.`)) return origin;
  }
  return 'default';
}

function invalid(problems: readonly ConfigProblem[]): RewindError {
  const lines = problems.map(
    (p) => `  ${p.pointer === '' ? '' : `${p.pointer}: `}${p.message} [${p.origin}]`,
  );
  return new RewindError(
    'config_invalid',
    `The configuration has ${problems.length} problem(s):\n${lines.join('\n')}`,
    {
      facts: { errors: problems },
    },
  );
}
