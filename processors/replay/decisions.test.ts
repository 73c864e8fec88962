/**
 * Decisions of real runs against a plain re-computation: which events are folded and with which states comes from the
 * oracle, what was recorded from what was sent, and what the rules say from the test's own rules.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Outcome, Transition } from '../../schemas/decision.js';
import type { JobSpec, ReplayPlan } from '../../schemas/job.js';
import { RANDOM_JOB_END_NS, RANDOM_JOB_START_NS } from '../generate/random-events.js';
import { compileRules } from '../policy/rules-policy.js';
import { builtInRules } from '../rules/built-in.js';
import type { DecisionView } from '../rules/decisions.js';
import type { Decision, RuleEngine, RuleInput } from '../rules/rule-set.js';
import { formatRfc3339Ns, parseRfc3339Ns } from '../sources/time.js';
import { JobLog } from '../store/job-log.js';
import { UnitLog } from '../store/unit-log.js';
import { parseJson, text } from '../testing/oracle/json.js';
import { runOracle } from '../testing/oracle/oracle.js';
import type { OracleSnapshot, SentEvent, SentRecord } from '../testing/oracle/types.js';
import { builtIn, operations } from '../testing/oracle-run/encodings.js';
import { outgoing, sendOutgoing } from '../testing/oracle-run/outgoing.js';
import { type JobChoice, openRig, oracleJob, type Rig, specOf, TENANT } from '../testing/oracle-run/rig.js';
import { Beats } from './beats.js';
import type { FoldingBody } from './pipeline.js';
import type { JobView } from './service.js';
import { runFoldTask } from './task-fold.js';
import type { TaskRules } from './tasks.js';
import { runUnit } from './unit-runner.js';

const EVENTS = 6_000;
const CHOICE: JobChoice = { encoding: builtIn, ordering: 'event_time', snapshots: 'all' };

let rig: Rig;
let sent: SentRecord[];

beforeAll(async () => {
  rig = await openRig('audit-events', { 'replay.batchBytes': 1 << 16, 'replay.unitEvents': 1500 }, 2);
  sent = await sendOutgoing(rig.rewind.appender, outgoing({ seed: 21, events: EVENTS }, rig.schemaIds));
}, 120_000);
afterAll(() => rig?.stop());

async function run(change: Partial<JobSpec>, choice = CHOICE): Promise<JobView> {
  const { replay } = rig.rewind;
  const spec: JobSpec = { ...(await specOf(rig, choice)), job_type: 'DecisionOnly', ...change };
  const { jobId } = await replay.create(TENANT, spec, 'test');
  for (;;) {
    const job = await replay.get(TENANT, jobId);
    if (job.status === 'Complete') return job;
    if (job.status === 'Failed') throw new Error(JSON.stringify(job.error));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** One folded event as the test sees it. */
interface Folded {
  readonly snapshot: OracleSnapshot;
  readonly event: SentEvent;
  /** Canonical JSON; empty: none. */
  readonly recorded: string;
}

function folded(choice = CHOICE): Folded[] {
  return runOracle(sent, oracleJob(choice)).snapshots.map((snapshot) => {
    const event = sent[Number(snapshot.offset)]!.event!;
    const decision = event.decisionJson ? text(parseJson(event.decisionJson)) : '';
    return { snapshot, event, recorded: decision === 'null' ? '' : decision };
  });
}

/** The input that rules must have been given. */
function inputOf({ snapshot, event, recorded }: Folded): RuleInput {
  const members: [string, string][] = [
    ['event_id', text(snapshot.eventId)],
    ['event_type', text(snapshot.eventType)],
    ['entity_type', text(snapshot.entityType)],
    ['entity_id', text(snapshot.entityId)],
    ['tenant_id', text(event.tenantId)],
    ['occurred_at', text(formatRfc3339Ns(event.occurredAtNs))],
    ['payload', text(parseJson(event.payloadJson))],
  ];
  for (const name of ['actor', 'action', 'severity'] as const)
    if (event[name]) members.push([name, text(event[name])]);
  if (recorded !== '') members.push(['decision', recorded]);
  const sorted = members.sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    event: `{${sorted.map(([name, json]) => `"${name}":${json}`).join(',')}}`,
    stateBefore: snapshot.stateBefore,
    stateAfter: snapshot.stateAfter,
    occurredAtNs: event.occurredAtNs,
  };
}

