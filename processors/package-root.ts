/**
 * The directory that holds package.json: files that are not code (SQL, Avro, Maven) are found from here, whether the
 * caller runs from source or from dist/.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the package. Throws only in a broken installation. */
export function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}`);
    directory = parent;
  }
  return directory;
}

/** Absolute path of a built entry file, for processes and threads that run from dist/ whatever their parent runs from. */
export function entryPoint(path: string): string {
  return join(packageRoot(), 'dist', path);
}
