import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Encoding } from '../../schemas/encoding.js';
import { RewindError } from '../../schemas/errors.js';
import { encodeRows, foldRows, type InputRow, inputRow } from './fold.fixture.js';

const REWIND = JSON.parse(
  readFileSync(new URL('../../schemas/encodings/rewind.json', import.meta.url), 'utf8'),
) as Encoding;

/** An encoding of one rule for all event types, the entity as the envelope says. */
function oneRule(rule: Omit<Encoding['rules'][number], 'match'>): Encoding {
  return { name: 'test', entity: 'envelope', rules: [{ match: '*', ...rule }] };
}

function events(...payloads: (string | [string, string])[]): InputRow[] {
  return payloads.map((given, i) => {
    const [eventType, payload] = typeof given === 'string' ? ['thing.updated', given] : given;
    return inputRow({ eventId: `e${i}`, offset: BigInt(i), occurredAt: BigInt(i), eventType, payload });
  });
}

describe('the built-in encoding', () => {
  const content = { entityType: 'content', entityId: 'content-789' };

  it('gives the snapshot and diff of the example in the replay engine document', () => {
    const { rows } = foldRows(REWIND, [
      inputRow({
        ...content,
        eventId: 'evt-455',
        eventType: 'content.created',
        occurredAt: 1n,
        payload: '{"id":"content-789","status":"draft","title":"Draft Article","wordCount":500}',
      }),
      inputRow({
        ...content,
        eventId: 'evt-456',
        eventType: 'content.updated',
        occurredAt: 2n,
        payload: '{"status":"published","title":"Published Article","wordCount":1200}',
      }),
    ]);
    expect(rows[0]!.state).toBe(
      '{"id":"content-789","title":"Draft Article","status":"draft","wordCount":500}',
    );
    expect(rows[1]!.state).toBe(
      '{"id":"content-789","title":"Published Article","status":"published","wordCount":1200}',
    );
    expect(rows[1]!.diff).toBe(
      '[{"field":"title","before":"Draft Article","after":"Published Article","operation":"modified"},' +
        '{"field":"status","before":"draft","after":"published","operation":"modified"},' +
        '{"field":"wordCount","before":500,"after":1200,"operation":"modified"}]',
    );
    expect(rows[1]).toMatchObject({ eventId: 'evt-456', foldSeq: 1n, exists: 1, changes: 3 });
  });

  it('sets null, leaves what is not carried, ends the state and begins again', () => {
    const steps: [string, string, string, number][] = [
      ['content.created', '{"id":"c","title":"A"}', '{"id":"c","title":"A"}', 1],
      ['content.updated', '{"other":1,"title":null}', '{"id":"c","title":null}', 1],
      ['content.viewed', '{}', '{"id":"c","title":null}', 1],
      ['content.deleted', '{"title":"ignored"}', '{}', 0],
      ['content.updated', '{"title":"B"}', '{"title":"B"}', 1],
    ];
    const { rows, counters } = foldRows(
      REWIND,
      steps.map(([eventType, payload], i) =>
        inputRow({ ...content, eventId: `e${i}`, eventType, payload, occurredAt: BigInt(i) }),
      ),
    );
    expect(rows.map((row) => [row.state, row.exists])).toEqual(
      steps.map(([, , state, exists]) => [state, exists]),
    );
    expect(rows[3]!.diff).toBe(
      '[{"field":"id","before":"c","operation":"removed"},{"field":"title","before":null,"operation":"removed"}]',
    );
    expect(rows[2]!.diff).toBe('[]');
    expect(counters).toMatchObject({ events: 5, processed: 5, snapshots: 5, changed: 4, entities: 1 });
  });

  it('reads execution events by the more specific rule', () => {
    const { rows } = foldRows(REWIND, [
      inputRow({
        entityType: 'execution',
        entityId: 'run-1',
        eventType: 'playbook.execution_started',
        payload:
          '{"currentStep":0,"name":"no field of executions","runId":"run-1","status":"running","totalSteps":3}',
      }),
    ]);
    expect(rows[0]!.state).toBe('{"runId":"run-1","status":"running","currentStep":0,"totalSteps":3}');
  });
});

it('orders fields: of the entity type, of other rules as declared, then the rest by name', () => {
  const encoding: Encoding = {
    name: 'order',
    entity: 'envelope',
    rules: [
      { match: 'first', entityType: '=x', track: { z: '/1', b: '/2' } },
      { match: 'second', entityType: '=y', track: { m: '/1', c: '/2' } },
      { match: 'third', trackDocument: true },
    ],
  };
  const { rows } = foldRows(
    encoding,
    [
      ['third', '{"a":5,"b":6,"é":7}'],
      ['first', '{"1":1,"2":2}'],
      ['second', '{"1":3,"2":4}'],
    ].map(([eventType, payload], i) =>
      inputRow({ entityType: 'y', eventId: `${i}`, eventType: eventType!, payload: payload! }),
    ),
  );
  expect(rows.map((row) => row.state)).toEqual([
    '{"b":6,"a":5,"é":7}',
    '{"z":1,"b":2,"a":5,"é":7}',
    '{"m":3,"c":4,"z":1,"b":2,"a":5,"é":7}',
  ]);
});

