/**
 * Previews: what a definition, saved or not, makes of sample events or records. Nothing is stored. The samples are the
 * caller's, or the newest that the archive holds of the tenant.
 */
import type { Config } from '../../schemas/config.js';
import { type ErrorCode, RewindError } from '../../schemas/errors.js';
import type { AuditEvent, RawRecord } from '../../schemas/event.js';
import type { SourceDefinition } from '../../schemas/source.js';
import { tenantSource } from '../collect/job-decoder.js';
import type { SchemaReader } from '../kafka/registry.js';
import type { Policies } from '../policy/contract.js';
import { BUILT_IN_RULES_VERSION } from '../rules/built-in.js';
import { canonicalJson } from '../sources/canonical-json.js';
import { createDecoder } from '../sources/decoder.js';
import { readEventJson } from '../sources/event-json.js';
import { LogRecords } from '../sources/log-records.js';
import { normalise } from '../sources/normalise.js';
import type { ArchiveSamples } from '../store/archive-samples.js';
import type { VersionCatalog } from './catalog.js';
import type { Catalogs } from './open.js';
import { type PreviewedEvent, previewEvents } from './preview.js';
import { type BatchRules, builtInBatch, previewDecisions, regoBatch } from './preview-rules.js';

/** A saved version, or a definition that is not (yet). */
export type Chosen =
  | { readonly version: number }
  | { readonly definition: unknown; readonly json?: string | undefined };

/** JSON texts of events as `POST audit-events` takes them, or so many of the archive's newest. */
export type EventSamples = { readonly events: readonly string[] } | { readonly newest: number };
export type RecordSamples =
  | { readonly records: readonly Omit<RawRecord, 'topicId' | 'partition' | 'offset'>[] }
  | { readonly newest: number };

/** One record, and the event that the source makes of it or why it makes none. */
export interface PreviewedRecord {
  readonly index: number;
  readonly topic: string;
  readonly event: AuditEvent | null;
  readonly code: ErrorCode | null;
  readonly error: string | null;
}

export interface RulesPreview {
  readonly rules: Chosen;
  readonly baselineVersion: number | null;
  readonly encodingVersion: number;
}

export interface PreviewContext extends Catalogs {
  readonly config: Config;
  readonly registry: SchemaReader;
  readonly samples: ArchiveSamples;
  readonly policies: Policies;
}

/**
 * All reject with version_unknown, the kind's code for a definition that is wrong, field_invalid for samples that are
 * too many, and with what is wrong with a sample event; pointers are those of the request.
 */
export interface Previews {
  encoding(tenantId: string, chosen: Chosen, samples: EventSamples): Promise<PreviewedEvent[]>;
  rules(tenantId: string, options: RulesPreview, samples: EventSamples): Promise<PreviewedEvent[]>;
  /** `sourceName`: which of the definition's sources reads the records; null: that of their topic, else the first. */
  source(
    tenantId: string,
    chosen: Chosen,
    sourceName: string | null,
    samples: RecordSamples,
  ): Promise<PreviewedRecord[]>;
}

export class DefinitionPreviews implements Previews {
  readonly #context: PreviewContext;

  constructor(context: PreviewContext) {
    this.#context = context;
  }

