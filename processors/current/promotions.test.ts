/** What is current, by the log alone: the rule in code and the view of analysts give the same answer after any history. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NewPromotionRow, PromotionLog } from '../store/promotion-log.js';
import { startTestEngine, type TestEngine } from '../testing/engine.js';
import { currentOf, keptSets, type PromotionRow, previousOf } from './promotions.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
}, 60_000);
afterAll(() => engine?.stop());

function row(tenantId: string, change: Partial<PromotionRow>): NewPromotionRow {
  return {
    tenantId,
    promotionId: 'p1',
    kind: 'current',
    act: 'promote',
    jobId: 'run-1',
    setId: 's1',
    generation: 1,
    claims: ['1'],
    returnsTo: '',
    actor: 'ann',
    reason: '',
    asOfNs: '0',
    exactness: 'exact',
    reasons: [],
    entities: 0,
    ...change,
  };
}

const histories = fc.array(
  fc.record({
    kind: fc.constantFrom('asked', 'current', 'failed', 'removed', 'swept') as fc.Arbitrary<
      PromotionRow['kind']
    >,
    promotionId: fc.constantFrom('p1', 'p2', 'p3', 'p4'),
    setId: fc.constantFrom('s1', 's2', 's3'),
  }),
  { minLength: 1, maxLength: 12 },
);

test('code and view agree after any history', async () => {
  const log = new PromotionLog(engine.store);
  let tenants = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(histories, { minLength: 20, maxLength: 20 }), async (several) => {
      const expected = new Map<string, string>();
      for (const history of several) {
        const tenantId = `t${tenants++}`;
        await log.append(...history.map((change) => row(tenantId, change)));
        const current = currentOf(await log.read(tenantId));
        if (current !== null) expected.set(tenantId, `${current.promotionId} ${current.setId}`);
      }
      const shown = await engine.store.query<{ tenant: string; what: string }>(
        `SELECT tenant_id AS tenant, concat(promotion_id, ' ', set_id) AS what
         FROM ${engine.store.t('current_sets')} WHERE toUInt32(substring(tenant_id, 2)) >= {from:UInt32}`,
        { from: tenants - several.length },
      );
      expect(new Map(shown.map(({ tenant, what }) => [tenant, what]))).toEqual(expected);
    }),
    { numRuns: 5, seed: 3, endOnFailure: true },
  );
}, 60_000);

describe('a history', () => {
  let tenants = 0;
  const read = async (...changes: Partial<PromotionRow>[]) => {
    const log = new PromotionLog(engine.store);
    const tenantId = `h${tenants++}`;
    // One insert for each, as they come in life.
    for (const change of changes) await log.append(row(tenantId, change));
    return log.read(tenantId);
  };
  const one = { promotionId: 'p1', setId: 's1' };
  const two = { promotionId: 'p2', setId: 's2' };
  const back = { promotionId: 'p3', setId: 's1', act: 'revert', returnsTo: 'p1' } as const;

  test('a worker that finishes a promotion late does not take back what came after', async () => {
    expect(currentOf(await read(one, two, one))?.promotionId).toBe('p2');
  });

  test('a promotion that was given up never becomes current', async () => {
    const given = await read(one, { ...two, kind: 'failed' }, two);
    expect(currentOf(given)?.promotionId).toBe('p1');
    expect(given.all.map(({ outcome }) => outcome)).toEqual(['current', 'failed']);
  });

  test('who returns to a set as it is removed finds out', async () => {
    const late = await read(one, two, { ...one, kind: 'removed' }, back);
    expect(currentOf(late)?.promotionId).toBe('p2');
    expect(late.all.at(-1)).toMatchObject({ outcome: 'failed', error: { code: 'promotion_gone' } });
    expect([...late.removed]).toEqual(['s1']);
  });

  test('the set that is current is never removed', async () => {
    const early = await read(one, two, back, { ...one, kind: 'removed' });
    expect(currentOf(early)?.promotionId).toBe('p3');
    expect([...early.removed]).toEqual([]);
  });

  test('a revert leads one promotion back, and a second one further, not forth again', async () => {
    const three = { promotionId: 'p4', setId: 's3' };
    expect(previousOf(await read(one, two, three))?.promotionId).toBe('p2');
    const returned = { ...back, promotionId: 'p5', setId: 's2', returnsTo: 'p2' };
    const once = await read(one, two, three, returned);
    expect(previousOf(once)?.promotionId).toBe('p1');
    expect(previousOf(await read(one, two, three, returned, back))).toBeNull();
    expect([...keptSets(once, 2)]).toEqual(['s2', 's3']);
  });
});