/** Rules that look at everything and give every kind of answer; objects repeat what they saw. */
function decideByTest(input: RuleInput): Decision {
  switch (input.event.length % 6) {
    case 0:
      return { result: undefined };
    case 1:
      return { result: undefined, error: `cannot judge ${input.stateAfter.length}` };
    case 2:
      return { result: 'true' };
    case 3:
      return { result: 'false' };
    case 4:
      return { result: '"maybe"' };
    default:
      return {
        result: `{"after":${input.stateAfter},"allow":${input.stateBefore.length % 2 === 0},"before":${input.stateBefore},"event":${input.event}}`,
      };
  }
}

const TEST_VERSION = 7;
const engine: RuleEngine = {
  open: async (rules) =>
    rules.version === TEST_VERSION ? { decide: decideByTest } : builtInRules.open(rules),
};
const builtInVersion = { version: 1, hash: 'h', definitionJson: '{}' };
const testRules = { ...builtInVersion, version: TEST_VERSION };

/** Written apart from the code under test, from what the words mean. */
function outcome(decision: Decision): Outcome {
  if (decision.error !== undefined) return 'error';
  if (decision.result === undefined) return 'undefined';
  const value: unknown = JSON.parse(decision.result);
  const verdict = typeof value === 'object' && value !== null ? (value as { allow?: unknown }).allow : value;
  return verdict === true ? 'allow' : verdict === false ? 'deny' : 'other';
}

interface Expected {
  readonly eventId: string;
  readonly entityId: string;
  readonly foldSeq: string;
  readonly decisionJson: string | null;
  readonly error: string | null;
  readonly beforeJson: string | null;
  readonly was: Outcome;
  readonly now: Outcome;
  readonly transition: Transition;
}

function expectation(
  one: Folded,
  rules: (input: RuleInput) => Decision,
  baseline: typeof rules | null,
): Expected {
  const input = inputOf(one);
  const now = rules(input);
  const before = baseline?.(input) ?? null;
  const is = outcome(now);
  const recorded = one.recorded === '' ? 'none' : outcome({ result: one.recorded });
  const was = before === null ? recorded : outcome(before);
  const beforeJson = before === null ? one.recorded || null : (before.result ?? null);
  const same = was === is && (is === 'undefined' || is === 'error' || beforeJson === now.result);
  let transition: Transition = 'changed';
  if (was === 'none') transition = 'unrecorded';
  else if (same) transition = 'unchanged';
  else if (is === 'error') transition = 'to_error';
  else if (is === 'undefined') transition = 'to_undefined';
  else if (`${was} ${is}` === 'allow deny') transition = 'allow_to_deny';
  else if (`${was} ${is}` === 'deny allow') transition = 'deny_to_allow';
  return {
    eventId: one.snapshot.eventId,
    entityId: one.snapshot.entityId,
    foldSeq: String(one.snapshot.foldSeq),
    decisionJson: now.result ?? null,
    error: now.error ?? null,
    beforeJson,
    was,
    now: is,
    transition,
  };
}

const keyOf = (one: { entityId: string; eventId: string; foldSeq: string }) =>
  `${one.entityId} ${one.foldSeq.padStart(9, '0')} ${one.eventId}`;
