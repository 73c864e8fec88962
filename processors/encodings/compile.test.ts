import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Encoding } from '../../schemas/encoding.js';
import type { AuditEvent } from '../../schemas/event.js';
import { compileEncoding, encodingHash, matchRank, parseEncoding } from './compile.js';
import { envelopeNames } from './envelope-names.js';
import { mapEvent } from './map-event.js';

function shipped(name: string): Encoding {
  return parseEncoding(
    JSON.parse(readFileSync(new URL(`../../schemas/encodings/${name}.json`, import.meta.url), 'utf8')),
  );
}

function event(given: Partial<AuditEvent>): AuditEvent {
  return {
    eventId: 'e',
    tenantId: 'tenant',
    eventType: 'thing.updated',
    entityType: 'thing',
    entityId: 'id',
    declaredEntityType: '',
    actor: 'alice',
    action: '',
    severity: '',
    occurredAtNs: 0n,
    decision: '',
    payload: '{}',
    ...given,
  };
}

describe('what an encoding may be', () => {
  const base: Encoding = { name: 'n', entity: 'envelope', rules: [{ match: 'a' }] };
  const rule = (given: object, entity = 'envelope'): unknown => ({
    name: 'n',
    entity,
    rules: [{ match: 'a', ...given }],
  });
  const mistakes: [string, unknown, string][] = [
    ['an unknown key', { ...base, ruels: [] }, '/ruels'],
    ['no rules', { ...base, rules: [] }, '/rules'],
    ['a star in the middle', rule({ match: 'a.*.b' }), '/rules/0/match'],
    ['an item without forEach', rule({ track: { 'a/b': '@/x' } }), '/rules/0/track/a~1b'],
    [
      'an unknown envelope field',
      rule({ operations: [{ op: 'set', field: 'a', from: '$who' }] }),
      '/rules/0/operations/0/from',
    ],
    ['a pointer with a bare ~', rule({ where: { '/a~b': 1 } }), '/rules/0/where/~1a~0b'],
    ['derived entities without an id', rule({ entityType: '=x' }, 'rules'), '/rules/0/entityId'],
    ['forEach where the envelope stands', rule({ forEach: '/items' }), '/rules/0/forEach'],
    ['track beside trackDocument', rule({ track: { a: '/a' }, trackDocument: true }), '/rules/0/track'],
    ['ignoring everything', { ...base, ignore: [{}] }, '/ignore/0'],
    ['an item in the envelope', { ...base, envelope: { occurredAt: ['/t', '@/t'] } }, '/envelope/occurredAt'],
  ];
  it.each(mistakes)('refuses %s', (_, encoding, pointer) => {
    expect(() => parseEncoding(encoding)).toThrow(
      expect.objectContaining({ code: 'encoding_invalid', pointer }),
    );
  });

  it('takes what ships with Rewind', () => {
    for (const name of ['rewind', 'cloudtrail']) expect(shipped(name).name).toBe(name);
  });

  it('hashes the meaning: not the order of keys, but that of tracked fields', () => {
    const one: Encoding = {
      name: 'n',
      entity: 'envelope',
      rules: [{ match: 'a', track: { x: '/x', y: '/y' } }],
    };
    const sameMeaning: Encoding = {
      rules: [{ track: { x: '/x', y: '/y' }, match: 'a' }],
      entity: 'envelope',
      name: 'n',
    };
    const other: Encoding = {
      name: 'n',
      entity: 'envelope',
      rules: [{ match: 'a', track: { y: '/y', x: '/x' } }],
    };
    expect(encodingHash(one)).toMatch(/^[0-9a-f]{64}$/);
    expect(encodingHash(sameMeaning)).toBe(encodingHash(one));
    expect(encodingHash(other)).not.toBe(encodingHash(one));
  });

  it('orders matches: exact, then the longest prefix', () => {
    const ranks = ['*', 'a.*', 'a.b*', 'a.b', 'a.bc*', 'A.*'].map((match) => matchRank(match, 'a.b'));
    expect(ranks[4]).toBe(-1);
    expect(ranks[5]).toBe(-1);
    expect(ranks.slice(0, 4)).toEqual([...ranks.slice(0, 4)].sort((a, b) => a - b));
  });

  it('puts the fields of the entity type first', () => {
    const compiled = compileEncoding(shipped('rewind'));
    expect(compiled.trackedFields('playbook').own).toEqual(['id', 'name', 'status', 'version', 'runCount']);
    expect(compiled.trackedFields('execution').own).toEqual(['runId', 'status', 'currentStep', 'totalSteps']);
    expect(compiled.trackedFields('unheard of').own).toEqual([]);
    expect(compiled.trackedFields('unheard of').others).toContain('lastPayment');
  });
});

