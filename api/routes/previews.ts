/** Previews: what encodings, rules and sources make of sample events or records, before or after they are saved. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Static } from 'typebox';
import { ruleEventText } from '../../processors/rules/event-text.js';
import { formatRfc3339Ns, parseRfc3339Ns } from '../../processors/sources/time.js';
import type { FoundValue, PreviewedEntity, PreviewedEvent } from '../../processors/versions/preview.js';
import type {
  Chosen,
  EventSamples,
  PreviewedRecord,
  RecordSamples,
} from '../../processors/versions/previews.js';
import { RewindError } from '../../schemas/errors.js';
import { TenantParams } from '../../schemas/http.js';
import {
  EncodingPreviewBody,
  EventPreviewAnswer,
  RecordPreviewAnswer,
  RulesPreviewBody,
  type SampleRecord,
  SourcePreviewBody,
} from '../../schemas/http-previews.js';
import type { RouteContext } from '../context.js';
import { RawJson } from '../json/raw-json.js';
import { splitArray, splitObject } from '../json/split.js';
import { keepWrittenBodies, writtenMember } from '../json/written-body.js';
import { inBody } from '../problems-in-body.js';

const tags = ['versions'];

export const previewRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { previews } = context;
    keepWrittenBodies(app);

    // Two colons: one is the router's sign for a parameter.
    app.post(
      '/tenants/:tenant_id/encodings::preview',
      {
        config: { access: 'write' },
        schema: {
          summary: 'What an encoding makes of sample events: rule, entity, fields, state and diff',
          tags,
          params: TenantParams,
          body: EncodingPreviewBody,
          response: { 200: EventPreviewAnswer },
        },
      },
      async (request) => {
        const { tenant_id } = request.params;
        const events = await previews
          .encoding(tenant_id, chosenIn(request.body), eventsIn(request.body))
          .catch(inBody);
        return { success: true as const, data: events.map(eventRow) };
      },
    );

    app.post(
      '/tenants/:tenant_id/rules::preview',
      {
        config: { access: 'write' },
        schema: {
          summary: 'What rules decide about sample events, with the states that an encoding gives',
          tags,
          params: TenantParams,
          body: RulesPreviewBody,
          response: { 200: EventPreviewAnswer },
        },
      },
      async (request) => {
        const { body } = request;
        const options = {
          rules: chosenIn(body),
          encodingVersion: body.encoding_version ?? 1,
          baselineVersion: body.baseline_rule_version ?? null,
        };
        const events = await previews.rules(request.params.tenant_id, options, eventsIn(body)).catch(inBody);
        return { success: true as const, data: events.map(eventRow) };
      },
    );

    app.post(
      '/tenants/:tenant_id/sources::preview',
      {
        config: { access: 'write' },
        schema: {
          summary: 'The events that sources make of sample records',
          tags,
          params: TenantParams,
          body: SourcePreviewBody,
          response: { 200: RecordPreviewAnswer },
        },
      },
      async (request) => {
        const { body } = request;
        const records = await previews
          .source(request.params.tenant_id, chosenIn(body), body.source ?? null, recordsIn(body))
          .catch(inBody);
        return { success: true as const, data: records.map(recordRow) };
      },
    );
  };

function chosenIn(body: { definition?: unknown; version?: number }): Chosen {
  oneOf(body, 'definition', 'version');
  if (body.version !== undefined) return { version: body.version };
  return { definition: body.definition, json: writtenMember(body, 'definition')?.toString() };
}

function eventsIn(body: { events?: unknown[]; newest?: number }): EventSamples {
  oneOf(body, 'events', 'newest');
  if (body.newest !== undefined) return { newest: body.newest };
  // The text of each: payloads keep every digit.
  return { events: splitArray(writtenMember(body, 'events')!).map((item) => item.toString()) };
}

function recordsIn(body: Static<typeof SourcePreviewBody>): RecordSamples {
  oneOf(body, 'records', 'newest');
  if (body.newest !== undefined) return { newest: body.newest };
  const texts = splitArray(writtenMember(body, 'records')!);
  return {
    records: body.records!.map((record, index) => {
      const at = `/records/${index}`;
      oneOf(record, 'value', 'value_base64', at);
      const written = new Map(splitObject(texts[index]!)).get('value');
      return {
        topic: record.topic ?? '',
        recordTimeMs: recordTime(record, at),
        key: record.key === undefined ? null : Buffer.from(record.key),
        value: written ?? Buffer.from(record.value_base64!, 'base64'),
        headers: Object.entries(record.headers ?? {}).map(
          ([name, value]) => [name, Buffer.from(value)] as const,
        ),
      };
    }),
  };
}

function recordTime(record: Static<typeof SampleRecord>, at: string): bigint {
  if (record.record_time === undefined) return 0n;
  try {
    return parseRfc3339Ns(record.record_time) / 1_000_000n;
  } catch (error) {
    if (!(error instanceof RewindError)) throw error;
    throw new RewindError(error.code, error.message, { pointer: `${at}/record_time` });
  }
}

function oneOf<B extends object>(body: B, a: keyof B & string, b: keyof B & string, at = ''): void {
  const given = [a, b].filter((name) => Object.hasOwn(body, name));
  if (given.length === 0)
    throw new RewindError('field_missing', `${a} or ${b} is missing`, { pointer: `${at}/${a}` });
  if (given.length === 2)
    throw new RewindError('field_invalid', `${b} stands instead of ${a}`, { pointer: `${at}/${b}` });
}

function eventRow({ index, event, outcome, rule, entities }: PreviewedEvent) {
  return {
    index,
    event_id: event.eventId,
    event_type: event.eventType,
    timestamp: formatRfc3339Ns(event.occurredAtNs),
    outcome,
    rule,
    entities: entities.map(entityRow),
  };
}

function entityRow(entity: PreviewedEntity) {
  const { decided } = entity;
  return {
    entity_type: entity.entityType,
    entity_id: entity.entityId,
    tracked: entity.tracked.map(foundRow),
    operations: entity.operations.map((operation) => ({ op: operation.op, ...foundRow(operation) })),
    error: entity.error,
    exists: entity.exists,
    state_before: new RawJson(entity.stateBefore),
    state_after: new RawJson(entity.stateAfter),
    diff: new RawJson(entity.diff),
    ...(decided === null
      ? {}
      : {
          decision: {
            decision: decided.decisionJson === null ? null : new RawJson(decided.decisionJson),
            error: decided.error,
            before: decided.beforeJson === null ? null : new RawJson(decided.beforeJson),
            was: decided.was,
            now: decided.now,
            transition: decided.transition,
          },
        }),
  };
}

function foundRow({ field, json }: FoundValue) {
  return { field, ...(json === null ? {} : { value: new RawJson(json) }) };
}

function recordRow({ index, topic, event, code, error }: PreviewedRecord) {
  return { index, topic, event: event === null ? null : new RawJson(ruleEventText(event)), code, error };
}
