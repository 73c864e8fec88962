/**
 * The engine against OPA itself: the binary, as a server with the same policies and data, is asked every decision too.
 * Where they differ, OPA's evaluator in our module must agree with OPA, and the policy must have said that it may.
 */
import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Config } from '../../schemas/config.js';
import { canonicalJson } from '../sources/canonical-json.js';
import { resolvePointer } from '../sources/json-scan.js';
import { type RunningOpa, startOpa } from '../testing/opa.js';
import { CASE_DATA, CASES } from '../testing/policy/cases.js';
import { policyInputs } from '../testing/policy/inputs.js';
import type { DecisionInput, Evaluated } from './contract.js';
import { openPolicies } from './open.js';

const DECISIONS = Number(process.env.POLICY_DECISIONS ?? 2_500);
const AT_ONCE = 8;

const limits = (Value.Default(Config, {}) as Config).policies;
const engine = openPolicies({ ...limits, decisionMaxMs: 5_000 });
const files = Object.fromEntries(CASES.map(({ name, text }) => [`${name}.rego`, text]));
let opa: RunningOpa;

beforeAll(async () => {
  opa = await startOpa({ files: { ...files, 'data.json': JSON.stringify(CASE_DATA) } });
}, 600_000);
afterAll(async () => {
  await opa?.stop();
  await engine.close();
});

/** What OPA's server says; errors of any kind are one. */
async function askOpa({ path, input }: DecisionInput): Promise<string> {
  const answer = await fetch(`${opa.url}/v1/data/${path}`, { method: 'POST', body: `{"input":${input}}` });
  const text = await answer.text();
  if (!answer.ok) return 'error';
  return resolvePointer(canonicalJson(text), '/result') ?? 'undefined';
}

const told = (outcome: Evaluated): string => (outcome.kind === 'value' ? outcome.json : outcome.kind);

async function askAll(decisions: readonly DecisionInput[]): Promise<string[]> {
  const answers: string[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < decisions.length; at = next++) answers[at] = await askOpa(decisions[at]!);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answers;
}

it(`decides ${DECISIONS} times as OPA does, or says where it may not`, async () => {
  const policy = await engine.compile({ modules: files });
  const run = { policy, data: JSON.stringify(CASE_DATA) };
  const paths = policy.entrypoints.filter((path) => /\/d(_|$)/.test(path));
  expect(CASES.length).toBeGreaterThanOrEqual(30);
  const inputs = policyInputs(7, Math.ceil(DECISIONS / paths.length));
  const decisions = inputs.flatMap((input) => paths.map((path) => ({ path, input, nowNs: 0n })));
  const [ours, theirs] = await Promise.all([engine.evaluate(run, decisions), askAll(decisions)]);
  expect(ours.length).toBe(decisions.length);
  const differing = decisions.filter((_decision, at) => told(ours[at]!) !== theirs[at]);
  const reference = new Map(
    (await engine.reference(run, differing)).map((outcome, at) => [differing[at]!, told(outcome)]),
  );
  const mayDiffer = new Set(CASES.filter(({ order }) => order).map(({ name }) => name));
  const unexplained = decisions
    .map((decision, at) => ({
      decision,
      ours: told(ours[at]!),
      opa: theirs[at],
      exact: reference.get(decision),
    }))
    .filter(
      ({ decision, ours: own, opa: their, exact }) =>
        own !== their && !(exact === their && mayDiffer.has(decision.path.split('/')[1]!)),
    );
  expect(unexplained.slice(0, 20)).toEqual([]);
  // The caveats name just these policies, and at least one decision of theirs did differ.
  expect(new Set(policy.caveats.map(({ file }) => file.replace('.rego', '')))).toEqual(mayDiffer);
  expect(differing.length).toBeGreaterThan(0);
  expect(new Set(theirs).size).toBeGreaterThan(paths.length);
  for (const kind of ['true', 'false', 'undefined', 'error']) expect(theirs).toContain(kind);
}, 600_000);
