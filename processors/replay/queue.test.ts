import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type QueuedJob, takeTurns } from './queue.js';

const job = (jobId: string, tenantId: string, admitted: number | null = null): QueuedJob => ({
  jobId,
  tenantId,
  status: admitted === null ? 'Pending' : 'Running',
  admitted,
});

describe('whose turn it is', () => {
  it('goes round the tenants, the oldest job of each first', () => {
    const jobs = [
      job('a1', 'a'),
      job('a2', 'a'),
      job('a3', 'a'),
      job('b1', 'b'),
      job('c1', 'c'),
      job('b2', 'b'),
    ];
    const turns = takeTurns(jobs, { max: 4, perTenant: 9 });
    expect(turns.waiting).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
    expect(turns.next).toEqual(['a1', 'b1', 'c1', 'a2']);
  });

  it('puts a tenant that has jobs running behind one that has none', () => {
    const jobs = [job('a1', 'a', 3), job('a2', 'a'), job('b1', 'b')];
    expect(takeTurns(jobs, { max: 2, perTenant: 9 })).toMatchObject({ next: ['b1'], waiting: ['b1', 'a2'] });
  });

  it('lets the tenant go first whose last turn is longer ago', () => {
    const jobs = [job('a1', 'a'), job('b1', 'b'), job('c1', 'c')];
    expect(takeTurns(jobs, { max: 1, perTenant: 1 }, ['b', 'a']).waiting).toEqual(['c1', 'b1', 'a1']);
  });

  it('passes over a tenant at its own limit', () => {
    const jobs = [job('a1', 'a', 3), job('a2', 'a'), job('a3', 'a'), job('b1', 'b')];
    expect(takeTurns(jobs, { max: 4, perTenant: 1 }).next).toEqual(['b1']);
  });

  it('leaves a paused job out: its place is free', () => {
    const paused = { ...job('a1', 'a', 1), status: 'Paused' as const };
    expect(takeTurns([paused, job('a2', 'a')], { max: 1, perTenant: 1 })).toMatchObject({
      running: new Set(),
      next: ['a2'],
    });
  });

  it('lets those run that were admitted first, when two workers admitted at once', () => {
    const jobs = [job('a1', 'a', 8), job('b1', 'b', 7)];
    expect(takeTurns(jobs, { max: 1, perTenant: 1 })).toMatchObject({
      running: new Set(['b1']),
      next: [],
      waiting: ['a1'],
    });
  });

  it('never exceeds a limit, leaves no place empty that a job could have, and loses no job', () => {
    const jobs = fc
      .array(
        fc.record({
          tenantId: fc.constantFrom('a', 'b', 'c'),
          admitted: fc.option(fc.nat(1000)),
          status: fc.constantFrom('Pending' as const, 'Running' as const, 'Paused' as const),
        }),
        { maxLength: 20 },
      )
      .map((list) => list.map((one, i) => ({ ...one, jobId: `j${i}` })));
    fc.assert(
      fc.property(
        jobs,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 4 }),
        (all, max, perTenant) => {
          const { running, next, waiting } = takeTurns(all, { max, perTenant });
          const active = all.filter(({ status }) => status !== 'Paused');
          expect([...running, ...waiting].sort()).toEqual(active.map(({ jobId }) => jobId).sort());
          const soon = new Set([...running, ...next]);
          const count = (tenant: string) =>
            active.filter((one) => soon.has(one.jobId) && one.tenantId === tenant).length;
          expect(soon.size).toBeLessThanOrEqual(max);
          for (const tenant of ['a', 'b', 'c']) expect(count(tenant)).toBeLessThanOrEqual(perTenant);
          // A place that stays free is one that no job may have.
          const held = active.filter((one) => !running.has(one.jobId) && one.admitted !== null).length;
          for (const one of active)
            if (!soon.has(one.jobId) && soon.size + held < max)
              expect(count(one.tenantId) + held).toBeGreaterThanOrEqual(perTenant);
        },
      ),
    );
  });
});