describe('the entities of an event', () => {
  const compiled = compileEncoding({
    name: 'n',
    entity: 'rules',
    ignore: [{ match: 'order.seen' }, { where: { '/dry': true } }, { where: { $actor: 'robot' } }],
    rules: [
      { match: 'order.*', where: { '/kind': { a: [1, 'x'] } }, entityType: '=special', entityId: '/id' },
      { match: 'order.*', entityType: ['/type', '=order'], entityId: ['/id', '/nested/0/id', '$entity_id'] },
      {
        match: 'batch',
        forEach: '/items',
        where: { '/open': { exists: true }, '@/gone': { exists: false } },
        entityType: '=item',
        entityId: ['@/id', '@'],
      },
    ],
  });
  const cases: [string, Partial<AuditEvent>, [string, string][]][] = [
    ['a string as it is', { payload: '{"id":"a\\"\\n/é"}' }, [['order', 'a"\n/é']]],
    [
      'a number by its canonical text',
      { payload: '{"id":12345678901234567890}' },
      [['order', '12345678901234567890']],
    ],
    ['a boolean', { payload: '{"id":false}' }, [['order', 'false']]],
    ['null gives way to the next', { payload: '{"id":null,"nested":[{"id":"n"}]}' }, [['order', 'n']]],
    ['the envelope last', { payload: '{"nested":[[],{"id":1}]}' }, [['order', 'id']]],
    ['an object is no id', { payload: '{"id":{"x":1}}' }, [['order', '']]],
    ['a type from the payload', { payload: '{"id":1,"type":"Cart"}' }, [['Cart', '1']]],
    ['conditions compare whole values', { payload: '{"id":1,"kind":{"a":[1,"x"]}}' }, [['special', '1']]],
    ['ignored by type', { eventType: 'order.seen', payload: '{"id":1}' }, []],
    ['ignored by payload', { payload: '{"dry":true,"id":1}' }, []],
    ['ignored by envelope', { actor: 'robot', payload: '{"id":1}' }, []],
    ['no rule', { eventType: 'other' }, []],
    [
      'items in order, without those left out',
      {
        eventType: 'batch',
        payload: '{"items":[{"id":"x"},{"gone":1,"id":"y"},"plain",{},{"id":2}],"open":null}',
      },
      [
        ['item', 'x'],
        ['item', 'plain'],
        ['item', ''],
        ['item', '2'],
      ],
    ],
    ['no items', { eventType: 'batch', payload: '{"items":[],"open":1}' }, []],
    ['no array', { eventType: 'batch', payload: '{"items":{"id":1},"open":1}' }, []],
    ['a condition on the record', { eventType: 'batch', payload: '{"items":[{"id":1}]}' }, []],
  ];
  it.each(cases)('%s', (_, given, expected) => {
    const entities = mapEvent(compiled, event({ eventType: 'order.placed', ...given }));
    expect(entities.map(({ entityType, entityId }) => [entityType, entityId])).toEqual(expected);
  });

  it('reads CloudTrail records: resources by service and kind, no read-only or failed calls', () => {
    const cloudtrail = compileEncoding(shipped('cloudtrail'));
    const of = (eventType: string, payload: string): string[] =>
      mapEvent(cloudtrail, event({ eventType, payload })).map((e) => `${e.entityType} ${e.entityId}`);
    expect(of('ssm.PutParameter', '{"readOnly":false,"requestParameters":{"name":"/db/password"}}')).toEqual([
      'ssm.parameter /db/password',
    ]);
    expect(of('ssm.DeleteParameters', '{"requestParameters":{"names":["/a","/b"]}}')).toEqual([
      'ssm.parameter /a',
      'ssm.parameter /b',
    ]);
    expect(of('ssm.PutParameter', '{"errorCode":"ThrottlingException","requestParameters":null}')).toEqual(
      [],
    );
    expect(of('ssm.GetParameter', '{"readOnly":true,"requestParameters":{"name":"/db/password"}}')).toEqual(
      [],
    );
    expect(
      of(
        'ec2.TerminateInstances',
        '{"responseElements":{"instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]}}}',
      ),
    ).toEqual(['ec2.instance i-1', 'ec2.instance i-2']);
    expect(
      of(
        'lambda.CreateFunction20150331',
        '{"requestParameters":{"functionName":"f"},"responseElements":{"functionName":"f"}}',
      ),
    ).toEqual(['lambda.function f']);
  });
});

it('the envelope fields that an encoding names, wherever it does', () => {
  expect(
    envelopeNames({
      name: 'names',
      entity: 'envelope',
      ignore: [{ match: 'a', where: { $severity: 'low' } }],
      rules: [
        {
          match: '*',
          where: { $tenant_id: { exists: true } },
          track: { who: ['/who', '$actor'], action: '=$action' },
        },
        { match: 'b', operations: [{ op: 'set', field: '$event_id', from: '$entity_id' }] },
      ],
    }),
  ).toEqual(expect.arrayContaining(['entity_id', 'tenant_id', 'actor', 'severity']));
  expect(envelopeNames(shipped('rewind'))).toEqual(['entity_id', 'tenant_id']);
});