  async encoding(tenantId: string, chosen: Chosen, samples: EventSamples): Promise<PreviewedEvent[]> {
    const encoding = await this.#definition(this.#context.encodings, tenantId, chosen, 'encoding_invalid');
    return previewEvents(encoding, await this.#events(tenantId, samples), null);
  }

  async rules(tenantId: string, options: RulesPreview, samples: EventSamples): Promise<PreviewedEvent[]> {
    const { encodings } = this.#context;
    const { definition: encoding } = await encodings.get(tenantId, options.encodingVersion);
    const rules = await this.#openRules(tenantId, options.rules);
    const { baselineVersion } = options;
    const baseline =
      baselineVersion === null
        ? null
        : await this.#openRules(tenantId, { version: baselineVersion }, '/baseline_rule_version');
    return previewDecisions(encoding, await this.#events(tenantId, samples), { rules, baseline });
  }

  async source(
    tenantId: string,
    chosen: Chosen,
    sourceName: string | null,
    samples: RecordSamples,
  ): Promise<PreviewedRecord[]> {
    const { sources, encodings, registry, config } = this.#context;
    const definition = await this.#definition(sources, tenantId, chosen, 'source_invalid');
    const named = sourceName === null ? undefined : sourceNamed(definition, sourceName);
    const previewed: PreviewedRecord[] = [];
    for (const [index, record] of (await this.#records(tenantId, definition, samples)).entries()) {
      const source =
        named ??
        definition.sources.find(({ topics }) => topics.includes(record.topic)) ??
        definition.sources[0]!;
      const topic = record.topic === '' ? source.topics[0]! : record.topic;
      const own = await tenantSource(encodings, tenantId, source);
      const decoder = createDecoder(own, registry, config.limits);
      const whole = { ...record, topic };
      await decoder.prepare(LogRecords.of(whole, [whole]));
      const decoded = decoder.decode(whole);
      previewed.push(
        decoded.ok
          ? { index, topic, event: decoded.events[0] ?? null, code: null, error: null }
          : { index, topic, event: null, code: decoded.code, error: decoded.message },
      );
    }
    return previewed;
  }

  async #definition<D>(
    catalog: VersionCatalog<D>,
    tenantId: string,
    chosen: Chosen,
    invalid: ErrorCode,
  ): Promise<D> {
    if ('version' in chosen) return (await catalog.get(tenantId, chosen.version, '/version')).definition;
    const problems = await catalog.problems(tenantId, chosen.definition);
    const first = problems[0];
    if (first === undefined) return chosen.definition as D;
    throw new RewindError(invalid, `${first.pointer || '/'}: ${first.message}`, {
      pointer: first.pointer,
      facts: { problems },
    });
  }

  async #openRules(tenantId: string, chosen: Chosen, pointer = '/version'): Promise<BatchRules> {
    const { rules, policies } = this.#context;
    if ('version' in chosen) {
      const { version, definitionJson } = await rules.get(tenantId, chosen.version, pointer);
      return version === BUILT_IN_RULES_VERSION ? builtInBatch : regoBatch(policies, definitionJson);
    }
    await this.#definition(rules, tenantId, chosen, 'rules_invalid');
    return regoBatch(policies, chosen.json ?? JSON.stringify(chosen.definition));
  }

  async #events(tenantId: string, samples: EventSamples): Promise<AuditEvent[]> {
    if ('newest' in samples)
      return this.#context.samples.events(tenantId, this.#atMost(samples.newest, '/newest'));
    this.#atMost(samples.events.length, '/events');
    return samples.events.map((text, index) => sampleEvent(text, index, tenantId));
  }

  async #records(
    tenantId: string,
    definition: SourceDefinition,
    samples: RecordSamples,
  ): Promise<RawRecord[]> {
    if ('newest' in samples) {
      const topics = definition.sources.flatMap((source) => source.topics);
      return this.#context.samples.records(tenantId, topics, this.#atMost(samples.newest, '/newest'));
    }
    this.#atMost(samples.records.length, '/records');
    return samples.records.map((record, index) => ({
      ...record,
      topicId: 'preview',
      partition: 0,
      offset: BigInt(index),
    }));
  }

  #atMost(count: number, pointer: string): number {
    const { previewEventsMax } = this.#context.config.versions;
    if (count <= previewEventsMax) return count;
    throw new RewindError(
      'field_invalid',
      `${count} samples, more than versions.previewEventsMax (${previewEventsMax})`,
      { pointer },
    );
  }
}

function sourceNamed(definition: SourceDefinition, name: string) {
  const source = definition.sources.find((one) => one.name === name);
  if (source !== undefined) return source;
  throw new RewindError('source_unknown', `the definition has no source ${name}`, { pointer: '/source' });
}

/** An event of the request, as ingest would take it; one without an id is known by its place. */
function sampleEvent(text: string, index: number, tenantId: string): AuditEvent {
  try {
    const draft = readEventJson(canonicalJson(text));
    if (draft.tenantId !== '' && draft.tenantId !== tenantId)
      throw new RewindError('field_invalid', 'the event is of another tenant', { pointer: '/tenant_id' });
    const eventId = draft.eventId === '' ? `sample/${index}` : draft.eventId;
    return normalise({ ...draft, tenantId, eventId });
  } catch (error) {
    if (!(error instanceof RewindError)) throw error;
    throw new RewindError(error.code, error.message, { pointer: `/events/${index}${error.pointer ?? ''}` });
  }
}
