/** The plain case of sprintf against OPA's own: the same texts for whatever formats and operands. */
import fc from 'fast-check';
import { Value } from 'typebox/value';
import { afterAll, expect, it } from 'vitest';
import { Config } from '../../schemas/config.js';
import { openPolicies } from './open.js';
import { plainSprintf } from './plain-sprintf.js';

const engine = openPolicies((Value.Default(Config, {}) as Config).policies);
afterAll(() => engine.close());

const formats = fc.array(
  fc.oneof(
    fc.constantFrom('%s', '%d', '%v', '%v', '%%', '%', '%5d', '%-s', '%q', '%x', '%.2f', '%[1]v', '%!', '\n'),
    fc.string({ unit: 'binary', maxLength: 4 }),
  ),
  { maxLength: 5 },
);
const operand = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom('"', '\\', ',', '[1]', '%d', '\u0000', '\u2028', 'é', '<b>&'),
  fc.constantFrom(null, 1.5, 1e300, -0, 2 ** 53, [1], { a: 1 }),
);

it('says what OPA says', async () => {
  const policy = await engine.compile({
    modules: { 'p.rego': 'package p\n\nd := sprintf(input.format, input.list)' },
  });
  const run = { policy, data: '{}' };
  const cases = fc.sample(fc.tuple(formats, fc.array(operand, { maxLength: 4 })), {
    numRuns: 3_000,
    seed: 5,
  });
  // Half of them with as many operands as the format has verbs: else few would be plain.
  const inputs = cases.map(([parts, list], i) => {
    const verbs = parts.filter((part) => /^%[sdv]$/.test(part)).length;
    return { format: parts.join(''), list: i % 2 === 0 ? list.slice(0, verbs) : list };
  });
  const decisions = inputs.map((input) => ({ path: 'p/d', input: JSON.stringify(input), nowNs: 0n }));
  const [ours, opas] = await Promise.all([engine.evaluate(run, decisions), engine.reference(run, decisions)]);
  expect(ours).toEqual(opas);
  const plain = inputs.filter(
    ({ format, list }) => plainSprintf([JSON.stringify(format), JSON.stringify(list)]) !== null,
  );
  expect(plain.length).toBeGreaterThan(500);
});

it.each([
  ['"%v"', '[{1}]'],
  ['"%v"', '[9007199254740993]'],
  ['"%v"', '[1.0]'],
  ['"%v"', '[1e3]'],
  ['"%d"', '["a"]'],
  ['"%s"', '[1]'],
  ['"%s"', '["a", "b"]'],
  ['"%s"', '[]'],
  ['"%05d"', '[1]'],
  ['"%"', '[]'],
  ['"%s"', 'set()'],
  ['1', '[]'],
])('leaves %s of %s to OPA', (format, list) => {
  expect(plainSprintf([format, list])).toBeNull();
});
