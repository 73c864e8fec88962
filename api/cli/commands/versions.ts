/**
 * `rewind encoding|rules|source list|get|save|diff|validate|preview`: versions of a tenant's definitions, all three by
 * the same words.
 */
import { Command } from 'commander';
import { definitionText, jsonLines, type RulesDirectory } from '../definition-file.js';
import { EXIT } from '../exit-codes.js';
import { type PageOptions, paged, sayNext } from '../paging.js';
import { rowOf, rowsOf } from '../rows.js';
import { type Cli, openSession, type Session } from '../session.js';
import { positiveInteger } from '../values.js';
import {
  renderDiff,
  renderEventPreview,
  renderProblems,
  renderRecordPreview,
  renderVersion,
  renderVersions,
} from '../version-text.js';

interface Kind {
  /** Word of the command, and of the path. */
  readonly command: string;
  readonly path: 'encodings' | 'rules' | 'sources';
  readonly description: string;
}

export const encodingCommand = (cli: Cli): Command =>
  versionsCommand(cli, {
    command: 'encoding',
    path: 'encodings',
    description: 'How events change entities: versions of encodings',
  });

export const rulesCommand = (cli: Cli): Command =>
  versionsCommand(cli, { command: 'rules', path: 'rules', description: 'What decides: versions of rules' });

export const sourceCommand = (cli: Cli): Command =>
  versionsCommand(cli, {
    command: 'source',
    path: 'sources',
    description: 'Which topics are read, and how: versions of sources',
  });

function versionsCommand(cli: Cli, kind: Kind): Command {
  const command = new Command(kind.command).description(kind.description);
  for (const make of [listCommand, getCommand, saveCommand, diffCommand, validateCommand, previewCommand])
    command.addCommand(make(cli, kind));
  return command;
}

const tenantOf = (session: Session) => ({ tenant_id: session.tenant });

function listCommand(cli: Cli, kind: Kind): Command {
  return paged(new Command('list'), 'versions', 100)
    .description('Versions, by number; 1 is built in')
    .action(async (options: PageOptions, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get(`/tenants/{tenant_id}/${kind.path}`, {
        params: { path: tenantOf(session), query: options },
      });
      await session.print(answer.data, (terminal) => renderVersions(terminal, rowsOf(answer.data)));
      sayNext(session, answer.next);
    });
}

function getCommand(cli: Cli, kind: Kind): Command {
  return new Command('get')
    .description('One version with its definition')
    .argument('<version>', 'number', positiveInteger)
    .action(async (version: number, _options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get(`/tenants/{tenant_id}/${kind.path}/{version}`, {
        params: { path: { ...tenantOf(session), version } },
      });
      await session.print(answer.data, (terminal) => renderVersion(terminal, rowOf(answer.data)));
    });
}

interface FileOptions extends RulesDirectory {
  readonly revises?: number;
  readonly note?: string;
}

function fileArgument(command: Command, kind: Kind): Command {
  if (kind.path !== 'rules') return command.argument('<file>', 'JSON or YAML; -: standard input');
  return command
    .argument('<file>', 'JSON or YAML, or a directory of .rego files; -: standard input')
    .option('--entrypoint <path>', 'of a directory: package and rule, for example authz/allow')
    .option('--name <name>', 'of a directory (default: its own)');
}

function saveCommand(cli: Cli, kind: Kind): Command {
  return fileArgument(new Command('save'), kind)
    .description('Save a definition as a new version; an equal one keeps its number')
    .option('--revises <n>', 'version that it was made from', positiveInteger)
    .option('--note <text>', 'why')
    .action(async (file: string, options: FileOptions, command: Command) => {
      const session = openSession(cli, command);
      const definition = await definitionText(cli, file, options);
      const { revises, note } = options;
      const rest = Object.entries({ revises, note }).filter(([, value]) => value !== undefined);
      const members = rest.map(([name, value]) => `,"${name}":${JSON.stringify(value)}`).join('');
      const answer = await session.connection.post(`/tenants/{tenant_id}/${kind.path}`, {
        params: { path: tenantOf(session) },
        body: Buffer.from(`{"definition":${definition}${members}}`),
      });
      const saved = rowOf(answer.data);
      const said = answer.status === 201 ? 'Saved as version' : 'It is already version';
      await session.print(answer.data, () => `${said} ${saved.text('version')}.\n`);
    });
}

