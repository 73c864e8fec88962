/** The registry id of a schema of ours. */
import type { Config } from '../../schemas/config.js';
import type { SchemaRegistry } from './registry.js';

/** Registered where Rewind owns the registry, else looked up; null: it is not there. Rejects with registry_unavailable. */
export function ownSchemaId(
  config: Pick<Config, 'registry'>,
  registry: SchemaRegistry,
  subject: string,
  text: string,
): Promise<number | null> {
  const owned = config.registry.url === '' || config.registry.registerSchemas;
  return owned ? registry.register(subject, text, 'BACKWARD_TRANSITIVE') : registry.lookUp(subject, text);
}
