/**
 * Comparisons of finished runs of the real engine against the plain oracle, which compares the snapshots of both one by
 * one: by entity, by group, and event by event.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobSpec } from '../../schemas/job.js';
import type { JobView } from '../replay/service.js';
import { differingEventIds, expectedDifferences } from '../testing/compare-oracle.js';
import { runOracle } from '../testing/oracle/oracle.js';
import type { SentRecord } from '../testing/oracle/types.js';
import { builtIn, members, operations } from '../testing/oracle-run/encodings.js';
import { outgoing, sendOutgoing } from '../testing/oracle-run/outgoing.js';
import { type JobChoice, openRig, oracleJob, type Rig, runJob, TENANT } from '../testing/oracle-run/rig.js';
import { JANUARY } from '../testing/test-rewind.js';
import type { ComparisonView, EntityDifference, Signature } from './contract.js';

const SEP = ' | ';
const CHOICES = {
  builtIn: { encoding: builtIn, ordering: 'event_time', snapshots: 'all' },
  members: { encoding: members, ordering: 'event_time', snapshots: 'all' },
  changed: { encoding: operations, ordering: 'event_time', snapshots: 'changed' },
  final: { encoding: members, ordering: 'event_time', snapshots: 'final' },
} as const satisfies Record<string, JobChoice>;
type Name = keyof typeof CHOICES;

let rig: Rig;
let sent: SentRecord[];
const runs = new Map<Name, string>();

beforeAll(async () => {
  rig = await openRig('audit-events', { 'replay.unitEvents': 1000, 'compare.unitRows': 2000 }, 2);
  sent = await fill(rig);
  for (const name of Object.keys(CHOICES) as Name[]) runs.set(name, (await complete(name)).jobId);
}, 180_000);
afterAll(() => rig?.stop());

const fill = ({ rewind, schemaIds }: Rig): Promise<SentRecord[]> =>
  sendOutgoing(rewind.appender, outgoing({ seed: 47, events: 1_500, entities: 150 }, schemaIds));

function complete(name: Name, change: Partial<JobSpec> = {}): Promise<JobView> {
  return runJob(rig, CHOICES[name], change);
}

async function compared(a: string, b: string): Promise<ComparisonView> {
  const { comparisons } = rig.rewind.compare;
  let view = await comparisons.compare(TENANT, { a, b }, 'tester');
  while (view.status !== 'Complete') {
    if (view.error !== null) throw new Error(view.error.message);
    await new Promise((resolve) => setTimeout(resolve, 20));
    view = await comparisons.get(TENANT, view.comparisonId);
  }
  return view;
}

async function pages<T>(
  page: (cursor: string | undefined) => Promise<{ items: readonly T[]; next: string | null }>,
): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | undefined; ; ) {
    const found = await page(cursor);
    items.push(...found.items);
    if (found.next === null) return items;
    cursor = found.next;
  }
}

const page = (limit: number, cursor: string | undefined) => ({
  limit,
  ...(cursor === undefined ? {} : { cursor }),
});
const entitiesOf = ({ comparisonId }: ComparisonView): Promise<EntityDifference[]> =>
  pages((cursor) => rig.rewind.compare.comparisons.entities(TENANT, comparisonId, page(60, cursor)));
const signaturesOf = ({ comparisonId }: ComparisonView): Promise<Signature[]> =>
  pages((cursor) =>
    rig.rewind.compare.comparisons.signatures(TENANT, comparisonId, { ...page(9, cursor), samples: 2 }),
  );

const line = (one: EntityDifference): string =>
  [
    `${one.entityType}/${one.entityId}`,
    one.presence,
    one.finalDiffers,
    ...one.differences.map(
      ({ field, beforeJson, afterJson }) => `${field} ${beforeJson ?? '-'} ${afterJson ?? '-'}`,
    ),
    one.events ?? 0,
    one.first?.eventId ?? '',
  ].join(SEP);

test.each<{ a: Name; b: Name; history: boolean }>([
  { a: 'builtIn', b: 'members', history: true },
  { a: 'members', b: 'changed', history: true },
  { a: 'builtIn', b: 'final', history: false },
])('$a against $b is what the snapshots say one by one', async ({ a, b, history }) => {
  const view = await compared(runs.get(a)!, runs.get(b)!);
  const [before, after] = [a, b].map((name) => runOracle(sent, oracleJob(CHOICES[name])).snapshots);
  const expected = expectedDifferences(before!, after!, 'event_time', history);
  const found = await entitiesOf(view);
  expect(found.length).toBeGreaterThan(20);
  expect(found.map(line).sort()).toEqual(
    expected.differing
      .map(({ entity, presence, finalDiffers, differences, events, first }) =>
        [entity, presence, finalDiffers, ...differences, events, first].join(SEP),
      )
      .sort(),
  );
  expect(view).toMatchObject({ history, percent: 100, totals: { entities: expected.entities } });
  const { entities, unchanged, ...parts } = view.totals;
  expect(unchanged + Object.values(parts).reduce((sum, count) => sum + count, 0)).toBe(entities);
  expect(entities - unchanged).toBe(expected.differing.length);

  const groups = await signaturesOf(view);
  expect(groups.reduce((sum, group) => sum + group.entities, 0)).toBe(found.length);
  for (const group of groups) {
    const members = found.filter(({ signature }) => signature === group.signature);
    expect(members.length).toBe(group.entities);
    expect(members.map(line)).toEqual(expect.arrayContaining(group.samples.map(line)));
  }
  const bySignature = await pages((cursor) =>
    rig.rewind.compare.comparisons.entities(TENANT, view.comparisonId, {
      ...page(7, cursor),
      signature: groups[0]!.signature,
    }),
  );
  expect(bySignature.length).toBe(groups[0]!.entities);
});

test('entities are compared event by event', async () => {
  const view = await compared(runs.get('builtIn')!, runs.get('members')!);
  const [before, after] = (['builtIn', 'members'] as const).map(
    (name) => runOracle(sent, oracleJob(CHOICES[name])).snapshots,
  );
  const { comparisons } = rig.rewind.compare;
  const found = (await entitiesOf(view)).filter(({ events }) => Number(events) > 2).slice(0, 12);
  expect(found.length).toBe(12);
  for (const one of found) {
    const entity = { type: one.entityType, id: one.entityId };
    const events = await pages((cursor) =>
      comparisons.events(TENANT, view.comparisonId, entity, page(2, cursor)),
    );
    expect(events.map(({ eventId }) => eventId)).toEqual(
      differingEventIds(before!, after!, `${one.entityType}/${one.entityId}`, 'event_time'),
    );
    expect(events[0]!.eventId).toBe(one.first!.eventId);
  }
});

test('the other way round is the mirror image, and a run equals itself', async () => {
  const there = await compared(runs.get('builtIn')!, runs.get('members')!);
  const back = await compared(runs.get('members')!, runs.get('builtIn')!);
  const mirrored = { both: 'both', only_a: 'only_b', only_b: 'only_a' } as const;
  const turned = (await entitiesOf(back)).map((one) => ({
    ...one,
    presence: mirrored[one.presence],
    differences: one.differences.map((step) => ({
      ...step,
      beforeJson: step.afterJson,
      afterJson: step.beforeJson,
    })),
  }));
  expect(turned.map(line).sort()).toEqual((await entitiesOf(there)).map(line).sort());
  expect([back.totals.onlyA, back.totals.onlyB]).toEqual([there.totals.onlyB, there.totals.onlyA]);

  const self = await compared(runs.get('members')!, runs.get('members')!);
  expect(await entitiesOf(self)).toEqual([]);
  expect(self.totals.unchanged).toBe(self.totals.entities);
});

test('says what makes two runs no two folds of one input', async () => {
  const shorter = await complete('members', {
    time_range_end: '2024-01-05T00:00:00Z',
    filters: { severity: ['high'] },
  });
  const view = await compared(runs.get('members')!, shorter.jobId);
  expect(view).toMatchObject({ comparable: false, history: false });
  expect(view.reasons).toEqual(expect.arrayContaining(['range_differs', 'filters_differ']));
  const { comparisons } = rig.rewind.compare;
  await expect(
    comparisons.events(TENANT, view.comparisonId, { type: 'content', id: 'x' }, { limit: 5 }),
  ).rejects.toMatchObject({ code: 'history_not_compared' });
});

test('belongs to its tenant, is made once, and goes with its runs', async () => {
  const { comparisons } = rig.rewind.compare;
  const run = await complete('final');
  const view = await compared(runs.get('members')!, run.jobId);
  expect(await comparisons.compare(TENANT, { a: runs.get('members')!, b: run.jobId }, 'other')).toEqual(view);
  await expect(comparisons.get('globex', view.comparisonId)).rejects.toMatchObject({
    code: 'comparison_not_found',
  });
  await expect(
    comparisons.compare('globex', { a: runs.get('members')!, b: run.jobId }, 'test'),
  ).rejects.toMatchObject({ code: 'job_not_found', pointer: '/run_a' });
  const listed = await pages((cursor) => comparisons.list(TENANT, page(1, cursor)));
  expect(listed[0]).toEqual(view);

  const dry = await rig.rewind.replay.create(TENANT, { ...JANUARY, job_type: 'DryRun' }, 'test');
  await expect(comparisons.compare(TENANT, { a: dry.jobId, b: run.jobId }, 'test')).rejects.toMatchObject({
    code: 'not_comparable',
    pointer: '/run_a',
  });

  await rig.rewind.life.remove(TENANT, run.jobId, 'test');
  await expect(comparisons.get(TENANT, view.comparisonId)).rejects.toMatchObject({ code: 'rows_dropped' });
  const left = await pages((cursor) => comparisons.list(TENANT, page(1, cursor)));
  expect(left.map(({ comparisonId }) => comparisonId)).not.toContain(view.comparisonId);
});
