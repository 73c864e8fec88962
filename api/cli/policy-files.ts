/** Policies as files: the Rego and data of a directory, tests left out. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { type BundleFiles, bundleOfFiles } from '../../processors/logreplay/bundle-files.js';
import { RewindError } from '../../schemas/errors.js';
import type { Cli } from './session.js';

/** What below the directory belongs to a bundle. Errors: file_unreadable, bundle_invalid. */
export function policiesIn(cli: Cli, directory: string): BundleFiles {
  const root = resolve(cli.cwd, directory);
  try {
    const paths = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && isPart(entry.name))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .sort();
    return bundleOfFiles(
      paths.map((path) => ({
        path: path
          .slice(root.length + 1)
          .split(sep)
          .join('/'),
        bytes: readFileSync(path),
      })),
    );
  } catch (cause) {
    if (cause instanceof RewindError) throw cause;
    throw new RewindError('file_unreadable', `${directory}: ${(cause as Error).message}`, { cause });
  }
}

function isPart(name: string): boolean {
  if (name.endsWith('.rego')) return !name.endsWith('_test.rego');
  return name === '.manifest' || name === 'data.json' || name === 'data.yaml' || name === 'data.yml';
}
