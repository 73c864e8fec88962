import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import type { Encoding } from '../../schemas/encoding.js';
import type { RawRecord } from '../../schemas/event.js';
import type { SchemaReader } from '../kafka/registry.js';
import { createDecoder } from './decoder.js';
import { parseForeignRecord, parseIngestEvent } from './ingest-event.js';
import { auditEventSchema } from './schema-files.js';

const options = { schemaId: 7, recordMaxBytes: 2000 };
const type = avro.Type.forSchema(JSON.parse(auditEventSchema()) as avro.Schema);

describe('one event as it is posted', () => {
  const event = {
    event_id: 'e-1',
    event_type: 'content.updated',
    entity_type: 'content',
    entity_id: 'content-789',
    actor: 'alice',
    action: 'update',
    severity: 'info',
    occurred_at: '1970-01-01T00:00:00.001000002Z',
  };
  const body = (more: string) => `${JSON.stringify(event).slice(0, -1)},${more}}`;

  it('becomes a record of ours, with every digit', () => {
    const text = body('"payload": {"b": 12345678901234567890123, "a": 1.10}, "decision": {"allow": true}');
    const result = parseIngestEvent(Buffer.from(text), 'acme', options);
    if (!result.ok) throw new Error(result.message);
    const { record } = result;
    expect(record).toMatchObject({ key: Buffer.from('content-789'), timestampMs: 1n, eventId: 'e-1' });
    expect([record.value[0], record.value.readInt32BE(1)]).toEqual([0, 7]);
    expect({ ...type.fromBuffer(record.value.subarray(5)) }).toEqual({
      event_id: 'e-1',
      tenant_id: 'acme',
      event_type: 'content.updated',
      entity_type: 'content',
      entity_id: 'content-789',
      actor: 'alice',
      action: 'update',
      severity: 'info',
      occurred_at: 1_000_002,
      decision: '{"allow":true}',
      payload: '{"a":1.1,"b":12345678901234567890123}',
    });
  });

  it('gets an id where it has none, and its key from the payload', () => {
    const text =
      '{"event_type":"playbook.run","occurred_at":"1960-01-01T00:00:00Z","payload":{"id":5},"actor":null}';
    const result = parseIngestEvent(text, 'acme', options);
    if (!result.ok) throw new Error(result.message);
    expect(result.record.eventId).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(result.record.timestampMs).toBe(0n);
    expect(result.record.key).toEqual(Buffer.from('5'));
    const other = parseIngestEvent(
      '{"event_type":"x.y","occurred_at":"2024-01-01T00:00:00Z","payload":{}}',
      'acme',
      options,
    );
    expect(other).toMatchObject({ ok: true, record: { key: null } });
  });

  const payload = '"payload":{}';
  const table: [string, string, string, string][] = [
    ['no JSON', '{', 'json_invalid', ''],
    ['an array', '[]', 'field_invalid', ''],
    ['an unknown field', body(`${payload},"Severity":"x"`), 'field_unknown', '/Severity'],
    ['an unknown field with a slash', body(`${payload},"a/b~":1`), 'field_unknown', '/a~1b~0'],
    [
      'an unknown field named __proto__',
      body(`${payload},"__proto__":{"x":1}`),
      'field_unknown',
      '/__proto__',
    ],
    ['another tenant', body(`${payload},"tenant_id":"other"`), 'field_invalid', '/tenant_id'],
    [
      'a number as id',
      `{"event_id":1,"event_type":"a","occurred_at":"2024-01-01T00:00:00Z",${payload}}`,
      'field_invalid',
      '/event_id',
    ],
    [
      'a long id',
      `{"event_id":"${'x'.repeat(1025)}","event_type":"a","occurred_at":"2024-01-01T00:00:00Z",${payload}}`,
      'field_invalid',
      '/event_id',
    ],
    ['no event type', `{"occurred_at":"2024-01-01T00:00:00Z",${payload}}`, 'field_missing', '/event_type'],
    [
      'an empty event type',
      `{"event_type":"","occurred_at":"2024-01-01T00:00:00Z",${payload}}`,
      'field_missing',
      '/event_type',
    ],
    ['no time', `{"event_type":"a",${payload}}`, 'field_missing', '/occurred_at'],
    [
      'a time without zone',
      `{"event_type":"a","occurred_at":"2024-01-01T00:00:00",${payload}}`,
      'time_zone_missing',
      '/occurred_at',
    ],
    [
      'a time as a number',
      `{"event_type":"a","occurred_at":1705314600000,${payload}}`,
      'time_invalid',
      '/occurred_at',
    ],
    [
      'a time out of range',
      `{"event_type":"a","occurred_at":"9999-01-01T00:00:00Z",${payload}}`,
      'time_out_of_range',
      '/occurred_at',
    ],
    ['no payload', '{"event_type":"a","occurred_at":"2024-01-01T00:00:00Z"}', 'field_missing', '/payload'],
    ['a payload that is text', body('"payload":"{}"'), 'payload_not_object', '/payload'],
    ['a payload that is null', body('"payload":null'), 'payload_not_object', '/payload'],
    ['a field twice', body(`${payload},"payload":{}`), 'json_duplicate_key', ''],
    ['too much', body(`"payload":{"x":"${'y'.repeat(2000)}"}`), 'record_too_large', ''],
  ];
  it.each(table)('%s', (_, text, code, pointer) => {
    expect(parseIngestEvent(text, 'acme', options)).toMatchObject({ ok: false, code, pointer });
  });

  it('says that a number looks like milliseconds', () => {
    const result = parseIngestEvent(
      `{"event_type":"a","occurred_at":1705314600000,${payload}}`,
      'acme',
      options,
    );
    expect(result.ok ? '' : result.message).toContain('looks like milliseconds');
  });
});

