import { createHash } from 'node:crypto';
import avro from 'avsc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditEventSchema } from '../sources/schema-files.js';
import { parseDecision } from './decision-event.js';

const options = { schemaId: 7, recordMaxBytes: 1 << 20, keyPath: '', partitionName: '' };
const type = avro.Type.forSchema(JSON.parse(auditEventSchema()) as avro.Schema);

/** All fields of OPA's decision log, as its documentation lists them. */
const DECISION = {
  labels: { app: 'my-example-app', id: '1780d507-aea2-45cc-ae50-fa153c8e4a5a', version: '1.22.2' },
  decision_id: '4ca636c1-55e4-417a-b1d8-4aceb67960d1',
  trace_id: 'f8a1',
  span_id: '90ab',
  bundles: { authz: { revision: 'W3sibCI6InN5cy9jYXRhbG9nIiwicyI6NDA3MX1d' } },
  path: 'http/example/authz/allow',
  query: 'data.http.example.authz.allow',
  input: { method: 'GET', path: '/salary/bob', password: null },
  result: true,
  erased: ['/input/password'],
  masked: ['/input/ssn'],
  nd_builtin_cache: { 'time.now_ns': { '[]': 1700000000000000000 } },
  mapped_result: { allowed: true },
  rule_labels: [{ severity: 'high' }],
  requested_by: '[::1]:59943',
  timestamp: '1970-01-01T00:00:00.000000001Z',
  metrics: { timer_rego_query_eval_ns: 2170 },
  req_id: 17,
};

const read = (text: string, more: Partial<typeof options> = {}) => {
  const result = parseDecision(text, 'acme', { ...options, ...more });
  if (!result.ok) throw new Error(`${result.code} ${result.pointer}: ${result.message}`);
  return { ...result.record, event: { ...type.fromBuffer(result.record.value.subarray(5)) } };
};

describe('a decision as OPA logs it', () => {
  it('becomes an audit event that keeps the whole decision', () => {
    const { event, key, eventId } = read(JSON.stringify(DECISION));
    expect(eventId).toBe(DECISION.decision_id);
    expect(key?.toString()).toBe(DECISION.decision_id);
    const { payload, ...envelope } = event as { payload: string };
    expect(envelope).toEqual({
      event_id: DECISION.decision_id,
      tenant_id: 'acme',
      event_type: 'policy.decision',
      entity_type: 'decision',
      entity_id: DECISION.decision_id,
      actor: '[::1]:59943',
      action: 'http/example/authz/allow',
      severity: null,
      occurred_at: 1,
      decision: 'true',
    });
    expect(JSON.parse(payload)).toEqual(DECISION);
  });

  it('loses no digit and no member that it does not know', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.bigInt(), (extra, big) => {
        const more = Object.fromEntries(Object.entries(extra).filter(([name]) => !(name in DECISION)));
        const text = `${JSON.stringify({ ...DECISION, ...more }).slice(0, -1)},"big number":${big}}`;
        const { payload } = read(text).event as unknown as { payload: string };
        expect(payload).toContain(`"big number":${big}`);
        const { 'big number': _, ...rest } = JSON.parse(payload) as Record<string, unknown>;
        expect(rest).toEqual(JSON.parse(JSON.stringify({ ...DECISION, ...more })));
      }),
    );
  });

  it('is kept together by what the configuration names', () => {
    const byUser = (input: unknown) =>
      read(JSON.stringify({ ...DECISION, input }), { keyPath: '/input/user' }).key?.toString();
    expect(byUser({ user: 'al "ice"' })).toBe('al "ice"');
    expect(byUser({ user: { id: 1 } })).toBe('{"id":1}');
    expect(byUser({})).toBe(DECISION.decision_id);
    expect(byUser({ user: 'x'.repeat(5000) })).toMatch(/^[0-9a-f]{64}$/);
  });

  it('keeps the name behind /logs/', () => {
    const { payload } = read(JSON.stringify(DECISION), { partitionName: 'sys/1' }).event as unknown as {
      payload: string;
    };
    expect(JSON.parse(payload)).toEqual({ ...DECISION, partition_name: 'sys/1' });
  });

  it('has an id of its content where it brings none, and no decision where the result was undefined', () => {
    const text = '{"path":"a/b","timestamp":"1970-01-01T00:00:00Z"}';
    const { eventId, event } = read(text);
    expect(eventId).toBe(createHash('sha256').update(text).digest('hex'));
    expect(event).toMatchObject({ decision: null, actor: null });
  });

  it.each([
    ['[1]', 'field_invalid', ''],
    ['{"decision_id":"a"}', 'field_missing', '/timestamp'],
    ['{"timestamp":"yesterday"}', 'time_invalid', '/timestamp'],
    ['{"timestamp":17}', 'time_invalid', '/timestamp'],
    ['{"timestamp":"1970-01-01T00:00:00Z","decision_id":5}', 'field_invalid', '/decision_id'],
    [`{"timestamp":"1970-01-01T00:00:00Z","path":"${'p'.repeat(1025)}"}`, 'field_invalid', '/path'],
    ['{"timestamp":"1970-01-01T00:00:00Z",', 'json_invalid', ''],
  ])('is refused by name: %s', (text, code, pointer) => {
    expect(parseDecision(text, 'acme', options)).toMatchObject({ ok: false, code, pointer });
  });
});
