/** The oracle's reading of encodings, against cases written by hand. */
import { describe, expect, it } from 'vitest';
import type { Encoding } from '../../../schemas/encoding.js';
import { job, NOTHING, send, T0 } from './cases.js';
import { runOracle } from './oracle.js';

describe('encodings with rules of their own', () => {
  const operations: Encoding = {
    name: 'operations',
    entity: 'envelope',
    ignore: [{ match: 'order.viewed' }, { where: { '/test': true } }],
    rules: [
      {
        match: 'order.*',
        track: { state: ['/state', '$action'] },
        operations: [
          { op: 'increment', field: 'total', by: '/amount' },
          { op: 'append', field: 'items', from: '/item' },
          { op: 'merge', field: 'labels', from: '/labels' },
          { op: 'remove', field: 'temporary' },
        ],
      },
      { match: 'order.closed', where: { '/final': { exists: true } }, operations: [{ op: 'deleteEntity' }] },
      { match: 'doc.*', trackDocument: true },
    ],
  };
  const order = { entityType: 'order', entityId: 'o1' };

  it('runs operations exactly, and leaves the state alone when one fails', () => {
    const records = [
      send(0, 'order.placed', '{"state":"new","amount":9007199254740993,"item":{"b":1,"a":2}}', order),
      send(1, 'order.changed', '{"amount":0.1,"item":"x","labels":{"z":1}}', { ...order, action: 'edit' }),
      send(2, 'order.changed', '{"state":"broken","amount":"many"}', order),
      send(3, 'order.changed', '{"labels":{"y":null}}', order),
      send(4, 'order.viewed', '{"amount":5}', order),
      send(5, 'order.changed', '{"test":true,"amount":5}', order),
      send(6, 'order.closed', '{"state":"closed"}', order),
      send(7, 'order.closed', '{"final":null}', order),
    ];
    const { snapshots, counters, letters } = runOracle(records, job({ encoding: operations }));
    expect(snapshots.map((one) => one.stateAfter)).toEqual([
      '{"state":"new","items":[{"a":2,"b":1}],"total":9007199254740993}',
      '{"state":"edit","items":[{"a":2,"b":1},"x"],"labels":{"z":1},"total":9007199254740993.1}',
      '{"state":"edit","items":[{"a":2,"b":1},"x"],"labels":{"y":null,"z":1},"total":9007199254740993.1}',
      '{"state":"closed","items":[{"a":2,"b":1},"x"],"labels":{"y":null,"z":1},"total":9007199254740993.1}',
      '{}',
    ]);
    expect(snapshots.at(-1)?.exists).toBe(false);
    expect(counters).toMatchObject({ processed: 5, failed: 1, skipped: 2 });
    expect(letters).toMatchObject([{ code: 'operation_failed', offset: 2n }]);
    const stopped = runOracle(records, job({ encoding: operations, onFailure: 'stop_entity' }));
    expect(stopped.counters).toMatchObject({ processed: 2, failed: 4, skipped: 2 });
  });

  it('tracks whole documents, other fields by the bytes of their names', () => {
    const payload = '{"\u00e9":1,"z":2,"__proto__":3,"toString":4,"":5,"😀":6,"\uffff":7}';
    const { snapshots } = runOracle(
      [send(0, 'doc.saved', payload, { entityType: 'doc', entityId: 'd' })],
      job({ encoding: operations }),
    );
    expect(snapshots[0]?.stateAfter).toBe(
      '{"":5,"__proto__":3,"toString":4,"z":2,"\u00e9":1,"\uffff":7,"😀":6}',
    );
  });

  it('fans out over the items of a record', () => {
    const encoding: Encoding = {
      name: 'fan-out',
      entity: 'rules',
      rules: [
        {
          match: 'batch.*',
          forEach: '/list',
          where: { '@/ok': true },
          entityType: '=item',
          entityId: '@/id',
          track: { owner: '/owner', size: '@/size' },
        },
      ],
    };
    const batch =
      '{"owner":"me","list":[{"id":7,"ok":true,"size":1},{"id":8,"ok":false},{"id":"9","ok":true}]}';
    const records = [
      send(0, 'batch.done', batch),
      send(1, 'batch.done', batch, { eventId: 'e0', occurredAtNs: T0 }),
      send(2, 'batch.done', '{"list":[]}'),
      send(3, 'other', '{}'),
    ];
    const { snapshots, counters } = runOracle(records, job({ encoding }));
    expect(snapshots.map((one) => [one.n, one.entityId, one.stateAfter])).toEqual([
      [0, '7', '{"owner":"me","size":1}'],
      [1, '9', '{"owner":"me"}'],
    ]);
    expect(counters).toEqual({
      ...NOTHING,
      scanned: 6,
      processed: 2,
      duplicates: 2,
      skipped: 2,
      snapshots: 2,
      changed: 2,
      entities: 2,
    });
  });
});