const cloudtrail: Encoding = {
  name: 'trail',
  entity: 'rules',
  envelope: {
    eventId: '/eventID',
    eventTypeParts: ['/eventSource', '/eventName'],
    occurredAt: '/eventTime',
    actor: ['/userIdentity/userName', '/userIdentity/arn'],
    tenantId: '/recipientAccountId',
    decision: '/verdict',
  },
  rules: [{ match: '*', trackDocument: true }],
};
const trail =
  '{"eventID":"293b","eventSource":"ssm.amazonaws.com","eventName":"PutParameter","eventTime":"2023-07-10T11:42:36Z","userIdentity":{"arn":"arn:aws:iam::1:user/benjamin"},"recipientAccountId":"123","verdict":null}';

describe('foreign records', () => {
  it('are read by the envelope of an encoding', () => {
    const result = parseForeignRecord(trail, cloudtrail, '', options);
    if (!result.ok) throw new Error(result.message);
    expect(result.event).toMatchObject({
      eventId: '293b',
      tenantId: '123',
      eventType: 'ssm.PutParameter',
      actor: 'arn:aws:iam::1:user/benjamin',
      occurredAtNs: 1_688_989_356_000_000_000n,
      decision: '',
      entityType: '',
    });
    expect(JSON.parse(result.event.payload)).toEqual(JSON.parse(trail));
    expect(parseForeignRecord(trail, cloudtrail, 'acme', options)).toMatchObject({
      ok: true,
      event: { tenantId: 'acme' },
    });
  });

  it('get the id that the caller derives', () => {
    const text = trail.replace('"eventID":"293b",', '');
    expect(parseForeignRecord(text, cloudtrail, '', { ...options, eventId: 'file:12' })).toMatchObject({
      ok: true,
      record: { eventId: 'file:12' },
    });
  });

  it('that lack what is required say which', () => {
    const noName = trail.replace('"eventName":"PutParameter",', '');
    expect(parseForeignRecord(noName, cloudtrail, '', options)).toMatchObject({
      ok: false,
      code: 'field_unmapped',
      pointer: '/eventType',
    });
    expect(parseForeignRecord('{}', cloudtrail, '', options)).toMatchObject({
      ok: false,
      code: 'field_unmapped',
      pointer: '/tenantId',
    });
    expect(parseForeignRecord('[]', cloudtrail, '', options)).toMatchObject({
      ok: false,
      code: 'payload_not_object',
    });
    expect(() =>
      parseForeignRecord(
        trail,
        { ...cloudtrail, envelope: { eventType: '=x', occurredAt: '$nothing' } },
        '',
        options,
      ),
    ).toThrow('no such envelope field');
  });
});

describe('JSON topics', () => {
  const registry: SchemaReader = {
    schemaById: async () => '',
  };
  const limits = { recordMaxBytes: 1000, arrayMaxItems: 10, depthMax: 64 };
  const record = (value: Buffer | null): RawRecord => ({
    topicId: 'T',
    topic: 'orders',
    partition: 1,
    offset: 9n,
    recordTimeMs: 1_705_314_600_000n,
    key: Buffer.from('k-1'),
    headers: [['who', Buffer.from('bob')]],
    value,
  });

  it('map key, header, topic and record time', () => {
    const mapping = {
      eventId: '$key',
      eventType: '$topic',
      occurredAt: '$record_time',
      actor: '$header/who',
    };
    const source = { name: 's', topics: ['orders'], decoder: 'json' as const, tenantId: 'home', mapping };
    const decoder = createDecoder(source, registry, limits);
    expect(decoder.decode(record(Buffer.from('{"b":1, "a":2}')))).toEqual({
      ok: true,
      schemaId: -1,
      events: [
        {
          eventId: 'k-1',
          tenantId: 'home',
          eventType: 'orders',
          entityType: '',
          entityId: '',
          declaredEntityType: '',
          actor: 'bob',
          action: '',
          severity: '',
          occurredAtNs: 1_705_314_600_000_000_000n,
          decision: '',
          payload: '{"a":2,"b":1}',
        },
      ],
    });
    const bad: [Buffer | null, string][] = [
      [null, 'tombstone'],
      [Buffer.alloc(0), 'json_invalid'],
      [Buffer.from('[1]'), 'payload_not_object'],
      [Buffer.alloc(1001, ' '), 'record_too_large'],
    ];
    for (const [value, code] of bad) expect(decoder.decode(record(value))).toMatchObject({ ok: false, code });
  });

  it('without a mapping carry our own events, also behind a registry prefix', () => {
    const decoder = createDecoder(
      { name: 's', topics: ['t'], decoder: 'json', tenantId: 'home' },
      registry,
      limits,
    );
    const text =
      '{"event_type":"llm.call","occurred_at":"2024-01-01T00:00:00Z","payload":{"id":"a"},"entity_type":"llm"}';
    const expected = {
      eventId: 'T/1/9',
      tenantId: 'home',
      entityType: 'agent',
      entityId: 'a',
      declaredEntityType: 'llm',
    };
    expect(decoder.decode(record(Buffer.from(text)))).toMatchObject({
      ok: true,
      schemaId: -1,
      events: [expected],
    });
    const prefixed = Buffer.concat([Buffer.from([0, 0, 0, 0, 5]), Buffer.from(text)]);
    expect(decoder.decode(record(prefixed))).toMatchObject({ ok: true, schemaId: 5, events: [expected] });
  });
});
