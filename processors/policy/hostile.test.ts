/**
 * Policies that mean harm: each ends by its limit or is refused, and the good policy beside it decides as before. Under
 * `HOSTILE=all` all of them run, in `npm test` some of each family.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Value } from 'typebox/value';
import { afterAll, describe, expect, it } from 'vitest';
import { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import { HOSTILE, type Hostile } from '../testing/policy/hostile.js';
import { openPolicies } from './open.js';

const limits = (Value.Default(Config, {}) as Config).policies;
const engine = openPolicies({ ...limits, decisionMaxMs: 100, compileMaxMs: 8_000 });
afterAll(() => engine.close());

const INPUT = `{"numbers":[${Array.from({ length: 2000 }, (_, n) => n)}],"x":1}`;
const EVERY = process.env.HOSTILE === 'all' ? 1 : 12;
const CHOSEN = HOSTILE.filter((_one, at) => at % EVERY === 0);

/** How it ends: the code of what refuses or stops it, or what kind of decision it comes to. */
async function end({ source }: Hostile): Promise<string> {
  try {
    const policy = await engine.compile(source);
    const path = policy.entrypoints.includes('p/d') ? 'p/d' : policy.entrypoints.at(-1)!;
    const run = { policy, data: '{}' };
    const [outcome] = await engine.evaluate(run, [{ path, input: INPUT, nowNs: 0n }]);
    return outcome!.kind === 'error' ? outcome!.code : outcome!.kind;
  } catch (error) {
    if (error instanceof RewindError) return error.code;
    throw error;
  }
}

describe(`${CHOSEN.length} of ${HOSTILE.length} hostile policies`, () => {
  it('are at least two hundred', () => {
    expect(HOSTILE.length).toBeGreaterThanOrEqual(200);
    expect(new Set(HOSTILE.map(({ name }) => name)).size).toBe(HOSTILE.length);
  });

  it.each(CHOSEN.map((one) => [one.name.slice(0, 60), one] as const))('%s', async (_name, hostile) => {
    expect(hostile.ends).toContain(await end(hostile));
  });

  it('leave the engine as it was, and this process at its work', async () => {
    const policy = await engine.compile({ modules: { 'good.rego': 'package good\nallow if input.x == 1' } });
    const good = Array.from({ length: 1000 }, () => ({ path: 'good/allow', input: INPUT, nowNs: 0n }));
    const lag = monitorEventLoopDelay({ resolution: 10 });
    lag.enable();
    const hostile = HOSTILE.filter(({ name }) => /^(loops 3|text doubled|functions)/.test(name)).slice(0, 3);
    const outcomes = await Promise.all([engine.evaluate({ policy, data: '{}' }, good), ...hostile.map(end)]);
    lag.disable();
    expect(outcomes[0]).toEqual(good.map(() => ({ kind: 'value', json: 'true' })));
    process.stderr.write(`loop lag beside hostile policies: ${(lag.max / 1e6).toFixed(0)} ms at most\n`);
  });
});
