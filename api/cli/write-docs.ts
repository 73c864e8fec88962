/** `npm run docs`: writes the documents that are made from the schemas. Run from the package's directory. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../processors/package-root.js';
import { generatedDocs } from '../docs.js';

for (const [path, text] of await generatedDocs()) {
  const file = join(packageRoot(), path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  process.stderr.write(`${path}\n`);
}
