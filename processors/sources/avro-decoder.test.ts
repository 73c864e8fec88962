import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../schemas/event.js';
import { decodeWith, limits, logRecords, MemoryRegistry, record, typeOf, wire } from './avro.fixture.js';
import { encodeAuditEvent } from './avro-encoder.js';
import { createDecoder } from './decoder.js';
import { auditEventSchema } from './schema-files.js';

const full = {
  event_id: { string: 'e-1' },
  tenant_id: 'acme',
  event_type: 'content.updated',
  entity_type: { string: 'content' },
  entity_id: { string: 'content-789' },
  actor: { string: 'älice 😀' },
  action: null,
  severity: { string: 'info' },
  occurred_at: 1_705_314_600_123_456_789n,
  decision: { string: '{"b":1,"a":[9007199254740993]}' },
  payload: '{"wordCount":500,"title":"x"}',
};
const fullEvent: AuditEvent = {
  eventId: 'e-1',
  tenantId: 'acme',
  eventType: 'content.updated',
  entityType: 'content',
  entityId: 'content-789',
  declaredEntityType: '',
  actor: 'älice 😀',
  action: '',
  severity: 'info',
  occurredAtNs: 1_705_314_600_123_456_789n,
  decision: '{"a":[9007199254740993],"b":1}',
  payload: '{"title":"x","wordCount":500}',
};

describe('our AuditEvent', () => {
  it('decodes what avsc wrote, with schema id 0', async () => {
    const schema: unknown = JSON.parse(auditEventSchema());
    const decoded = await decodeWith('rewind-avro', schema, wire(0, typeOf(schema).toBuffer(full)));
    expect(decoded).toEqual({ ok: true, events: [fullEvent], schemaId: 0 });
  });

  it('avsc reads what the encoder writes, whatever the texts', () => {
    const type = typeOf(JSON.parse(auditEventSchema()));
    const text = fc.string({ unit: 'binary', maxLength: 80 });
    const occurredAtNs = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
    const fields = {
      eventId: text,
      tenantId: text,
      eventType: text,
      entityType: text,
      entityId: text,
      actor: text,
    };
    const arbitrary = fc.record({
      ...fields,
      action: text,
      severity: text,
      occurredAtNs,
      decision: text,
      payload: text,
    });
    const optional = (value: string) => (value === '' ? null : { string: value });
    fc.assert(
      fc.property(arbitrary, fc.integer({ min: 0, max: 2 ** 31 - 1 }), (event, id) => {
        const bytes = encodeAuditEvent(event, id);
        expect([bytes[0], bytes.readInt32BE(1)]).toEqual([0, id]);
        expect({ ...type.fromBuffer(bytes.subarray(5)) }).toEqual({
          event_id: optional(event.eventId),
          tenant_id: event.tenantId,
          event_type: event.eventType,
          entity_type: optional(event.entityType),
          entity_id: optional(event.entityId),
          actor: optional(event.actor),
          action: optional(event.action),
          severity: optional(event.severity),
          occurred_at: event.occurredAtNs,
          decision: optional(event.decision),
          payload: event.payload,
        });
      }),
    );
  });

  it('resolves other writer schemas by name', async () => {
    const schema = {
      type: 'record',
      name: 'com.acme.OldEvent',
      fields: [
        {
          name: 'extra',
          type: { type: 'map', values: ['null', 'double', { type: 'array', items: 'string' }] },
        },
        { name: 'payload', type: ['string', 'null'] },
        {
          name: 'trace',
          type: { type: 'record', name: 'Trace', fields: [{ name: 'next', type: ['null', 'Trace'] }] },
        },
        { name: 'severity', type: { type: 'enum', name: 'Severity', symbols: ['low', 'high'] } },
        { name: 'hash', type: { type: 'fixed', name: 'Md5', size: 4 } },
        { name: 'occurred_at', type: { type: 'long', logicalType: 'timestamp-micros' } },
        { name: 'event_type', type: 'bytes' },
        { name: 'flag', type: 'boolean' },
        { name: 'ratio', type: 'float' },
      ],
    };
    const datum = {
      extra: new Map(),
      payload: { string: '{"id":"b-1"}' },
      trace: { next: { 'com.acme.Trace': { next: null } } },
      severity: 'high',
      hash: Buffer.from('abcd'),
      occurred_at: 1_700_000_000_000_001n,
      event_type: Buffer.from('playbook.execution_started'),
      flag: true,
      ratio: 0.5,
    };
    const value = wire(
      0,
      typeOf(schema).toBuffer({ ...datum, extra: { a: { array: ['x', 'y'] }, b: null, c: { double: 1 } } }),
    );
    const decoded = await decodeWith('rewind-avro', schema, value);
    expect(decoded).toMatchObject({ ok: true });
    expect(decoded.ok && decoded.events[0]).toEqual({
      eventId: 'T/3/42',
      tenantId: 'home',
      eventType: 'playbook.execution_started',
      entityType: 'execution',
      entityId: '',
      declaredEntityType: '',
      actor: '',
      action: '',
      severity: 'high',
      occurredAtNs: 1_700_000_000_000_001_000n,
      decision: '',
      payload: '{"id":"b-1"}',
    });
  });

  it('keeps what the envelope declared where the event type says otherwise', async () => {
    const schema: unknown = JSON.parse(auditEventSchema());
    const datum = {
      ...full,
      event_type: 'llm.call',
      entity_id: null,
      payload: '{"id":7}',
      decision: { string: 'null' },
    };
    const decoded = await decodeWith('rewind-avro', schema, wire(0, typeOf(schema).toBuffer(datum)));
    expect(decoded.ok && decoded.events[0]).toMatchObject({
      entityType: 'agent',
      entityId: '7',
      declaredEntityType: 'content',
      decision: '',
    });
  });
});

