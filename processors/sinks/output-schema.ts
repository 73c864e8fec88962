/** The registry id of what stands in output topics: rows, end markers, markers of steps. */
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import { ownSchemaId } from '../kafka/own-schema.js';
import type { SchemaRegistry } from '../kafka/registry.js';
import { readSchemaFile } from '../sources/schema-files.js';

/** `file`: below schemas/. Rejects with schema_unknown, registry_unavailable. */
export async function outputSchemaId(
  { config, registry }: { readonly config: Pick<Config, 'registry'>; readonly registry: SchemaRegistry },
  subject: string,
  file: string,
): Promise<number> {
  const id = await ownSchemaId(config, registry, subject, readSchemaFile(file));
  if (id === null)
    throw new RewindError(
      'schema_unknown',
      `the registry does not have schemas/${file} under ${subject}; register it, or set registry.registerSchemas`,
    );
  return id;
}
