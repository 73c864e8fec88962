import { describe, expect, it } from 'vitest';
import { beatIntervalMs, isFinished, LeaseWatch, nextStep, type OwnClaim } from './unit-protocol.js';
import { foldUnitLog, type UnitLogRow } from './units.js';

const row = (kind: UnitLogRow['kind'], claim: string, from = 0, to = 0, more: Partial<UnitLogRow> = {}) => ({
  kind,
  claim,
  worker: `worker of ${claim}`,
  from: BigInt(from),
  to: BigInt(to),
  final: false,
  counters: kind === 'manifest' ? { rows: to - from } : {},
  ...more,
});

describe('the fold of a unit log', () => {
  it('is free and without position before the first claim', () => {
    expect(foldUnitLog([])).toEqual({
      holder: null,
      fence: null,
      holderWorker: null,
      claims: 0,
      activity: 0,
      position: null,
      segments: [],
      sealed: false,
      counters: {},
    });
  });

  it('joins contiguous manifests of one claim and sums their counters', () => {
    const state = foldUnitLog([
      row('claim', 'a', 10),
      row('manifest', 'a', 10, 14),
      row('manifest', 'a', 14, 20),
    ]);
    expect(state.segments).toEqual([{ claim: 'a', from: 10n, to: 20n }]);
    expect(state.position).toBe(20n);
    expect(state.counters).toEqual({ rows: 10 });
    expect(state.holderWorker).toBe('worker of a');
  });

  it('goes on under a second claim where the first validly ended', () => {
    const state = foldUnitLog([
      row('claim', 'a', 0),
      row('manifest', 'a', 0, 5),
      row('claim', 'b', 0),
      row('manifest', 'a', 5, 9),
      row('manifest', 'b', 5, 7),
    ]);
    expect(state.segments).toEqual([
      { claim: 'a', from: 0n, to: 5n },
      { claim: 'b', from: 5n, to: 7n },
    ]);
    expect(state.counters).toEqual({ rows: 7 });
    expect(state.holder).toBe('b');
    expect(state.activity).toBe(5);
  });

  it.each([
    ['leaves a gap', row('manifest', 'a', 6, 9)],
    ['overlaps', row('manifest', 'a', 4, 9)],
    ['runs backwards', row('manifest', 'a', 5, 3)],
    ['is of a claim that never was', row('manifest', 'x', 5, 9)],
  ])('does not count a manifest that %s', (_why, manifest) => {
    const state = foldUnitLog([row('claim', 'a', 0), row('manifest', 'a', 0, 5), manifest]);
    expect(state.segments).toEqual([{ claim: 'a', from: 0n, to: 5n }]);
    expect(state.position).toBe(5n);
    expect(state.counters).toEqual({ rows: 5 });
  });

  it('counts a manifest once that arrives twice', () => {
    const state = foldUnitLog([row('claim', 'a', 0), row('manifest', 'a', 0, 5), row('manifest', 'a', 0, 5)]);
    expect(state.counters).toEqual({ rows: 5 });
  });

  it('takes nothing after the final manifest', () => {
    const state = foldUnitLog([
      row('claim', 'a'),
      row('manifest', 'a', 0, 1, { final: true }),
      row('claim', 'b'),
      row('manifest', 'b', 1, 2, { final: true }),
    ]);
    expect(state).toMatchObject({ sealed: true, holder: null, position: 1n, counters: { rows: 1 } });
    expect(state.segments).toEqual([{ claim: 'a', from: 0n, to: 1n }]);
  });

  it('lets a later claim move the start of a unit without output only, and only forward', () => {
    expect(foldUnitLog([row('claim', 'a', 5), row('claim', 'b', 8)]).position).toBe(8n);
    expect(foldUnitLog([row('claim', 'a', 5), row('claim', 'b', 3)]).position).toBe(5n);
    const begun = [row('claim', 'a', 5), row('manifest', 'a', 5, 6), row('claim', 'b', 8)];
    expect(foldUnitLog(begun).position).toBe(6n);
  });

  it('gives a unit back on release by its holder, and by nobody else', () => {
    expect(foldUnitLog([row('claim', 'a'), row('release', 'a')]).holder).toBeNull();
    expect(foldUnitLog([row('claim', 'a'), row('claim', 'b'), row('release', 'a')]).holder).toBe('b');
  });

  it('counts a manifest that arrives after the release of its claim, until the next claim', () => {
    const sent = row('manifest', 'a', 0, 1, { final: true });
    expect(foldUnitLog([row('claim', 'a'), row('release', 'a'), sent]).sealed).toBe(true);
    const fenced = foldUnitLog([row('claim', 'a'), row('release', 'a'), row('claim', 'b'), sent]);
    expect(fenced).toMatchObject({ sealed: false, holder: 'b', segments: [] });
  });

  it('shows a beat as activity and nothing else', () => {
    const without = foldUnitLog([row('claim', 'a')]);
    expect(foldUnitLog([row('claim', 'a'), row('beat', 'a')])).toEqual({ ...without, activity: 2 });
  });
});

