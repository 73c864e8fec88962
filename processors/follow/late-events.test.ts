/** What follow makes of events that come late, one case after the other, with the states that they must lead to. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { TENANT } from '../testing/oracle-run/rig.js';
import { openTestRewind, type TestRewind } from '../testing/test-rewind.js';
import { catchUp, type Following, openFollower, setOf, setTexts } from './follow.fixture.js';
import type { PromotedSet } from './live-units.js';

let real: TestRewind;
let set: PromotedSet;
let following: Following;
let entity: string;
let cases = 0;

beforeAll(async () => {
  real = await openTestRewind({ workers: 1 });
  const { version } = await real.rewind.encodings.save(
    TENANT,
    {
      name: 'accounts',
      entity: 'envelope',
      rules: [
        { match: 'account.*', track: { owner: '/owner', balance: '/balance' } },
        { match: 'account.paid', operations: [{ op: 'increment', field: 'balance', by: '/amount' }] },
      ],
    },
    'test',
  );
  // The second changes nothing: the run, which keeps changes alone, does not show it.
  await real.append(TENANT, [
    event('b1', 0, 'account.opened', { owner: 'ann' }, 'based'),
    event('b2', 2, 'account.changed', { owner: 'ann' }, 'based'),
  ]);
  const job = await real.rewind.replay.create(
    TENANT,
    {
      job_type: 'StateRebuild',
      encoding_version: version,
      rule_version: 1,
      time_range_start: '2024-01-01T00:00:00Z',
      time_range_end: '2024-01-01T00:00:03Z',
      snapshots: 'changed',
    },
    'test',
  );
  await real.complete(TENANT, job.jobId);
  set = await setOf(real, job.jobId, 'set-late');
  following = await openFollower(real, set);
});

beforeEach(() => {
  entity = `e${++cases}`;
});

afterAll(async () => {
  following?.close();
  await real?.close();
});

const event = (id: string, second: number, type: string, payload: object, of = entity) => ({
  event_id: id,
  event_type: type,
  entity_type: 'account',
  entity_id: of,
  occurred_at: `2024-01-01T00:00:${String(second).padStart(2, '0')}Z`,
  payload,
});

/** Sends each group of events and folds it before the next; returns the entity's state and how many were folded again. */
async function fold(...groups: ReturnType<typeof event>[][]): Promise<{ state: unknown; refolded: number }> {
  let refolded = 0;
  for (const group of groups) {
    await real.append(TENANT, group);
    refolded += (await catchUp(following)).refolded;
  }
  return { state: await stateOf(entity), refolded };
}

async function stateOf(of: string): Promise<unknown> {
  const texts = (await setTexts(real, set)).map((text) => JSON.parse(text) as unknown[]);
  const found = texts.find(([, id]) => id === of);
  return found === undefined ? null : JSON.parse(found[5] as string);
}

test('events in order are folded on', async () => {
  const { state, refolded } = await fold(
    [event('o1', 10, 'account.changed', { owner: 'ann', balance: 1 })],
    [event('o2', 20, 'account.changed', { owner: 'bob' }), event('o3', 30, 'account.paid', { amount: 4 })],
  );
  expect(state).toEqual({ owner: 'bob', balance: 5 });
  expect(refolded).toBe(0);
});

test('an event from before the last one folds its entity again', async () => {
  const { state, refolded } = await fold(
    [event('l1', 20, 'account.changed', { owner: 'ann' })],
    [event('l2', 10, 'account.changed', { owner: 'bob', balance: 7 })],
  );
  expect(state).toEqual({ owner: 'ann', balance: 7 });
  expect(refolded).toBe(1);
});

test('an event of the time that the run covered folds its entity again', async () => {
  const late = event('r1', 1, 'account.changed', { owner: 'bob', balance: 1 }, 'based');
  const { refolded } = await fold([late]);
  expect(await stateOf('based')).toEqual({ owner: 'ann', balance: 1 });
  expect(refolded).toBe(1);
});

test('an event from before one that failed lets that one succeed', async () => {
  const { state, refolded } = await fold(
    [event('f1', 10, 'account.changed', { balance: 'none' })],
    [event('f2', 30, 'account.paid', { amount: 4 })],
    [event('f3', 20, 'account.changed', { balance: 1 })],
  );
  expect(state).toEqual({ balance: 5 });
  expect(refolded).toBe(1);
});

test('an event that arrives again counts once, whatever came between', async () => {
  const paid = event('d1', 10, 'account.paid', { amount: 4 });
  const { state } = await fold(
    [event('d0', 5, 'account.changed', { balance: 1 }), paid],
    [event('d2', 20, 'account.paid', { amount: 2 })],
    [paid],
    [paid, event('d3', 30, 'account.paid', { amount: 1 })],
  );
  expect(state).toEqual({ balance: 8 });
});

test('a copy is left out and its entity is not folded again; one with another body is a conflict', async () => {
  const first = event('c1', 10, 'account.paid', { amount: 4 });
  const copy = await fold([event('c0', 5, 'account.changed', { balance: 1 }), first], [first, first]);
  expect(copy).toEqual({ state: { balance: 5 }, refolded: 0 });
  const fresh = event('c2', 20, 'account.paid', { amount: 2 });
  expect(await fold([fresh, fresh, first])).toEqual({ state: { balance: 7 }, refolded: 0 });
  const other = event('c1', 10, 'account.paid', { amount: 100 });
  expect(await fold([other])).toEqual({ state: { balance: 7 }, refolded: 1 });
});

test('an id belongs to the entity of its first event, also when that arrives last', async () => {
  const other = `${entity}-other`;
  await fold([
    event('s1', 20, 'account.changed', { owner: 'ann' }),
    event('s2', 30, 'account.changed', {}, other),
  ]);
  expect(await stateOf(entity)).toEqual({ owner: 'ann' });
  const { state } = await fold([event('s1', 10, 'account.changed', { owner: 'bob' }, other)]);
  expect(state).toBeNull();
  expect(await stateOf(other)).toEqual({ owner: 'bob' });
});

test('an entity that ended begins anew, and ends where a late end comes behind', async () => {
  const { state } = await fold(
    [event('x1', 10, 'account.changed', { owner: 'ann', balance: 1 })],
    [event('x2', 30, 'account.changed', { balance: 2 })],
    [event('x3', 20, 'account.deleted', {})],
  );
  expect(state).toEqual({ balance: 2 });
});
