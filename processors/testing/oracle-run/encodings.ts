/** The encodings that runs are compared under: the built-in one, one with every operation, one that derives entities. */
import type { Encoding } from '../../../schemas/encoding.js';
import { randomEncoding } from '../../generate/random-events.js';
import { builtIn } from '../oracle/cases.js';

export { builtIn };

export const operations: Encoding = randomEncoding(builtIn);

/**
 * What the store folds by itself: members of the payload under other names, rules that overlap, rules that belong to one
 * entity type or to any. `llm.*` events do not belong to the type that their rule names: those are left to the workers.
 */
export const members: Encoding = {
  name: 'members',
  entity: 'envelope',
  ignore: [{ match: 'thing.viewed' }, { match: 'playbook.execution_started*' }],
  rules: [
    { match: 'content.*', track: { title: '/title', status: '/status', words: '/wordCount' } },
    { match: 'content.created', entityType: '=content', track: { title: '/title', born: '/status' } },
    { match: 'content.created', track: { never: '/title' } },
    { match: 'llm.*', entityType: '=playbook', track: { name: '/name', agent: '/executionCount' } },
    ...operations.rules.filter(({ match }) => match === 'thing.*'),
    { match: 'ledger.*', track: { amount: '/amount', entry: '/entry', status: '/keep' } },
    { match: 'ledger.noted' },
    { match: '*', entityType: ['$actor', '=thing'], track: { x: '/x', title: '/name' } },
  ],
};

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
