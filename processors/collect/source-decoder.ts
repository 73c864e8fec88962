/** One decoder for all configured sources: each record goes to the decoder of its topic's source. */
import { readFileSync } from 'node:fs';
import type { Config, SourceConfig } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import type { RawRecord } from '../../schemas/event.js';
import { parseEncoding } from '../encodings/compile.js';
import type { SchemaRegistry } from '../kafka/registry.js';
import { createDecoder } from '../sources/decoder.js';
import type { Decoder } from '../sources/source.js';

/**
 * The sources of the configuration; without any, the events topic holds our own Avro. Uploaded decision logs are read
 * too where they have a topic of their own.
 */
export function configuredSources(config: Config): readonly SourceConfig[] {
  const named: readonly SourceConfig[] =
    config.sources.length > 0
      ? config.sources
      : [{ name: 'rewind', topics: [config.kafka.eventsTopic], decoder: 'rewind-avro' }];
  const { topic } = config.decisionLogs;
  if (config.kafka.brokers.length === 0 || named.some(({ topics }) => topics.includes(topic))) return named;
  return [...named, { name: 'decision-logs', topics: [topic], decoder: 'rewind-avro' }];
}

export function sourceDecoder(
  sources: readonly SourceConfig[],
  registry: SchemaRegistry,
  limits: Config['limits'],
): Decoder {
  const byTopic = new Map<string, Decoder>();
  for (const source of sources) {
    const mapping = envelopeOf(source);
    const decoder = createDecoder(
      { ...source, ...(mapping === undefined ? {} : { mapping }) },
      registry,
      limits,
    );
    for (const topic of source.topics) byTopic.set(topic, decoder);
  }
  const of = (topic: string): Decoder => {
    const decoder = byTopic.get(topic);
    if (decoder === undefined) throw new RewindError('source_unknown', `no source reads topic ${topic}`);
    return decoder;
  };
  return {
    // A batch is of one partition, so its records share a topic.
    prepare: async (records) => {
      if (records.length > 0) await of(records.name.topic).prepare(records);
    },
    decode: (record: RawRecord) => of(record.topic).decode(record),
    locate: (records, part, i, places) => of(records.name.topic).locate?.(records, part, i, places) ?? false,
  };
}

/** How the records of a source are read: its mapping, else the envelope of the encoding file that it names. */
export function envelopeOf(source: SourceConfig): SourceConfig['mapping'] {
  if (source.mapping !== undefined || source.encoding === undefined) return source.mapping;
  let envelope = envelopes.get(source.encoding);
  if (envelope === undefined) {
    envelope = { mapping: readEncoding(source.encoding).envelope };
    envelopes.set(source.encoding, envelope);
  }
  return envelope.mapping;
}

/** By file, each read once: as many as the configuration names. */
const envelopes = new Map<string, { readonly mapping: SourceConfig['mapping'] }>();

function readEncoding(path: string) {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new RewindError('file_unreadable', `cannot read the encoding ${path}`, { cause });
  }
  return parseEncoding(JSON.parse(text));
}