describe('operations', () => {
  it('adds numbers exactly, whatever their length', () => {
    const encoding = oneRule({ operations: [{ op: 'increment', field: 'total', by: '/by' }] });
    const { rows } = foldRows(
      encoding,
      events('{"by":9007199254740993}', '{"by":0.1}', '{"by":0.2}', '{}', '{"by":-9007199254740993.3}'),
    );
    expect(rows.map((row) => row.state)).toEqual([
      '{"total":9007199254740993}',
      '{"total":9007199254740993.1}',
      '{"total":9007199254740993.3}',
      '{"total":9007199254740993.3}',
      '{"total":0}',
    ]);
  });

  it('appends, merges and removes', () => {
    const encoding = oneRule({
      operations: [
        { op: 'append', field: 'log', from: '/add' },
        { op: 'merge', field: 'tags', from: '/tags' },
        { op: 'merge', from: '/all' },
        { op: 'set', field: 'who', from: '$actor' },
      ],
    });
    const { rows } = foldRows(
      encoding,
      events(
        '{"add":{"x":1},"tags":{"b":1,"é":2}}',
        '{"add":null,"all":{"__proto__":1,"toString":[]},"tags":{"a":0,"b":{}}}',
      ),
    );
    expect(rows.map((row) => row.state)).toEqual([
      '{"log":[{"x":1}],"tags":{"b":1,"é":2},"who":"alice"}',
      '{"__proto__":1,"log":[{"x":1},null],"tags":{"a":0,"b":{},"é":2},"toString":[],"who":"alice"}',
    ]);
  });

  it('applies an event whole or not at all', () => {
    const encoding = oneRule({
      track: { a: '/a' },
      operations: [
        { op: 'remove', field: 'gone' },
        { op: 'increment', field: 'n', by: '/n' },
      ],
    });
    const { rows, letters, counters } = foldRows(
      encoding,
      events('{"a":1,"n":1}', '{"a":2,"n":"1"}', '{"a":3,"n":1}'),
    );
    expect(rows.map((row) => row.state)).toEqual(['{"a":1,"n":1}', '{"a":3,"n":2}']);
    expect(rows.map((row) => row.foldSeq)).toEqual([0n, 1n]);
    expect(letters).toMatchObject([{ kind: 'failed', code: 'operation_failed', eventId: 'e1', offset: 1n }]);
    expect(counters).toMatchObject({ processed: 2, failed: 1 });
  });

  it('deleteEntity ends the entity, and fields set after it begin it anew', () => {
    const encoding = oneRule({
      operations: [{ op: 'deleteEntity' }, { op: 'set', field: 'a', from: '/a' }],
    });
    const { rows } = foldRows(encoding, events('{"a":1}', '{"a":1}', '{}'));
    expect(rows.map(({ state, exists, diff }) => [state, exists, diff])).toEqual([
      ['{"a":1}', 1, '[{"field":"a","after":1,"operation":"added"}]'],
      ['{"a":1}', 1, '[]'],
      ['{}', 0, '[{"field":"a","before":1,"operation":"removed"}]'],
    ]);
  });
});

