/** Chooses the decoder of a configured source. The door of sources/ for the collect stage. */
import type { SourceConfig } from '../../schemas/config.js';
import type { SchemaReader } from '../kafka/registry.js';
import { type DecodeLimits, RewindAvroDecoder } from './avro-decoder.js';
import { AvroDecoder, JsonDecoder } from './json-decoder.js';
import { compileMapping } from './mapping.js';
import type { Decoder } from './source.js';

/**
 * A decoder holds scratch space: one for each consumer. The entity rules of an encoding are not applied here but by the
 * map stage of a job, which pins the encoding. A file that source.encoding names has been looked up: what counts here is
 * the mapping. Errors: encoding_invalid where the mapping makes no sense.
 */
export function createDecoder(source: SourceConfig, registry: SchemaReader, limits: DecodeLimits): Decoder {
  const tenantId = source.tenantId ?? '';
  if (source.decoder === 'rewind-avro') return new RewindAvroDecoder(registry, limits, tenantId);
  const { mapping } = source;
  const reader = { mapping: mapping === undefined ? undefined : compileMapping(mapping), tenantId };
  return source.decoder === 'json'
    ? new JsonDecoder(reader, limits)
    : new AvroDecoder(registry, reader, limits);
}
