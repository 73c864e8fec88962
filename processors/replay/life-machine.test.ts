/**
 * The life of a job as a state machine: random sequences of pause, resume, cancel, rerun, delete and kill -9 of workers
 * end legally, with the oracle's rows or with none. `LIFE_RUNS` sets the number of sequences (`npm run test:life`).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beginLife, endLife, lifeSteps } from '../testing/life/steps.js';
import { LifeWorld } from '../testing/life/world.js';

const GIVEN = Number(process.env.LIFE_RUNS ?? 0);
const RUNS = GIVEN || 6;
const STEPS_MAX = GIVEN === 0 ? 10 : 25;
/** No more sequences are begun after so long. */
const ENOUGH_MS = GIVEN === 0 ? 15_000 : Number.POSITIVE_INFINITY;

/** One that takes longer hangs, and is told with all its steps. */
const LIFE_MS = 150_000;

let world: LifeWorld;
beforeAll(async () => {
  world = await LifeWorld.start();
}, 120_000);
afterAll(() => world?.stop());

test(
  'every life of a job ends legally',
  async () => {
    const since = performance.now();
    let lives = 0;
    const property = fc.asyncProperty(lifeSteps(STEPS_MAX), async (steps) => {
      if (performance.now() - since > ENOUGH_MS) return;
      const model = await beginLife(world);
      try {
        const lived = fc
          .asyncModelRun(() => ({ model, real: world }), steps)
          .then(() => endLife(model, world));
        const hanging = sleep(LIFE_MS, undefined, { ref: false }).then(() =>
          Promise.reject(new Error('it hangs')),
        );
        await Promise.race([lived, hanging]);
      } catch (error) {
        throw new Error(`${error instanceof Error ? error.message : error}\n${world.words}`, {
          cause: error,
        });
      }
      lives++;
    });
    // A sequence takes seconds, and what it meets depends on the machine: to shrink it would mislead.
    await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
    expect(lives).toBeGreaterThan(0);
  },
  GIVEN === 0 ? 180_000 : 3_600_000,
);
