/** The oracle against cases written by hand: every expected value below is a literal. */
import { describe, expect, it } from 'vitest';
import { garbage, job, NOTHING, send, T0 } from './cases.js';
import { runOracle } from './oracle.js';
import type { OracleJob } from './types.js';

describe('the oracle', () => {
  it("gives seed 2's example of content-789", () => {
    const before = '{"id":"content-789","title":"Draft Article","status":"draft","wordCount":500}';
    const after = '{"status":"published","wordCount":1200,"title":"Published Article"}';
    const result = runOracle(
      [send(0, 'content.created', before), send(1, 'content.updated', after, { entityId: 'content-789' })],
      job(),
    );
    expect(result.snapshots[1]).toMatchObject({
      eventId: 'e1',
      eventType: 'content.updated',
      entityType: 'content',
      entityId: 'content-789',
      foldSeq: 1,
      exists: true,
      changes: 3,
      stateBefore: '{"id":"content-789","title":"Draft Article","status":"draft","wordCount":500}',
      stateAfter: '{"id":"content-789","title":"Published Article","status":"published","wordCount":1200}',
      diff:
        '[{"field":"title","before":"Draft Article","after":"Published Article","operation":"modified"},' +
        '{"field":"status","before":"draft","after":"published","operation":"modified"},' +
        '{"field":"wordCount","before":500,"after":1200,"operation":"modified"}]',
    });
    expect(result.counters).toEqual({
      ...NOTHING,
      scanned: 2,
      processed: 2,
      snapshots: 2,
      changed: 2,
      entities: 1,
    });
  });

  it('tells null from missing, and ends the state on delete', () => {
    const records = [
      send(0, 'content.created', '{"id":"c","title":null}'),
      send(1, 'content.updated', '{"id":"c"}'),
      send(2, 'content.deleted', '{"id":"c","title":"ignored"}'),
      send(3, 'content.updated', '{"id":"c","title":"again"}'),
    ];
    const { snapshots, counters } = runOracle(records, job());
    expect(snapshots.map((one) => [one.stateAfter, one.diff, one.exists])).toEqual([
      [
        '{"id":"c","title":null}',
        '[{"field":"id","after":"c","operation":"added"},{"field":"title","after":null,"operation":"added"}]',
        true,
      ],
      ['{"id":"c","title":null}', '[]', true],
      [
        '{}',
        '[{"field":"id","before":"c","operation":"removed"},{"field":"title","before":null,"operation":"removed"}]',
        false,
      ],
      [
        '{"id":"c","title":"again"}',
        '[{"field":"id","after":"c","operation":"added"},{"field":"title","after":"again","operation":"added"}]',
        true,
      ],
    ]);
    expect(counters).toMatchObject({ processed: 4, changed: 3, entities: 1 });
    const changed = runOracle(records, job({ snapshots: 'changed' }));
    expect(changed.snapshots.map((one) => one.foldSeq)).toEqual([0, 2, 3]);
    const final = runOracle(records, job({ snapshots: 'final' }));
    expect(final.snapshots).toHaveLength(1);
    expect(final.snapshots[0]).toMatchObject({ foldSeq: 3, stateBefore: '{}', changes: 2, exists: true });
  });

  it('finds the entity by event type, then by what the envelope declares', () => {
    const records = [
      send(0, 'playbook.execution_started', '{"runId":"r1","status":"running"}', { entityType: 'playbook' }),
      send(1, 'billing.charged', '{"plan":"pro"}'),
      send(2, 'llm.called', '{"id":"a1"}', { entityId: 'agent-7' }),
      send(3, 'custom.event', '{"id":"x"}', { entityType: 'thing', entityId: 'x' }),
      send(4, 'content.updated', '{"title":"no id"}'),
    ];
    const { snapshots, letters, counters } = runOracle(records, job());
    expect(snapshots.map((one) => `${one.entityType} ${one.entityId}`)).toEqual([
      'execution r1',
      'billing acme',
      'agent agent-7',
    ]);
    expect(counters).toMatchObject({ processed: 3, skipped: 1, failed: 1 });
    expect(letters).toEqual([
      expect.objectContaining({ kind: 'failed', stage: 'fold', code: 'entity_id_missing', eventId: 'e4' }),
    ]);
  });

  it('counts the first event of an id; copies are duplicates, others conflicts, also across entities', () => {
    const at = { occurredAtNs: T0, eventId: 'same' };
    const records = [
      send(0, 'content.updated', '{"id":"a","title":"1"}', at),
      send(1, 'content.updated', '{"title":"1","id":"a"}', at),
      send(2, 'content.updated', '{"id":"a","title":"2"}', at),
      send(3, 'content.updated', '{"id":"b","title":"1"}', at),
      send(4, 'content.updated', '{"id":"b","title":"1"}', { ...at, tenantId: 'other' }),
      send(5, 'content.updated', '{"id":"a","title":"earlier"}', { eventId: 'late' }),
      send(6, 'content.updated', '{"id":"a","title":"earlier"}', { eventId: 'late', occurredAtNs: T0 + 4n }),
    ];
    const { counters, letters, snapshots } = runOracle(records, job());
    expect(counters).toEqual({
      ...NOTHING,
      scanned: 7,
      processed: 2,
      duplicates: 1,
      conflicts: 3,
      skipped: 1,
      snapshots: 2,
      changed: 2,
      entities: 1,
    });
    expect(letters.map((one) => [one.kind, one.offset, one.entityId])).toEqual([
      ['conflict', 2n, 'a'],
      ['conflict', 3n, 'b'],
      ['conflict', 5n, 'a'],
    ]);
    expect(snapshots.map((one) => one.offset)).toEqual([0n, 6n]);
    const log = runOracle(records, job({ ordering: 'log' }));
    expect(log.snapshots.map((one) => one.offset).sort()).toEqual([0n, 5n]);
  });

  it('sorts by time, then by the bytes of the event id, then by place; or by place alone', () => {
    const same = { occurredAtNs: T0 };
    const records = [
      send(0, 'content.updated', '{"id":"c","wordCount":1}', { eventId: '😀', ...same }),
      send(1, 'content.updated', '{"id":"c","wordCount":2}', { eventId: '\uffff', ...same }),
      send(2, 'content.updated', '{"id":"c","wordCount":3}', { eventId: 'B', ...same }),
      send(3, 'content.updated', '{"id":"c","wordCount":4}', { eventId: 'a', ...same }),
    ];
    const order = (ordering: OracleJob['ordering']) =>
      runOracle(records, job({ ordering }))
        .snapshots.toSorted((a, b) => a.foldSeq - b.foldSeq)
        .map((one) => one.stateAfter);
    const state = (n: number) => `{"id":"c","wordCount":${n}}`;
    expect(order('event_time')).toEqual([state(3), state(4), state(2), state(1)]);
    expect(order('log')).toEqual([state(1), state(2), state(3), state(4)]);
  });

  it('closes the range on both ends, and tells undecodable records in it from others', () => {
    const records = [
      send(0, 'content.updated', '{"id":"c"}', { occurredAtNs: T0 - 1n }),
      send(1, 'content.updated', '{"id":"c"}', { occurredAtNs: T0 }),
      send(2, 'content.updated', '{"id":"c"}', { occurredAtNs: T0 + 1_000_000n }),
      send(3, 'content.updated', '{"id":"c"}', { occurredAtNs: T0 + 1_000_001n }),
      garbage(4),
      garbage(5, T0 / 1_000_000n - 1n),
      send(6, 'content.updated', '{"id":"c","id":"c"}'),
    ];
    const { counters, letters } = runOracle(records, job());
    expect(counters).toMatchObject({ scanned: 7, processed: 2, failed: 2, skipped: 3 });
    expect(letters.map((one) => [one.stage, one.offset])).toEqual([
      ['decode', 4n],
      ['decode', 6n],
    ]);
  });

  it('applies filters', () => {
    const records = [
      send(0, 'content.created', '{"id":"c"}', { severity: 'info' }),
      send(1, 'content.updated', '{"id":"c"}', { severity: 'high' }),
      send(2, 'billing.paid', '{}', { severity: 'high' }),
    ];
    const count = (filters: OracleJob['filters']) => runOracle(records, job({ filters })).counters.processed;
    expect(count({ event_type: ['content.*'] })).toBe(2);
    expect(count({ event_type: ['content.created', 'billing.paid'] })).toBe(2);
    expect(count({ severity: ['high'], event_type: ['content.*'] })).toBe(1);
    expect(count({ entity_type: ['billing'] })).toBe(1);
    expect(count({ entity_id: ['c'] })).toBe(2);
  });

  it('derives an event id from the coordinates', () => {
    const { snapshots } = runOracle([send(9, 'content.updated', '{"id":"c"}', { eventId: '' })], job());
    expect(snapshots[0]?.eventId).toBe('t1/0/9');
  });
});
