/** `rewind bundles push|list|get`: policies and data by the revisions that decision logs name. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Command } from 'commander';
import { modulesText } from '../../../processors/logreplay/bundle.js';
import { bundleOfFiles } from '../../../processors/logreplay/bundle-files.js';
import { tarFiles } from '../../../processors/logreplay/tar-files.js';
import { RewindError } from '../../../schemas/errors.js';
import { type PageOptions, paged, sayNext } from '../paging.js';
import { policiesIn } from '../policy-files.js';
import { rowOf, rowsOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { renderFacts, renderTable } from '../table.js';
import { bytes, count } from '../values.js';

export function bundlesCommand(cli: Cli): Command {
  const bundles = new Command('bundles').description('Policies and data by revision, for log replays');
  for (const make of [pushCommand, listCommand, getCommand]) bundles.addCommand(make(cli));
  return bundles;
}

function pushCommand(cli: Cli): Command {
  return new Command('push')
    .description('Keep the policies and data of a revision: a directory, or a bundle of `opa build`')
    .argument('<path>', 'directory or .tar.gz')
    .option('--revision <revision>', 'as decision logs name it (default: as the manifest says)')
    .addHelpText('after', '\nExample:\n  rewind bundles push policies --revision "$(git rev-parse HEAD)"')
    .action(async (path: string, options: { revision?: string }, command: Command) => {
      const session = openSession(cli, command);
      const { revision, body, contentType } = sentOf(cli, path, options.revision);
      const answer = await session.connection.put('/v1/bundles/{revision}', {
        params: { path: { revision }, header: { 'x-tenant-id': session.tenant } },
        body,
        contentType,
      });
      const said = answer.status === 201 ? 'Kept' : 'Was kept already';
      await session.print(answer.data, () => `${said}: ${revision}\n`);
    });
}

function sentOf(cli: Cli, path: string, revision: string | undefined) {
  if (isDirectory(resolve(cli.cwd, path), path)) {
    const read = policiesIn(cli, path);
    const { modules, data, regoVersion } = read.bundle;
    const text = `{"modules":${modulesText(modules)},"data":${data},"rego_version":${regoVersion}}`;
    return {
      revision: revision ?? named(read.revision),
      body: Buffer.from(text),
      contentType: 'application/json',
    };
  }
  const body = readFileSync(resolve(cli.cwd, path));
  return { revision: revision ?? named(revisionIn(path, body)), body, contentType: 'application/gzip' };
}

/** As the manifest of an archive says. */
function revisionIn(path: string, archive: Buffer): string {
  try {
    return bundleOfFiles(tarFiles(gunzipSync(archive, { maxOutputLength: ARCHIVE_MAX_BYTES }))).revision;
  } catch (cause) {
    throw new RewindError('bundle_invalid', `${path}: ${(cause as Error).message}`, { cause });
  }
}

const ARCHIVE_MAX_BYTES = 256 << 20;

function isDirectory(file: string, path: string): boolean {
  try {
    return statSync(file).isDirectory();
  } catch (cause) {
    throw new RewindError('file_unreadable', `${path}: ${(cause as Error).message}`, { cause });
  }
}

function named(revision: string): string {
  if (revision !== '') return revision;
  throw new RewindError('field_missing', 'name the revision with --revision', { pointer: '--revision' });
}

function listCommand(cli: Cli): Command {
  return paged(new Command('list'), 'bundles', 100)
    .description('Bundles of the tenant, by revision')
    .action(async (options: PageOptions, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/v1/bundles', {
        params: { query: { ...options }, header: { 'x-tenant-id': session.tenant } },
      });
      await session.print(answer.data, (terminal) =>
        renderTable(
          terminal,
          [
            { title: 'REVISION', whole: true, value: (row) => row.text('revision') },
            { title: 'MODULES', align: 'right', value: (row) => count(row.number('modules')) },
            { title: 'SIZE', align: 'right', value: (row) => bytes(row.number('bytes')) },
            { title: 'BY', value: (row) => row.text('created_by') },
            { title: 'AT', value: (row) => row.text('created_at') },
          ],
          rowsOf(answer.data),
        ),
      );
      sayNext(session, answer.next);
    });
}

function getCommand(cli: Cli): Command {
  return new Command('get')
    .description('One bundle; --output json has its modules and data')
    .argument('<revision>', 'revision')
    .action(async (revision: string, _options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/v1/bundles/{revision}', {
        params: { path: { revision }, header: { 'x-tenant-id': session.tenant } },
      });
      const bundle = rowOf(answer.data);
      await session.print(answer.data, (terminal) =>
        renderFacts(terminal, [
          ['revision', bundle.text('revision')],
          ['hash', bundle.text('hash')],
          ['rego version', bundle.text('rego_version')],
          ['modules', bundle.row('modules').names().join(', ')],
          ['saved', `${bundle.text('created_at')} by ${bundle.text('created_by')}`],
        ]),
      );
    });
}
