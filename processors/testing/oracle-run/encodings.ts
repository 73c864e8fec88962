/** The encodings that runs are compared under: the built-in one, one with every operation, one that derives entities. */
import type { Encoding } from '../../../schemas/encoding.js';
import { randomEncoding } from '../../generate/random-events.js';
import { builtIn } from '../oracle/cases.js';

export { builtIn };

export const operations: Encoding = randomEncoding(builtIn);

/**
 * Entities by rules, so that records are mapped first: one record may touch several entities, the same one twice, or one
 * without an id; copies of a record may touch others than the first did.
 */
export const derived: Encoding = {
  name: 'derived entities',
  entity: 'rules',
  ignore: [{ match: 'thing.viewed' }],
  rules: [
    {
      match: 'content.*',
      entityType: '=document',
      entityId: ['/id', '$entity_id'],
      track: { title: '/title', status: ['/status', '$actor'], by: '$actor' },
    },
    {
      match: 'playbook.*',
      entityType: ['$actor', '=nobody'],
      entityId: ['/id', '/name'],
      track: { name: '/name', runs: '/runCount' },
      operations: [{ op: 'increment', field: 'events', by: 1 }],
    },
    {
      match: 'ledger.*',
      forEach: '/entry',
      entityType: '=entry',
      entityId: '@',
      track: { value: '@', amount: '/amount' },
      operations: [{ op: 'append', field: 'owners', from: ['/owner', '$entity_id'] }],
    },
    {
      match: 'ledger.*',
      where: { '/keep': { exists: true } },
      entityType: '=kept',
      entityId: '$entity_id',
      trackDocument: true,
    },
    { match: 'ledger.deleted', entityType: '=kept', entityId: '$entity_id' },
    { match: 'thing.*', forEach: '/0', entityType: '=zero', entityId: ['@/ü', '@'], trackDocument: true },
  ],
};