describe('bad records of ours', () => {
  const schema: unknown = JSON.parse(auditEventSchema());
  const type = typeOf(schema);
  const good = wire(0, type.toBuffer(full));
  const changed = (change: Record<string, unknown>) => wire(0, type.toBuffer({ ...full, ...change }));
  const badUtf8 = Buffer.from(good);
  badUtf8[badUtf8.indexOf('acme')] = 0xff;
  const table: [string, Buffer | null, string][] = [
    ['no value', null, 'tombstone'],
    ['empty', Buffer.alloc(0), 'not_wire_format'],
    ['four bytes', Buffer.alloc(4), 'not_wire_format'],
    ['JSON', Buffer.from('{"a":1}'), 'not_wire_format'],
    ['header only', good.subarray(0, 5), 'decode_failed'],
    ['truncated', good.subarray(0, -1), 'decode_failed'],
    ['a byte more', Buffer.concat([good, Buffer.from([0])]), 'decode_failed'],
    ['union branch 7', Buffer.concat([good.subarray(0, 5), Buffer.from([14])]), 'decode_failed'],
    ['negative length', Buffer.concat([good.subarray(0, 5), Buffer.from([2, 1])]), 'decode_failed'],
    [
      'huge length',
      Buffer.concat([good.subarray(0, 5), Buffer.from([2, 254, 255, 255, 255, 15])]),
      'decode_failed',
    ],
    ['endless varint', Buffer.concat([good.subarray(0, 5), Buffer.alloc(12, 0xff)]), 'decode_failed'],
    ['bad UTF-8', badUtf8, 'decode_failed'],
    ['negative schema id', Buffer.from([0, 255, 255, 255, 255, 0]), 'schema_unknown'],
    ['unknown schema id', wire(99, good.subarray(5)), 'schema_unknown'],
    ['too large', wire(0, Buffer.alloc((1 << 20) + 1)), 'record_too_large'],
    ['payload is no object', changed({ payload: '[1]' }), 'payload_not_object'],
    ['payload is empty', changed({ payload: '' }), 'payload_not_object'],
    ['payload is no JSON', changed({ payload: '{' }), 'json_invalid'],
    ['payload with a key twice', changed({ payload: '{"a":1,"a":1}' }), 'json_duplicate_key'],
    ['payload with half a pair', changed({ payload: '{"a":"\\ud800"}' }), 'json_lone_surrogate'],
    ['payload with NaN', changed({ payload: '{"a":NaN}' }), 'json_number_invalid'],
    ['payload too deep', changed({ payload: `{"a":${'['.repeat(64)}${']'.repeat(64)}}` }), 'json_too_deep'],
    ['decision is no JSON', changed({ decision: { string: 'yes' } }), 'json_invalid'],
    ['no event type', changed({ event_type: '' }), 'field_missing'],
    ['time out of range', changed({ occurred_at: 2n ** 63n - 1n }), 'time_out_of_range'],
    ['time before 1900', changed({ occurred_at: -(2n ** 63n) }), 'time_out_of_range'],
  ];
  it.each(table)('%s', async (_, value, code) => {
    const decoded = await decodeWith('rewind-avro', schema, value);
    expect(decoded.ok ? 'decoded' : decoded.code).toBe(code);
  });

  it('random damage never escapes as anything but a code', () => {
    const registry = new MemoryRegistry();
    registry.schemas.set(0, auditEventSchema());
    const decoder = createDecoder({ name: 's', topics: ['t'], decoder: 'rewind-avro' }, registry, limits);
    return fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 6),
        fc.uint8Array({ minLength: 1, maxLength: 12 }),
        async (at, bytes) => {
          const damaged = Buffer.from(good);
          damaged.set(bytes.slice(0, damaged.length - 5 - at), 5 + at);
          const one = record(damaged);
          await decoder.prepare(logRecords(one));
          const decoded = decoder.decode(one);
          if (!decoded.ok) expect(decoded.code).not.toBe('internal');
        },
      ),
      { numRuns: 3000 },
    );
  });

  const schemas: [string, unknown][] = [
    ['not JSON', '{"type":'],
    ['unknown type', { type: 'record', name: 'A', fields: [{ name: 'a', type: 'Missing' }] }],
    ['no record', '"string"'],
    ['lacks payload', { type: 'record', name: 'A', fields: [{ name: 'event_type', type: 'string' }] }],
    ['time as text', { type: 'record', name: 'A', fields: [{ name: 'occurred_at', type: 'string' }] }],
    ['20,000 nested arrays', `${'{"type":"array","items":'.repeat(20_000)}"int"${'}'.repeat(20_000)}`],
    ['70 nested arrays', `${'{"type":"array","items":'.repeat(70)}"int"${'}'.repeat(70)}`],
    ['empty union', { type: 'record', name: 'A', fields: [{ name: 'a', type: [] }] }],
    ['bad field name', { type: 'record', name: 'A', fields: [{ name: 'a b', type: 'int' }] }],
    [
      'type defined twice',
      [
        { type: 'fixed', name: 'A', size: 1 },
        { type: 'fixed', name: 'A', size: 1 },
      ],
    ],
  ];
  it.each(schemas)('schema: %s', async (_, bad) => {
    const decoded = await decodeWith('rewind-avro', bad, good);
    expect(decoded.ok ? 'decoded' : decoded.code).toBe('schema_invalid');
  });

  it('a registry that is down holds the batch back, and a schema that appears later is found', async () => {
    const registry = new MemoryRegistry();
    const decoder = createDecoder({ name: 's', topics: ['t'], decoder: 'rewind-avro' }, registry, limits);
    registry.down = true;
    await expect(decoder.prepare(logRecords(record(good)))).rejects.toMatchObject({
      code: 'registry_unavailable',
    });
    registry.down = false;
    await decoder.prepare(logRecords(record(good)));
    expect(decoder.decode(record(good))).toMatchObject({ ok: false, code: 'schema_unknown' });
    registry.schemas.set(0, auditEventSchema());
    await decoder.prepare(logRecords(record(good)));
    expect(decoder.decode(record(good))).toMatchObject({ ok: true });
    registry.down = true;
    await decoder.prepare(logRecords(record(good)));
    expect(decoder.decode(record(good))).toMatchObject({ ok: true });
  });
});
