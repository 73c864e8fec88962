/**
 * Log replays by worker processes that are killed and frozen in mid-unit: what is found at the end is what the levels of the
 * decisions say, each change once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestRewind, type TestRewind } from '../testing/test-rewind.js';
import type { BaseKind } from './bases.js';
import type { ReplayDecision } from './decision.js';
import { Tally, type TallyLimits, type Verdict } from './tally.js';
import { countedIn, tallyText } from './tally-text.js';

const TENANT = 'acme';
const COUNT = 600;
const rego = (least: number) =>
  `package door\n\ndefault allow := false\n\nallow if input.level >= ${least}\n`;

let real: TestRewind;

beforeAll(async () => {
  real = await openTestRewind({
    flags: {
      'logReplay.batchOffsets': 25,
      'logReplay.jobUnitOffsets': 100,
      'logReplay.jobPollMs': 50,
      'replay.leaseMs': 1_500,
      'policies.threads': 1,
    },
  });
  const { bundles, decisionLogs } = real.rewind;
  const modules = new Map([['door.rego', rego(3)]]);
  await bundles.save(TENANT, 'r1', { regoVersion: 1, modules, data: '{}' }, 'test');
  const records = Array.from({ length: COUNT }, (_, i) => {
    const decision = {
      decision_id: `d${i}`,
      path: 'door/allow',
      input: { level: i % 8 },
      result: i % 8 >= 3,
      timestamp: new Date(Date.UTC(2024, 0, 1) + i).toISOString(),
      bundles: { door: { revision: 'r1' } },
    };
    const parsed = decisionLogs.parse(Buffer.from(JSON.stringify(decision)), TENANT, '');
    if (!parsed.ok) throw new Error(parsed.message);
    return parsed.record;
  });
  await decisionLogs.append(records);
}, 120_000);
afterAll(() => real?.close());

test('workers that die or freeze in mid-unit change nothing of what is found', async () => {
  const { logReplayJobs } = real.rewind;
  const policies = { door: rego(5) };
  const { replayId } = await logReplayJobs.create(TENANT, { policies }, 'test');
  for (const failpoint of ['unit.claimed:2', 'unit.stored:2']) {
    const worker = real.startWorker(1, failpoint);
    while (worker.alive) await sleep(50);
    expect(worker.signal).toBe('SIGKILL');
  }
  expect(await logReplayJobs.get(TENANT, replayId)).toMatchObject({ status: 'Running', endedMs: null });
  const frozen = real.startWorker(1, 'unit.stored:1:freeze');
  while (!frozen.frozen) await sleep(50);
  real.startWorker();
  real.startWorker();
  let job = await logReplayJobs.get(TENANT, replayId);
  while (job.endedMs === null) {
    await sleep(50);
    job = await logReplayJobs.get(TENANT, replayId);
  }
  frozen.wake();
  await sleep(300);
  const changed = Array.from({ length: COUNT }, (_, i) => i).filter((i) => i % 8 === 3 || i % 8 === 4);
  expect(job).toMatchObject({ status: 'Complete', observed: COUNT, changed: changed.length });
  const found = await logReplayJobs.result(TENANT, replayId);
  expect(Object.fromEntries(found!.tally.classes)).toEqual({
    unchanged: COUNT - changed.length,
    changed: changed.length,
  });
  const page = await logReplayJobs.decisions(TENANT, replayId, { limit: COUNT });
  expect(page.items.map(({ offset }) => offset)).toEqual(changed.map(String));
}, 180_000);

const LIMITS: TallyLimits = {
  groupsMax: 1_000,
  samplesMaxBytes: 1 << 20,
  affectedMax: 1_000,
  resultShownBytes: 100,
};
const AFFECTED = ['/input/who', '/input/none'];

const verdicts = fc.array(
  fc.record({
    class: fc.constantFrom('unchanged', 'changed', 'failed', 'not_reproduced', 'not_replayable'),
    path: fc.constantFrom('a', 'b/c'),
    who: fc.integer({ min: 0, max: 3 }),
    ns: fc.bigInt({ min: 0n, max: 1n << 62n }),
    after: fc.constantFrom('true', 'false', `"${'x'.repeat(200)}"`),
    base: fc.constantFrom<BaseKind>('logged', 'current'),
  }),
  { maxLength: 40 },
);

function verdictOf(one: ReturnType<typeof verdicts.generate>['value'][number], i: number): Verdict {
  const input = `{"who":${one.who}}`;
  const payload = `{"decision_id":"d${i}","input":${input},"path":"${one.path}","result":true}`;
  const decision = { path: one.path.split('/'), input, ns: one.ns, revision: 'r', payload };
  const failed = one.class === 'failed';
  return {
    decision: decision as unknown as ReplayDecision,
    class: one.class,
    ...(one.class.startsWith('not_') ? { reason: 'why' } : {}),
    base: one.base,
    way: [],
    before: { kind: 'value', json: 'true' },
    after: failed ? { kind: 'error', message: 'e' } : { kind: 'value', json: one.after },
    was: 'allow',
    is: failed ? 'error' : one.after === 'true' ? 'allow' : 'deny',
  };
}

test('findings are the same however decisions are shared out over units', () => {
  fc.assert(
    fc.property(verdicts, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }), (made, sizes) => {
      const whole = new Tally(LIMITS, AFFECTED);
      const merged = new Tally(LIMITS, AFFECTED);
      const rest = made.map(verdictOf);
      for (const one of rest) whole.add(one);
      whole.error({ code: 'c', message: 'm' }, made.length);
      for (let i = 0; rest.length > 0; i++) {
        const unit = new Tally(LIMITS, AFFECTED);
        const some = rest.splice(0, sizes[i] ?? 5);
        for (const one of some) unit.add(one);
        unit.error({ code: 'c', message: 'm' }, some.length);
        merged.addAll(countedIn(tallyText(unit)));
      }
      if (made.length === 0) merged.error({ code: 'c', message: 'm' }, 0);
      expect(countedIn(tallyText(merged))).toEqual(countedIn(tallyText(whole)));
    }),
  );
});
