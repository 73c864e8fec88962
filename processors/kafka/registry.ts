/** Chooses the schema registry: Confluent-compatible over HTTP where an address is configured, else files in dataDir. */
import { join } from 'node:path';
import type { Config } from '../../schemas/config.js';
import type { SchemaRegistry } from './registry-contract.js';
import { FileRegistry } from './registry-files.js';
import { HttpRegistry } from './registry-http.js';

export type { Compatibility, SchemaReader, SchemaRegistry } from './registry-contract.js';

/** Opens no connection. Errors: config_invalid where registry.url is no HTTP address. */
export function openRegistry(config: Pick<Config, 'dataDir' | 'registry'>): SchemaRegistry {
  const { url, username, password, timeoutMs, schemaMaxBytes } = config.registry;
  if (url === '') return new FileRegistry(join(config.dataDir, 'registry'), schemaMaxBytes);
  const cacheDir = join(config.dataDir, 'cache', 'schemas');
  return new HttpRegistry({ url, username, password, timeoutMs, schemaMaxBytes, cacheDir });
}
