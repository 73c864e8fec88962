import { expect, it } from 'vitest';
import { PartChecks } from './parts.js';

it('names each part, whether it answers, refuses, fails or hangs', async () => {
  const checks = new PartChecks(
    [
      { name: 'up', check: async () => true },
      { name: 'down', check: async () => false },
      { name: 'failing', check: () => Promise.reject(new Error('refused')) },
      {
        name: 'throwing',
        check: () => {
          throw new Error('at once');
        },
      },
      { name: 'hanging', check: () => new Promise(() => undefined) },
    ],
    { waitMaxMs: 20 },
  );
  const states = await checks.states();
  expect(Object.entries(states).map(([name, { up }]) => [name, up])).toEqual([
    ['up', true],
    ['down', false],
    ['failing', false],
    ['throwing', false],
    ['hanging', false],
  ]);
});

it('asks once for many who want to know at the same time, and again later', async () => {
  let asked = 0;
  const part = { name: 'store', check: async () => ++asked > 0 };
  const checks = new PartChecks([part], { maxAgeMs: 60_000 });
  await Promise.all(Array.from({ length: 100 }, () => checks.states()));
  expect(asked).toBe(1);
  const always = new PartChecks([part], { maxAgeMs: -1 });
  await always.states();
  await always.states();
  expect(asked).toBe(3);
});