function diffCommand(cli: Cli, kind: Kind): Command {
  return new Command('diff')
    .description('What makes the second version of the first')
    .argument('<from>', 'number', positiveInteger)
    .argument('<to>', 'number', positiveInteger)
    .option('--exit-code', 'exit 1 where they differ')
    .action(async (from: number, to: number, options: { exitCode?: boolean }, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get(
        `/tenants/{tenant_id}/${kind.path}/{version}/diff/{other}`,
        { params: { path: { ...tenantOf(session), version: from, other: to } } },
      );
      const changes = rowOf(answer.data).rows('changes');
      await session.print(answer.data, (terminal) => renderDiff(terminal, changes));
      if (options.exitCode === true && changes.length > 0) cli.exitCode = EXIT.failed;
    });
}

function validateCommand(cli: Cli, kind: Kind): Command {
  return fileArgument(new Command('validate'), kind)
    .description('All that is wrong with a definition; nothing is saved')
    .action(async (file: string, options: FileOptions, command: Command) => {
      const session = openSession(cli, command);
      const definition = await definitionText(cli, file, options);
      const answer = await session.connection.post(`/tenants/{tenant_id}/${kind.path}:validate`, {
        params: { path: tenantOf(session) },
        body: Buffer.from(`{"definition":${definition}}`),
      });
      const problems = rowOf(answer.data).rows('problems');
      await session.print(answer.data, () => renderProblems(problems));
      if (problems.length > 0) cli.exitCode = EXIT.usage;
    });
}

interface PreviewOptions extends RulesDirectory {
  readonly definition?: string;
  readonly use?: number;
  readonly samples?: string;
  readonly newest: number;
  readonly encodingVersion?: number;
  readonly baselineRules?: number;
}

function previewCommand(cli: Cli, kind: Kind): Command {
  const ofSources = kind.path === 'sources';
  const command = new Command('preview')
    .description(`What a definition makes of sample ${ofSources ? 'records' : 'events'}; nothing is saved`)
    .option('--definition <file>', 'definition that is not saved; -: standard input')
    .option('--use <version>', 'saved version (default: 1)', positiveInteger)
    .option('--samples <file>', `one JSON ${ofSources ? 'record' : 'event'} a line; -: standard input`)
    .option('--newest <n>', 'without --samples: so many of the newest archived ones', positiveInteger, 10);
  if (kind.path === 'rules') {
    command
      .option('--entrypoint <path>', 'of a directory: package and rule')
      .option('--encoding-version <n>', 'encoding that gives the states', positiveInteger)
      .option('--baseline-rules <n>', 'rules whose decisions are compared with', positiveInteger);
  }
  return command.action(async (options: PreviewOptions, self: Command) => {
    const session = openSession(cli, self);
    const answer = await session.connection.post(`/tenants/{tenant_id}/${kind.path}:preview`, {
      params: { path: tenantOf(session) },
      body: Buffer.from(await previewBody(cli, options, ofSources)),
    });
    await session.print(answer.data, (terminal) =>
      ofSources
        ? renderRecordPreview(terminal, rowsOf(answer.data))
        : renderEventPreview(terminal, rowsOf(answer.data)),
    );
  });
}

/** Put together as text: samples and definition keep every digit. */
async function previewBody(cli: Cli, options: PreviewOptions, ofSources: boolean): Promise<string> {
  const { definition, use, samples, newest, encodingVersion, baselineRules } = options;
  const members =
    definition === undefined
      ? [`"version":${use ?? 1}`]
      : [`"definition":${await definitionText(cli, definition, options)}`];
  if (encodingVersion !== undefined) members.push(`"encoding_version":${encodingVersion}`);
  if (baselineRules !== undefined) members.push(`"baseline_rule_version":${baselineRules}`);
  if (samples === undefined) members.push(`"newest":${newest}`);
  else {
    const lines = await jsonLines(cli, samples);
    const items = ofSources ? lines.map((line) => `{"value":${line}}`) : lines;
    members.push(`"${ofSources ? 'records' : 'events'}":[${items.join(',')}]`);
  }
  return `{${members.join(',')}}`;
}