describe('failures', () => {
  const encoding = oneRule({
    operations: [
      { op: 'append', field: 'a', from: '/a' },
      { op: 'set', field: 'a', from: '/b' },
    ],
  });
  const rows = events('{"a":1,"b":[]}', '{"b":7}', '{"a":1}', '{"b":[]}');

  it('skip: the entity goes on without the event', () => {
    const out = foldRows(encoding, rows);
    expect(out.rows.map((row) => row.state)).toEqual(['{"a":[]}', '{"a":7}', '{"a":[]}']);
    expect(out.letters.map((letter) => letter.eventId)).toEqual(['e2']);
  });

  it('stop_entity: all further events of the entity fail, other entities go on', () => {
    const other = inputRow({ entityHash: 2n, entityId: 'other', eventId: 'x', payload: '{"a":1}' });
    const out = foldRows(encoding, [...rows, other], { onFailure: 'stop_entity' });
    expect(out.rows.map((row) => row.eventId)).toEqual(['e0', 'e1', 'x']);
    expect(out.letters.map((letter) => letter.eventId)).toEqual(['e2', 'e3']);
    expect(out.counters).toMatchObject({ processed: 3, failed: 2 });
  });

  it('stop: throws with where it stood', () => {
    expect.assertions(2);
    try {
      foldRows(encoding, rows, { onFailure: 'stop' });
    } catch (error) {
      expect(error).toBeInstanceOf(RewindError);
      expect(error).toMatchObject({
        code: 'operation_failed',
        facts: { eventId: 'e2', entityId: 'id', topicId: 'topic', partition: 0, offset: 2n },
      });
    }
  });

  it('an event without an entity id is a dead letter; one that no rule reads is skipped', () => {
    const out = foldRows(REWIND, [
      inputRow({
        entityType: 'content',
        entityId: '',
        eventId: 'a',
        eventType: 'content.created',
        payload: '{}',
      }),
      inputRow({ entityType: 'content', entityId: '', eventId: 'b', eventType: 'other', payload: '{}' }),
    ]);
    expect(out.letters.map((letter) => letter.code)).toEqual(['entity_id_missing']);
    expect(out.counters).toMatchObject({ failed: 1, skipped: 1, entities: 0, snapshots: 0 });
  });

  it('an entity beyond the limit fails the unit', () => {
    expect(() => foldRows(encoding, rows, { maxEventsPerEntity: 3 })).toThrow(
      expect.objectContaining({ code: 'entity_too_large' }),
    );
  });

  it('input that ends inside a row is an error', () => {
    const bytes = encodeRows(rows);
    expect(() => foldRows(encoding, [], {}, [bytes.subarray(0, bytes.length - 1)])).toThrow(
      expect.objectContaining({ code: 'store_unavailable' }),
    );
  });
});

describe('copies', () => {
  it('counts duplicates once, records conflicts, and takes losers for conflicts', () => {
    const row = (eventId: string, bodyHash: bigint, offset: bigint): InputRow =>
      inputRow({
        entityType: 'content',
        entityId: 'c',
        eventType: 'content.updated',
        eventId,
        bodyHash,
        offset,
      });
    const out = foldRows(
      REWIND,
      [row('a', 1n, 0n), row('a', 1n, 1n), row('a', 2n, 2n), row('b', 1n, 3n), row('b', 1n, 4n)],
      { losers: new Set(['b\u0000content\u0000c']) },
    );
    expect(out.rows.map((r) => r.eventId)).toEqual(['a']);
    expect(out.counters).toMatchObject({ events: 5, processed: 1, duplicates: 1, conflicts: 3 });
    expect(out.letters.map(({ kind, code, offset }) => [kind, code, offset])).toEqual([
      ['conflict', 'event_id_conflict', 2n],
      ['conflict', 'event_id_conflict', 3n],
      ['conflict', 'event_id_conflict', 4n],
    ]);
  });

  it('items of one record that meet the same entity are no duplicates', () => {
    const encoding: Encoding = {
      name: 'items',
      entity: 'rules',
      rules: [
        {
          match: '*',
          forEach: '/items',
          entityType: '=item',
          entityId: '@/id',
          where: { '@/skip': { exists: false } },
          track: { value: '@/value' },
        },
      ],
    };
    const payload = '{"items":[{"id":"id","value":1},{"skip":true},{"id":"id","value":2}]}';
    const out = foldRows(encoding, [
      inputRow({ eventId: 'a', offset: 5n, n: 0, payload }),
      inputRow({ eventId: 'a', offset: 5n, n: 1, payload }),
      inputRow({ eventId: 'a', offset: 6n, n: 0, payload }),
      inputRow({ eventId: 'b', offset: 7n, n: 2, payload }),
    ]);
    expect(out.rows.map((row) => row.state)).toEqual(['{"value":1}', '{"value":2}']);
    expect(out.counters).toMatchObject({ processed: 2, duplicates: 1, failed: 1 });
  });
});

describe('which snapshots', () => {
  const encoding = oneRule({ track: { b: '/b', a: '/a' } });
  const rows = events('{"a":1}', '{"a":1}', '{"b":2}', '{}');

  it('changed leaves out events that change nothing, and their numbers', () => {
    const out = foldRows(encoding, rows, { snapshots: 'changed' });
    expect(out.rows.map((row) => row.foldSeq)).toEqual([0n, 2n]);
    expect(out.counters).toMatchObject({ processed: 4, snapshots: 2, changed: 2 });
  });

  it('final gives one row with the diff from nothing', () => {
    const deleted = inputRow({ entityHash: 9n, entityId: 'z', eventType: 'thing.deleted', payload: '{}' });
    const out = foldRows(encoding, [...rows, deleted], { snapshots: 'final' });
    expect(out.rows).toMatchObject([
      {
        foldSeq: 3n,
        eventId: 'e3',
        exists: 1,
        changes: 2,
        state: '{"b":2,"a":1}',
        diff: '[{"field":"b","after":2,"operation":"added"},{"field":"a","after":1,"operation":"added"}]',
      },
      { foldSeq: 0n, entityId: 'z', exists: 0, changes: 0, state: '{}', diff: '[]' },
    ]);
  });
});