const byKey = <T extends Parameters<typeof keyOf>[0]>(rows: readonly T[]): T[] =>
  [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

async function listed(jobId: string, transition?: Transition): Promise<DecisionView[]> {
  const items: DecisionView[] = [];
  let cursor: string | undefined;
  do {
    const page = await rig.rewind.decisions.list(TENANT, jobId, {
      limit: 700,
      ...(cursor === undefined ? {} : { cursor }),
      ...(transition === undefined ? {} : { transition }),
    });
    items.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return items;
}

async function compare(jobId: string, expected: readonly Expected[]): Promise<void> {
  const real = await listed(jobId);
  expect(real.length).toBe(expected.length);
  const shown = byKey(real);
  for (const [at, one] of byKey(expected).entries()) expect(shown[at]).toMatchObject({ ...one });
  const report = await rig.rewind.decisions.transitions(TENANT, jobId, { limit: 1000, samples: 2 });
  expect(report.decided).toBe(expected.length);
  for (const [name, count] of Object.entries(report.totals))
    expect([name, count]).toEqual([name, expected.filter((one) => one.transition === name).length]);
  let grouped = 0;
  for (const group of report.groups.items) {
    grouped += group.count;
    expect(group.samples.length).toBe(Math.min(2, group.count));
    for (const sample of group.samples) {
      const { transition, eventType, was, now } = sample;
      expect({ transition, eventType, was, now }).toEqual({
        transition: group.transition,
        eventType: group.eventType,
        was: group.was,
        now: group.now,
      });
    }
  }
  expect(grouped).toBe(expected.length);
}

const allow = (): Decision => ({ result: 'true' });

describe('DecisionOnly', () => {
  test('puts each event that is folded to the built-in rules, against what was recorded', async () => {
    const job = await run({});
    const expected = folded().map((one) => expectation(one, allow, null));
    await compare(job.jobId, expected);
    expect(job.counters.processed).toBe(expected.length);
    expect(Object.values(job.result!.transitions!).reduce((a, b) => a + b, 0)).toBe(job.counters.processed);
    expect(job.result!.transitions!.deny_to_allow).toBeGreaterThan(0);
    expect(job.result!.transitions!.unrecorded).toBeGreaterThan(0);
    expect(job.plan).toMatchObject({ foldIn: 'worker', foldReason: expect.stringContaining('rules') });
    expect(job.counters.changed).toBe(folded().filter(({ snapshot }) => snapshot.changes > 0).length);
    // Nothing else of the run is stored.
    expect(job.counters.snapshots).toBe(0);
    const rows = await rig.store.query(
      `SELECT 1 FROM ${rig.store.t('snapshots')} WHERE job_id = {job:String} LIMIT 1`,
      { job: job.jobId },
    );
    expect(rows).toEqual([]);
    const view = await rig.store.query<{ transition: Transition; count: string }>(
      `SELECT transition, toString(count()) AS count FROM ${rig.store.t('v1_decisions')}
       WHERE job_id = {job:String} GROUP BY transition`,
      { job: job.jobId },
    );
    for (const { transition, count } of view)
      expect([transition, Number(count)]).toEqual([transition, job.result!.transitions![transition]]);
  }, 120_000);

  test('with a baseline compares rules with rules', async () => {
    const job = await run({ baseline_rule_version: 1 });
    await compare(
      job.jobId,
      folded().map((one) => expectation(one, allow, allow)),
    );
    expect(job.result!.transitions!.unchanged).toBe(job.counters.processed);
  }, 120_000);

  test('lists one kind of transition, and refuses what is no page of it', async () => {
    const job = await run({});
    const some = await listed(job.jobId, 'deny_to_allow');
    expect(some.length).toBe(job.result!.transitions!.deny_to_allow);
    expect(some.every((one) => one.transition === 'deny_to_allow')).toBe(true);
    const { decisions } = rig.rewind;
    await expect(decisions.list(TENANT, job.jobId, { limit: 1, cursor: 'AAAA' })).rejects.toMatchObject({
      code: 'cursor_invalid',
    });
    await expect(decisions.list('somebody', job.jobId, { limit: 1 })).rejects.toMatchObject({
      code: 'job_not_found',
    });
  }, 120_000);

  test('goes on from the states of an earlier run, and decides about what is behind it', async () => {
    const middle = (RANDOM_JOB_START_NS + RANDOM_JOB_END_NS) / 2n;
    const base = await run({ job_type: 'StateRebuild', time_range_end: formatRfc3339Ns(middle) });
    const job = await run({
      time_range_start: formatRfc3339Ns(middle + 1n),
      from_snapshot_of: base.jobId,
    });
    const behind = (row: { timestamp: string }) => parseRfc3339Ns(row.timestamp) > middle;
    const real = (await listed(job.jobId)).filter(behind).map(keyOf).sort();
    const expected = folded().filter(({ snapshot }) => snapshot.occurredAtNs > middle);
    expect(real).toEqual(expected.map((one) => keyOf(expectation(one, allow, null))).sort());
    expect(real.length).toBeGreaterThan(100);
  }, 120_000);

  test('a baseline without anything to decide is refused', async () => {
    await expect(run({ job_type: 'StateRebuild', baseline_rule_version: 1 })).rejects.toMatchObject({
      code: 'field_invalid',
      pointer: '/baseline_rule_version',
    });
    await expect(run({ rule_version: 99 })).rejects.toMatchObject({
      code: 'version_unknown',
      pointer: '/rule_version',
    });
  });
});

/** The units of a finished job once more, for a job of another name and with rules of the test. */
async function decideAgain(
  job: JobView,
  name: string,
  rules: TaskRules,
  change: Partial<JobView['spec']> = {},
): Promise<Record<string, number>> {
  const { store, config } = rig;
  const jobLog = new JobLog(store);
  const unitLog = new UnitLog(store);
  const { state } = (await jobLog.read(TENANT, job.jobId))!;
  const folding = state.folding as FoldingBody;
  const { definition: encoding } = await rig.rewind.encodings.get(TENANT, job.spec.encodingVersion);
  // Complete in the same insert: the rig's own workers must not take it for work of theirs.
  await store.insertRows(
    'job_events',
    [
      { kind: 'created', body: JSON.stringify(state.spec) },
      { kind: 'complete', body: 'null' },
    ].map((event) => ({ job_id: name, tenant_id: TENANT, actor: 'test', ...event })),
  );
  const beats = new Beats(unitLog, 'test', 60_000);
  const totals: Record<string, number> = {};
  for (const range of folding.units) {
    const outcome = await runUnit({
      unitLog,
      beats,
      worker: 'test',
      scope: name,
      unit: range.unit,
      holderSilent: false,
      work: async (claim) => {
        const counters = await runFoldTask(
          store,
          {
            kind: 'fold',
            jobId: name,
            claim,
            unit: range.unit,
            spec: { ...job.spec, ...change },
            encoding,
            input: folding.input,
            range,
            losers: folding.losers,
            repeated: folding.repeated,
            rules,
            foldIn: (state.plan as ReplayPlan).foldIn,
            limits: {
              batchBytes: config.replay.batchBytes,
              maxFailures: config.replay.maxFailures,
              maxEventsPerEntity: config.replay.maxEventsPerEntity,
              statementMaxSeconds: config.store.statementMaxSeconds,
              samples: 0,
              sampleMaxBytes: 0,
            },
          },
          new AbortController().signal,
          undefined,
          engine,
        );
        for (const [counter, count] of Object.entries(counters))
          totals[counter] = (totals[counter] ?? 0) + count;
        return counters;
      },
    });
    expect(outcome).toBe('sealed');
  }
  beats.close();
  return totals;
}

describe('rules that see event and states', () => {
  test.each([
    { name: 'against what was recorded', choice: CHOICE, rules: { rules: testRules, baseline: null } },
    {
      name: 'against the built-in rules, with states that operations make',
      choice: { ...CHOICE, encoding: operations, ordering: 'log' as const },
      rules: { rules: testRules, baseline: builtInVersion },
    },
    {
      name: 'as the baseline',
      choice: CHOICE,
      rules: { rules: builtInVersion, baseline: testRules },
    },
  ])(
    '$name',
    async ({ name, choice, rules }) => {
      const job = await run({}, choice);
      const again = `again ${name}`;
      const totals = await decideAgain(job, again, rules);
      const of = (one: { version: number } | null) =>
        one === null ? null : one.version === TEST_VERSION ? decideByTest : allow;
      const expected = folded(choice).map((one) => expectation(one, of(rules.rules)!, of(rules.baseline)));
      await compare(again, expected);
      expect(totals.processed).toBe(expected.length);
      expect(new Set(expected.map((one) => one.transition)).size).toBeGreaterThan(2);
    },
    120_000,
  );

  test('decide beside the snapshots of a rebuild, and are only counted in a dry run', async () => {
    const job = await run({});
    const rules = { rules: testRules, baseline: null };
    const expected = folded().map((one) => expectation(one, decideByTest, null));
    const ruleVersion = TEST_VERSION;
    await decideAgain(job, 'rebuilt', rules, { jobType: 'StateRebuild', ruleVersion });
    await compare('rebuilt', expected);
    const rows = async (table: string, name: string) =>
      (
        await rig.store.query<{ count: string }>(
          `SELECT toString(count()) AS count FROM ${rig.store.t(table)} WHERE job_id = {name:String}`,
          { name },
        )
      )[0]!.count;
    expect(await rows('v1_snapshots', 'rebuilt')).toBe(String(expected.length));
    const dry = await decideAgain(job, 'dry', rules, { jobType: 'DryRun', ruleVersion });
    expect(await rows('decisions', 'dry')).toBe('0');
    expect(dry['decided.to_error']).toBe(expected.filter((one) => one.transition === 'to_error').length);
  }, 120_000);
});

/** Every kind of answer, by what only the event, its time and its states say. */
const REGO = `package judge

ns := time.parse_rfc3339_ns(input.event.occurred_at)

kind := floor(ns / 1000000) % 6

verdict := true if kind == 0
verdict := false if kind == 1
verdict := "maybe" if kind == 2
verdict := {
  "allow": count(input.state_before) % 2 == 0,
  "fields": object.keys(input.state_after),
  "is_now": time.now_ns() == ns,
  "state": input.state_after,
  "text": sprintf("%v %v", [input.event.event_type, data.words]),
} if kind == 3
verdict := 1 if kind == 4
verdict := 2 if kind == 4
`;

describe('rules in Rego', () => {
  const definition = {
    name: 'judge',
    entrypoint: 'judge/verdict',
    modules: { 'judge.rego': REGO },
    data: { words: ['a', 1.5] },
  };

  /** What OPA's own evaluator says of every folded event. */
  async function byOpa(expected: readonly Folded[]): Promise<Map<string, Decision>> {
    const { policies } = rig.rewind;
    const { run: policy } = await compileRules(policies, JSON.stringify(definition));
    const inputs = expected.map(inputOf);
    const outcomes = await policies.reference(
      policy,
      inputs.map((input) => ({
        path: 'judge/verdict',
        input: `{"event":${input.event},"state_before":${input.stateBefore},"state_after":${input.stateAfter}}`,
        nowNs: input.occurredAtNs,
      })),
    );
    const decided = outcomes.map((outcome): Decision => {
      if (outcome.kind === 'value') return { result: outcome.json };
      return outcome.kind === 'undefined' ? { result: undefined } : { result: undefined, error: 'failed' };
    });
    return new Map(inputs.map((input, at) => [input.event, decided[at]!]));
  }

  test('decide as OPA does, against what was recorded and against other rules', async () => {
    const saved = await rig.rewind.rules.save(TENANT, definition, 'test');
    const opa = await byOpa(folded());
    const judge = (input: RuleInput): Decision => opa.get(input.event)!;
    for (const baseline of [null, allow]) {
      const change = baseline === null ? {} : { baseline_rule_version: 1 };
      const job = await run({ rule_version: saved.version, ...change });
      const expected = folded().map((one) => {
        const row = expectation(one, judge, baseline);
        const error =
          row.error === null ? null : expect.stringMatching(/^policy_error: judge\.rego:\d+:\d+: /);
        return { ...row, error: error as string | null };
      });
      await compare(job.jobId, expected);
      const kinds = new Set(expected.map(({ now }) => now));
      expect([...kinds].sort()).toEqual(['allow', 'deny', 'error', 'other', 'undefined']);
    }
  }, 120_000);

  test('that do not end fail the unit, and the next job runs', async () => {
    const ns = '[0 | some x in numbers.range(1, 300)]';
    const loops = 'some a in ns; some b in ns; some c in ns; some d in ns; a < b; b < c; c < d';
    const modules = { 'm.rego': `package m\nns := ${ns}\nallow if { ${loops} }` };
    const hangs = await rig.rewind.rules.save(TENANT, { name: 'h', entrypoint: 'm/allow', modules }, 'test');
    await expect(run({ rule_version: hangs.version })).rejects.toThrow(/"code":"policy_timeout".*decision/);
    expect((await run({})).status).toBe('Complete');
  }, 120_000);
});
