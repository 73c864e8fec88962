/**
 * The configuration and the error table as Markdown: docs/configuration.md and docs/errors.md are this text, and the
 * tidy test fails when a file in the repository differs from it.
 */
import { ERRORS, type ErrorCode } from '../../schemas/errors.js';
import { type ConfigKey, configKeys } from './keys.js';

const CONFIG_INTRO = `# Configuration

<!-- Written by \`npm run docs\` from schemas/config.ts. Do not edit. -->

Order, the first that gives a value wins: flags, environment, project file, user file, defaults.

- **Project file**: \`--config FILE\`, else \`REWIND_CONFIG\`, else \`rewind.yaml\`, \`rewind.yml\` or \`rewind.json\` in the
  working directory. **User file**: the same names in \`$XDG_CONFIG_HOME/rewind\` (or \`~/.config/rewind\`).
- **Environment**: every setting has a name that begins with \`REWIND_\`. Lists are JSON or separated by commas. A secret
  may also be given as a file: \`REWIND_STORE_PASSWORD_FILE\`.
- Unknown keys, in a file or in the environment, are refused, and all problems are reported at once.
- \`rewind config show --origin\` prints each value and where it came from; secrets are masked.

Sizes are bytes; times are in the unit that ends the name. An empty environment variable counts as not set.
`;

/** docs/configuration.md, one table per section of the schema. */
export function configurationMarkdown(): string {
  const sections = new Map<string, ConfigKey[]>();
  for (const key of configKeys()) {
    const dot = key.path.indexOf('.');
    const name = dot < 0 ? '' : key.path.slice(0, dot);
    sections.set(name, [...(sections.get(name) ?? []), key]);
  }
  const parts = [CONFIG_INTRO];
  for (const [name, keys] of sections) {
    parts.push(`## ${name === '' ? 'General' : name}\n`);
    parts.push('| Setting | Environment | Default | What it does |\n|---|---|---|---|');
    parts.push(`${keys.map(configRow).join('\n')}\n`);
  }
  parts.push(COMMAND_LINE);
  return parts.join('\n');
}

const COMMAND_LINE = `## Command line only

| Environment | What it does |
|---|---|
| \`REWIND_URL\` | Server that the commands talk to; as \`--url\`. Default \`http://127.0.0.1:8080\` |
| \`REWIND_TENANT\` | Tenant of the commands; as \`--tenant\`. Default \`demo\` |
| \`REWIND_TOKEN\`, \`REWIND_TOKEN_FILE\` | Key or token that the commands sign in with, or the file that holds it |
| \`REWIND_LOG\` | Log level; wins over \`log.level\`, also in tests |
| \`REWIND_CACHE_DIR\` | Where downloaded brokers for development are kept |
| \`NO_COLOR\`, \`FORCE_COLOR\` | Colours off or on, whatever the terminal |
`;

function configRow(key: ConfigKey): string {
  const env = key.env.map((name) => `\`${name}\``).join(', ') + (key.secret ? ' (or `…_FILE`)' : '');
  const range =
    key.maximum === undefined
      ? key.minimum === undefined || key.minimum === 1
        ? ''
        : ` At least ${key.minimum}.`
      : ` ${key.minimum} to ${key.maximum}.`;
  return `| \`${key.path}\` | ${env} | ${defaultText(key)} | ${cell(key.description)}.${range} |`;
}

function defaultText(key: ConfigKey): string {
  if (key.defaultValue === '' || key.defaultValue === undefined) return '';
  const value = key.defaultValue;
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

/** docs/errors.md. The HTTP status of each code is given by api/, which alone knows it. */
export function errorsMarkdown(statusOf: (code: ErrorCode) => number): string {
  const rows = Object.entries(ERRORS).map(([code, entry]) => {
    const status = statusOf(code as ErrorCode);
    return `| \`${code}\` | ${status} | ${entry.kind} | ${entry.retryable ? 'yes' : 'no'} | ${cell(entry.fix)} |`;
  });
  return `# Errors

<!-- Written by \`npm run docs\` from schemas/errors.ts. Do not edit. -->

A code never changes its meaning. Over HTTP an error is \`application/problem+json\` (RFC 9457) with \`code\`,
\`errors[]\` (each with a JSON \`pointer\` where there is one) and \`traceId\`. On the command line it is \`code: message\`
and what to do next. Records that cannot be read or folded become dead letters under the same codes.
"Retry" says whether the same request can succeed later without a change.

| Code | HTTP | Kind | Retry | What to do |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\.$/, '');
}
