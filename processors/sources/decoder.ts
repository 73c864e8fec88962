/** Chooses the decoder of a configured source. The door of sources/ for the collect stage. */
import type { SourceConfig } from '../../schemas/config.js';
import type { Encoding } from '../../schemas/encoding.js';
import { RewindError } from '../../schemas/errors.js';
import type { SchemaReader } from '../kafka/registry.js';
import { type DecodeLimits, RewindAvroDecoder } from './avro-decoder.js';
import { AvroDecoder, JsonDecoder } from './json-decoder.js';
import { compileMapping } from './mapping.js';
import type { Decoder } from './source.js';

/**
 * A decoder holds scratch space: one for each consumer. `encoding` is the content of the file that source.encoding
 * names; its `envelope` is the mapping where the source has none of its own. The entity rules of an encoding are not
 * applied here but by the map stage of a job, which pins the encoding. Errors: config_invalid, encoding_invalid.
 */
export function createDecoder(
  source: SourceConfig,
  registry: SchemaReader,
  limits: DecodeLimits,
  encoding?: Encoding,
): Decoder {
  const tenantId = source.tenantId ?? '';
  if (source.decoder === 'rewind-avro') return new RewindAvroDecoder(registry, limits, tenantId);
  if (source.encoding !== undefined && encoding === undefined && source.mapping === undefined) {
    throw new RewindError('config_invalid', `source ${source.name}: its encoding was not loaded`);
  }
  const envelope = source.mapping ?? encoding?.envelope;
  const reader = { mapping: envelope === undefined ? undefined : compileMapping(envelope), tenantId };
  return source.decoder === 'json'
    ? new JsonDecoder(reader, limits)
    : new AvroDecoder(registry, reader, limits);
}
