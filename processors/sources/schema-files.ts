/** The contracts under schemas/ that are files of their own (Avro, encodings), found from sources and from dist alike. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RewindError } from '../../schemas/errors.js';
import { packageRoot } from '../package-root.js';

/** Text of a file under schemas/, for example `avro/audit-event.avsc`. Errors: file_unreadable. */
export function readSchemaFile(name: string): string {
  try {
    return readFileSync(join(packageRoot(), 'schemas', name), 'utf8');
  } catch (cause) {
    throw new RewindError('file_unreadable', `schemas/${name}: ${(cause as Error).message}`, { cause });
  }
}

let auditEventText: string | undefined;

/** The Avro schema of our AuditEvent, as it is registered. */
export function auditEventSchema(): string {
  auditEventText ??= readSchemaFile('avro/audit-event.avsc');
  return auditEventText;
}
