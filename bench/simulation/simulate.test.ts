/** The simulation keeps its own books: what it says about scale is worth no more than these. */
import { describe, expect, it } from 'vitest';
import { AS_IT_IS, CHANGED, type Model, unitsOf } from './constants.js';
import { plainSumSeconds, simulate } from './simulate.js';

const SMALL: Model = { ...AS_IT_IS, events: 20_000_000, partitions: 32 };

describe('the simulation of scale', () => {
  const variants: [string, Partial<Model>][] = [
    ['one worker', { workers: 1 }],
    ['more threads than units', { workers: 128 }],
    ['the worker fold', { workers: 8, foldIn: 'stream' }],
    ['the changed scheme', { workers: 64, ...CHANGED }],
    ['a store that is drowned in polls', { workers: 128, smallStatementUs: 40_000 }],
  ];
  it.each(variants)('seals every unit exactly once: %s', (_name, change) => {
    const model = { ...SMALL, ...change };
    const { units, ended } = simulate(model);
    expect(ended).toBe(true);
    expect(units).toHaveLength(unitsOf(model));
    expect(units.every(({ seals }) => seals === 1)).toBe(true);
  });

  it('gives one worker exactly the sum of its statements', () => {
    const model: Model = { ...SMALL, cold: false, threads: 1, unitLogRowUs: 0 };
    const sum = plainSumSeconds(model);
    const { seconds } = simulate(model);
    // A round that a timer began may be under way when a unit ends.
    expect(seconds).toBeGreaterThan(0.99 * sum);
    expect(seconds).toBeLessThan(1.03 * sum);
  });

  it('does the same useful work whatever the number of workers, and never slower, until the store is full', () => {
    const workers = [1, 2, 4, 8, 16];
    const runs = workers.map((count) => simulate({ ...SMALL, cold: false, storeCores: 64, workers: count }));
    for (const [i, run] of runs.entries()) {
      expect(run.usefulCpuSeconds).toBeCloseTo(runs[0]!.usefulCpuSeconds, 6);
      if (i > 0 && run.saturated !== 'store cores')
        expect(run.seconds).toBeLessThanOrEqual(1.01 * runs[i - 1]!.seconds);
    }
  });

  it('never takes less than the store needs for the useful work', () => {
    for (const workers of [1, 8, 64]) {
      const { useful, small, merges } = simulate({ ...SMALL, workers });
      // Merges that are under way at the end are counted whole.
      expect(useful + small).toBeLessThanOrEqual(1);
      expect(merges).toBeGreaterThan(0);
    }
  });

  it('plays a seed the same way each time', () => {
    const model = { ...SMALL, workers: 32 };
    expect(simulate(model)).toEqual(simulate(model));
    expect(simulate({ ...model, seed: 2 }).seconds).not.toBe(simulate(model).seconds);
  });
});
