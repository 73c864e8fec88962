/**
 * `npm run bench:policy`: decisions a second on one core, against `opa bench` on the same policies, data and inputs, one
 * after the other in one run. Ours includes reading the input from JSON and writing the result as JSON, OPA's does not.
 * Nothing is remembered between decisions on either side. Apart from that: what a log replay gains where equal inputs
 * are decided once.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../processors/config/load.js';
import { Analysis } from '../processors/logreplay/analysis.js';
import type { Base } from '../processors/logreplay/bases.js';
import { analysisLimits } from '../processors/logreplay/timed-replays.js';
import type { CompiledPolicy, Policies } from '../processors/policy/contract.js';
import { openPolicies } from '../processors/policy/open.js';
import { PolicyRunner, ThreadOpa } from '../processors/policy/policy-runner.js';
import { canonicalJson } from '../processors/sources/canonical-json.js';
import { opaBinary } from '../processors/testing/opa.js';
import { CASE_DATA, CASES } from '../processors/testing/policy/cases.js';
import { policyInputs } from '../processors/testing/policy/inputs.js';
import { writeFigures } from './figures.js';
import { type PolicyRow, saveResults } from './results.js';

/** Policies as people have them; `violations` formats text, for which OPA's own function is called. */
const POLICIES = [
  'rbac',
  'abac',
  'deny_overrides',
  'defaults_and_else',
  'functions',
  'every_item',
  'networks',
  'regex',
  'violations',
];
/** V8 compiles anew what runs often, for some seconds. */
const WARM_MS = 3_000;

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '2' },
    'no-save': { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const wholeInputs = policyInputs(11, Number(values.inputs));
const data = JSON.stringify(CASE_DATA);

/** Inputs with the fields that the policy names, canonical as logs have them. */
function inputsOf(text: string): string[] {
  const named = new Set([...text.matchAll(/input\.(\w+)/g)].map(([, name]) => name!));
  return wholeInputs.map((input) => {
    const fields = Object.entries(JSON.parse(input) as object).filter(([name]) => named.has(name));
    return canonicalJson(JSON.stringify(Object.fromEntries(fields)));
  });
}

/** Nanoseconds of a decision by `opa bench`, mean over the inputs; one processor, as ours. */
function benchOpa(binary: string, directory: string, name: string, inputs: readonly string[]): number {
  const times = inputs.map((input, at) => {
    const file = join(directory, `input-${at}.json`);
    writeFileSync(file, input);
    const argv = [
      'bench',
      '--fail=false',
      '--format=json',
      '--metrics=false',
      '--benchmem=false',
      '-i',
      file,
    ];
    const query = `data.cases.${name}.d`;
    const out = execFileSync(binary, [...argv, '-d', join(directory, 'policy'), query], {
      env: { ...process.env, GOMAXPROCS: '1' },
    });
    const { N, T } = JSON.parse(out.toString()) as { N: number; T: number };
    return T / N;
  });
  return mean(times);
}

/** The same of ours, in this thread, as a thread of the engine decides. */
function benchRewind(policy: CompiledPolicy, name: string, inputs: readonly string[]): number {
  const runner = new PolicyRunner({ policy, data }, config.policies, new ThreadOpa());
  const decisions = inputs.map((input) => ({ path: `cases/${name}/d`, input, nowNs: 0n }));
  const round = (): void => {
    for (const decision of decisions) runner.decide(decision);
  };
  for (const end = performance.now() + WARM_MS; performance.now() < end; ) round();
  const begun = performance.now();
  let rounds = 0;
  for (; performance.now() - begun < seconds * 1000; rounds += 100) for (let i = 0; i < 100; i++) round();
  return ((performance.now() - begun) * 1e6) / (rounds * decisions.length);
}

/** A log of decisions, each input among them equally often. */
const LOG = { policy: 'abac', decisions: 40_000, inputs: 200, batch: 10_000 } as const;

/** Nanoseconds of a decision in a log replay: reading the log's text, control run, proposal and comparison included. */
async function benchReplay(
  policies: Policies,
  policy: CompiledPolicy,
  memoDecisions: number,
): Promise<number> {
  const run = { policy, data };
  const base: Base = {
    id: 'bench',
    kind: 'logged',
    control: run,
    proposed: run,
    controlFailed: false,
    proposalError: null,
    affects: () => true,
  };
  const inputs = policyInputs(11, LOG.inputs).map((input) => canonicalJson(input));
  const path = `cases/${LOG.policy}/d`;
  const rows = Array.from({ length: LOG.batch }, (_, i) => ({
    offset: BigInt(i),
    eventId: String(i),
    occurredAtNs: 0n,
    path,
    revision: '',
    payload: canonicalJson(`{"decision_id":"${i}","input":${inputs[i % inputs.length]},"path":"${path}"}`),
  }));
  const replay = async (decisions: number): Promise<void> => {
    const analysis = new Analysis(
      policies,
      { of: async () => base },
      {
        scopes: [],
        decisionPatches: [],
        significant: [],
        verdictFields: [],
        deterministic: true,
        affectedBy: [],
      },
      { ...analysisLimits(config.logReplay), memoDecisions },
    );
    for (let done = 0; done < decisions; done += rows.length) await analysis.batch(rows, {});
  };
  await replay(LOG.batch);
  const begun = performance.now();
  await replay(LOG.decisions);
  return Math.round(((performance.now() - begun) * 1e6) / LOG.decisions);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}

const round2 = (value: number): number => Math.round(value * 100) / 100;

const binary = await opaBinary();
const { config } = loadConfig({ env: {} });
const engine = openPolicies(config.policies);
const directory = mkdtempSync(join(tmpdir(), 'rewind-policy-'));
try {
  const rows: PolicyRow[] = [];
  for (const name of POLICIES) {
    const { text } = CASES.find((one) => one.name === name)!;
    rmSync(join(directory, 'policy'), { recursive: true, force: true });
    mkdirSync(join(directory, 'policy'));
    writeFileSync(join(directory, 'policy', 'p.rego'), text);
    writeFileSync(join(directory, 'policy', 'data.json'), data);
    const inputs = inputsOf(text);
    const policy = await engine.compile({ modules: { 'p.rego': text }, entrypoints: [`cases/${name}/d`] });
    const rewindNs = Math.round(benchRewind(policy, name, inputs));
    const opaNs = Math.round(benchOpa(binary, directory, name, inputs));
    rows.push({ policy: name, opaNs, rewindNs, ratio: round2(opaNs / rewindNs) });
    process.stdout.write(
      `${name.padEnd(20)} OPA ${opaNs} ns, Rewind ${rewindNs} ns: × ${round2(opaNs / rewindNs)}\n`,
    );
  }
  // The mean of ratios is geometric: each policy counts alike.
  const ratio = round2(Math.exp(mean(rows.map((row) => Math.log(row.ratio)))));
  process.stdout.write(
    `× ${ratio} (geometric mean of ${rows.length} policies, ${wholeInputs.length} inputs each)\n`,
  );
  const text = CASES.find((one) => one.name === LOG.policy)!.text;
  const policy = await engine.compile({
    modules: { 'p.rego': text },
    entrypoints: [`cases/${LOG.policy}/d`],
  });
  const replay = {
    ...LOG,
    eachNs: await benchReplay(engine, policy, 0),
    rememberedNs: await benchReplay(engine, policy, LOG.inputs),
  };
  process.stdout.write(`log replay: ${replay.eachNs} ns a decision; remembered ${replay.rememberedNs} ns\n`);
  const figures = {
    policy: { inputs: wholeInputs.length, rows, replay },
    ratios: { policyVsOpaBench: ratio },
  };
  if (!values['no-save']) writeFigures(saveResults(figures));
} finally {
  rmSync(directory, { recursive: true, force: true });
  await engine.close();
}