describe('what a worker does next', () => {
  const held = foldUnitLog([row('claim', 'a', 0), row('manifest', 'a', 0, 5)]);
  const own = (change: Partial<OwnClaim> = {}): OwnClaim => ({
    claim: 'a',
    position: 5n,
    tainted: false,
    ...change,
  });

  it.each([
    ['a free unit', foldUnitLog([]), null, false, { kind: 'claim' }],
    ['a unit that somebody holds', held, null, false, { kind: 'wait' }],
    ['a unit whose holder is silent', held, null, true, { kind: 'claim' }],
    ['its own unit, at its own position', held, own(), false, { kind: 'write', from: 5n }],
    ['its own unit, nothing written yet', held, own({ position: null }), false, { kind: 'write', from: 5n }],
    ['its own unit after an unknown outcome', held, own({ tainted: true }), false, { kind: 'claim' }],
    ['its own unit whose manifest did not count', held, own({ position: 7n }), false, { kind: 'claim' }],
    ['a unit taken over from it', held, own({ claim: 'b' }), false, { kind: 'abandon' }],
    ['a unit taken over from it, now silent', held, own({ claim: 'b' }), true, { kind: 'abandon' }],
  ])('with %s', (_case, state, mine, silent, step) => {
    expect(nextStep(state, 9n, mine, silent)).toEqual(step);
  });

  it('is done at the end of a range, at a seal, and never in a live unit', () => {
    expect(isFinished(held, 5n)).toBe(true);
    expect(isFinished(held, 6n)).toBe(false);
    expect(isFinished(held, null)).toBe(false);
    const sealed = foldUnitLog([row('claim', 'a'), row('manifest', 'a', 0, 1, { final: true })]);
    expect(nextStep(sealed, null, null, true)).toEqual({ kind: 'done' });
  });
});

describe('LeaseWatch', () => {
  it('reports silence only after a whole lease without a new row', () => {
    const watch = new LeaseWatch(100);
    expect(watch.isSilent('u', 3, 1000)).toBe(false);
    expect(watch.isSilent('u', 3, 1099)).toBe(false);
    expect(watch.isSilent('u', 3, 1100)).toBe(true);
    expect(watch.isSilent('u', 4, 1101)).toBe(false);
    expect(watch.isSilent('u', 4, 1200)).toBe(false);
    expect(watch.isSilent('u', 4, 1201)).toBe(true);
  });

  it('keeps units apart and forgets', () => {
    const watch = new LeaseWatch(100);
    watch.isSilent('u', 1, 0);
    watch.isSilent('v', 1, 50);
    expect(watch.isSilent('v', 1, 100)).toBe(false);
    watch.forget('u');
    expect(watch.isSilent('u', 1, 100)).toBe(false);
    expect(beatIntervalMs(15_000)).toBe(5000);
  });
});
