/** Opens the catalogs of versions on a store. */
import type { Config, SourceConfig } from '../../schemas/config.js';
import type { Encoding } from '../../schemas/encoding.js';
import type { RulesDefinition } from '../../schemas/rules.js';
import type { SourceDefinition } from '../../schemas/source.js';
import { configuredFor, mayRead } from '../collect/job-decoder.js';
import type { PolicyCompiler } from '../policy/contract.js';
import type { Store } from '../store/store.js';
import { StoredVersions } from '../store/versions.js';
import type { VersionCatalog } from './catalog.js';
import { compiledRulesKind, encodingKind, sourceKind } from './kinds.js';

export interface Catalogs {
  readonly encodings: VersionCatalog<Encoding>;
  readonly rules: VersionCatalog<RulesDefinition>;
  readonly sources: VersionCatalog<SourceDefinition>;
}

/** `sources`: the configured ones, version 1 of every tenant. */
export function openCatalogs(
  config: Config,
  store: Store,
  sources: readonly SourceConfig[],
  compiler: PolicyCompiler,
): Catalogs {
  const ofTenant = sourceKind(
    (tenantId) => configuredFor(sources, tenantId),
    (tenantId, topic) => mayRead(config, tenantId, topic),
  );
  return {
    encodings: new StoredVersions(store, encodingKind, config.versions),
    rules: new StoredVersions(store, compiledRulesKind(compiler), config.versions),
    sources: new StoredVersions(store, ofTenant, config.versions),
  };
}
