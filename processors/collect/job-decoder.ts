/**
 * The decoder of a job's collect stage. Jobs of the configured sources share what fills the archive; a job that pins
 * sources of its tenant reads the log into rows of its own, through these.
 */
import type { Config, SourceConfig } from '../../schemas/config.js';
import type { Encoding } from '../../schemas/encoding.js';
import { RewindError } from '../../schemas/errors.js';
import type { FrozenSpec } from '../../schemas/job.js';
import type { Source, SourceDefinition } from '../../schemas/source.js';
import type { SchemaRegistry } from '../kafka/registry.js';
import { CONFIGURED_SOURCES } from '../replay/spec.js';
import type { Decoder } from '../sources/source.js';
import type { VersionCatalog } from '../versions/catalog.js';
import { envelopeOf, sourceDecoder } from './source-decoder.js';

export interface JobDecoderContext {
  readonly config: Config;
  readonly registry: SchemaRegistry;
  readonly encodings: VersionCatalog<Encoding>;
  readonly sources: VersionCatalog<SourceDefinition>;
  /** Of the configured sources. */
  readonly decoder: () => Decoder;
}

/** Rejects with source_forbidden where the configuration no longer gives a topic to the tenant. */
export async function jobDecoder(
  context: JobDecoderContext,
  spec: Pick<FrozenSpec, 'tenantId' | 'sourceVersion'>,
): Promise<() => Decoder> {
  const { config, registry, encodings, sources } = context;
  const { tenantId, sourceVersion } = spec;
  if (sourceVersion === CONFIGURED_SOURCES) return context.decoder;
  const { definition } = await sources.get(tenantId, sourceVersion);
  requireReadable(config, tenantId, definition);
  const own: SourceConfig[] = [];
  for (const source of definition.sources) own.push(await tenantSource(encodings, tenantId, source));
  return () => sourceDecoder(own, registry, { ...config.limits });
}

/** A source of a tenant in the form of the configuration: its records are the tenant's, where they do not say. */
export async function tenantSource(
  encodings: VersionCatalog<Encoding>,
  tenantId: string,
  source: Source,
): Promise<SourceConfig> {
  const { encodingVersion, ...rest } = source;
  if (encodingVersion === undefined) return { ...rest, tenantId };
  const { definition } = await encodings.get(tenantId, encodingVersion);
  return {
    ...rest,
    tenantId,
    ...(definition.envelope === undefined ? {} : { mapping: definition.envelope }),
  };
}

/** Whether a source that a tenant saved may read a topic: all records there are then the tenant's to see. */
export function mayRead(config: Pick<Config, 'sourceTopics'>, tenantId: string, topic: string): boolean {
  return config.sourceTopics.some((entry) => entry.tenantId === tenantId && entry.topics.includes(topic));
}

/** Throws source_forbidden: what was given when the version was saved may have been taken back since. */
export function requireReadable(
  config: Pick<Config, 'sourceTopics'>,
  tenantId: string,
  { sources }: SourceDefinition,
): void {
  for (const topic of sources.flatMap(({ topics }) => topics)) {
    if (mayRead(config, tenantId, topic)) continue;
    throw new RewindError('source_forbidden', `sourceTopics does not give topic ${topic} to ${tenantId}`, {
      pointer: '/source_version',
    });
  }
}

/** Version 1 of a tenant's sources: what is configured, without what is other tenants' alone. */
export function configuredFor(sources: readonly SourceConfig[], tenantId: string): Source[] {
  return sources
    .filter((source) => source.tenantId === undefined || source.tenantId === tenantId)
    .map((source) => {
      const mapping = envelopeOf(source);
      const { name, topics, decoder } = source;
      return { name, topics, decoder, ...(mapping === undefined ? {} : { mapping }) };
    });
}
