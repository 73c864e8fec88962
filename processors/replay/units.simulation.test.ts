/**
 * Tries to break the scheme of claims and units by ten thousand seeds of lost answers, late inserts, frozen and killed
 * workers, two coordinators, cancels, pauses and retention; and shows on wrong schemes that it would notice.
 */
import { describe, expect, it } from 'vitest';
import { MUTANTS, POSITION_UNCHECKED, STALE_WORKERS } from '../testing/simulation/mutants.js';
import { type Played, simulate, type Variant } from '../testing/simulation/simulate.js';

const ONE_SEED = process.env.SIMULATION_SEED;
const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 10_000);
const MUTANT_SEEDS_MAX = 5000;

function play(seed: number): Played {
  try {
    return simulate(seed);
  } catch (error) {
    const again = `SIMULATION_SEED=${seed} npx vitest run processors/replay/units.simulation.test.ts`;
    throw new Error(`seed ${seed}: ${(error as Error).message}\nrepeat with: ${again}`, { cause: error });
  }
}

/** The first seed at which a wrong scheme is found out; null: it got through. */
function caughtAt(variant: Variant): number | null {
  for (let seed = 1; seed <= MUTANT_SEEDS_MAX; seed++) {
    try {
      simulate(seed, variant);
    } catch {
      return seed;
    }
  }
  return null;
}

describe('claims and units under failures', () => {
  it(ONE_SEED === undefined ? `holds for ${SEEDS} seeds` : `holds for seed ${ONE_SEED}`, () => {
    if (ONE_SEED !== undefined) {
      expect(play(Number(ONE_SEED)).events).toBeGreaterThan(0);
      return;
    }
    const ends: Record<string, number> = {};
    let claims = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const played = play(seed);
      ends[played.status] = (ends[played.status] ?? 0) + 1;
      claims += played.claims;
    }
    // The seeds must reach every end, and most of them the good one with units taken over on the way.
    expect(ends.Complete ?? 0).toBeGreaterThan(SEEDS / 2);
    expect(ends.Cancelled ?? 0).toBeGreaterThan(SEEDS / 100);
    expect(ends.Failed ?? 0).toBeGreaterThan(0);
    expect(claims).toBeGreaterThan(SEEDS * 6);
  }, 300_000);

  it('plays a seed the same way twice', () => {
    for (const seed of [1, 2, 3, 4711]) expect(simulate(seed)).toEqual(simulate(seed));
  });

  it.each([
    ['workers that write from a stale read', STALE_WORKERS],
    ['the holder check alone, without that of the position', POSITION_UNCHECKED],
  ])('holds with %s', (_name, variant) => {
    for (let seed = 1; seed <= 1000; seed++) expect(simulate(seed, variant).events).toBeGreaterThan(0);
  });

  it.each(Object.entries(MUTANTS))('finds out: %s', (_name, variant) => {
    expect(caughtAt(variant), `not found out within ${MUTANT_SEEDS_MAX} seeds`).not.toBeNull();
  });
});
