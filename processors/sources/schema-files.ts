/** The contracts under schemas/ that are files of their own (Avro, encodings), found from sources and from dist alike. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RewindError } from '../../schemas/errors.js';

/** Text of a file under schemas/, for example `avro/audit-event.avsc`. Errors: file_unreadable. */
export function readSchemaFile(name: string): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const path = join(directory, 'schemas', name);
    if (existsSync(path)) return readFileSync(path, 'utf8');
    const parent = dirname(directory);
    if (parent === directory) throw new RewindError('file_unreadable', `schemas/${name} is missing`);
    directory = parent;
  }
}

let auditEventText: string | undefined;

/** The Avro schema of our AuditEvent, as it is registered. */
export function auditEventSchema(): string {
  auditEventText ??= readSchemaFile('avro/audit-event.avsc');
  return auditEventText;
}
