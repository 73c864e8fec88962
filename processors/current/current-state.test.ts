/**
 * Current state on the real engine: what the view shows is the final state of each entity by the plain oracle, a review is
 * what a plain comparison of the oracle's states finds, and promotions can be made at once, returned from and killed.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RANDOM_JOB_END_NS, RANDOM_JOB_START_NS } from '../generate/random-events.js';
import type { JobView } from '../replay/service.js';
import { formatRfc3339Ns } from '../sources/time.js';
import { runOracle } from '../testing/oracle/oracle.js';
import type { SentRecord } from '../testing/oracle/types.js';
import { builtIn, members } from '../testing/oracle-run/encodings.js';
import { outgoing, sendOutgoing } from '../testing/oracle-run/outgoing.js';
import { type JobChoice, openRig, oracleJob, type Rig, runJob, TENANT } from '../testing/oracle-run/rig.js';
import type { Review, ReviewedEntity, ReviewFilters } from './contract.js';

const EVENTS = 4_000;
const PLAIN: JobChoice = { encoding: builtIn, ordering: 'event_time', snapshots: 'all' };
const OTHER: JobChoice = { encoding: members, ordering: 'event_time', snapshots: 'changed' };
/** A third of the range, where an incremental run begins. */
const SPLIT_NS = RANDOM_JOB_START_NS + (RANDOM_JOB_END_NS - RANDOM_JOB_START_NS) / 3n;
const REASON = 'as rehearsed';

let rig: Rig;
let sent: SentRecord[];
let plain: JobView;
let other: JobView;
let early: JobView;

beforeAll(async () => {
  rig = await openRig(
    'audit-events',
    { 'current.copyRows': 1000, 'current.keepSets': 2, 'current.waitMs': 60_000 },
    1,
  );
  sent = await sendOutgoing(
    rig.rewind.appender,
    outgoing({ seed: 11, events: EVENTS, entities: 300 }, rig.schemaIds),
  );
  early = await runJob(rig, PLAIN, { time_range_end: formatRfc3339Ns(SPLIT_NS) });
  plain = await runJob(rig, PLAIN);
  other = await runJob(rig, OTHER);
}, 120_000);
afterAll(() => rig?.stop());

type States = ReadonlyMap<string, string>;

/** `type id` → state of each entity that exists at the end, by the oracle. */
function finalStates(choice: JobChoice, endNs = RANDOM_JOB_END_NS): States {
  const states = new Map<string, string>();
  const last = new Map<string, number>();
  for (const row of runOracle(sent, { ...oracleJob(choice), endNs }).snapshots) {
    const key = `${row.entityType} ${row.entityId}`;
    if ((last.get(key) ?? -1) > row.foldSeq) continue;
    last.set(key, row.foldSeq);
    if (row.exists) states.set(key, row.stateAfter);
    else states.delete(key);
  }
  return states;
}

/** The same as analysts see it. */
async function viewStates(tenant: string = TENANT): Promise<States> {
  const rows = await rig.store.query<{ type: string; id: string; text: string }>(
    `SELECT entity_type AS type, entity_id AS id, state AS text FROM ${rig.store.t('v1_current_state')} AS v
     WHERE v.tenant_id = {tenant:String}`,
    { tenant },
  );
  const states = new Map(rows.map(({ type, id, text }) => [`${type} ${id}`, text]));
  expect(states.size).toBe(rows.length);
  return states;
}

const sorted = (states: States) => [...states].sort(([a], [b]) => (a < b ? -1 : 1));
const current = () => rig.rewind.current.state;

function promote(job: JobView, options: { reason?: string; force?: boolean } = { reason: REASON }) {
  return current().promote(TENANT, job.jobId, 'ann', options);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  );
}

/** What a plain comparison finds, by the entity. */
function differences(before: States, after: States): Map<string, { change: string; fields: object }> {
  const found = new Map<string, { change: string; fields: object }>();
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [fieldsOf(before.get(key)), fieldsOf(after.get(key))];
    const names = [...new Set([...was.keys(), ...is.keys()])].filter(
      (name) => was.get(name) !== is.get(name),
    );
    const fields = Object.fromEntries(names.map((name) => [name, [was.get(name), is.get(name)]]));
    const change = !before.has(key) ? 'added' : !after.has(key) ? 'removed' : 'changed';
    if (change !== 'changed' || names.length > 0) found.set(key, { change, fields });
  }
  return found;
}

/** Members of an object by name, as JSON text. */
function fieldsOf(text = '{}'): Map<string, string> {
  const parsed = JSON.parse(text) as Record<string, unknown>;
  return new Map(Object.entries(parsed).map(([name, value]) => [name, JSON.stringify(value)]));
}

async function reviewed(job: JobView, filters: ReviewFilters = {}): Promise<ReviewedEntity[]> {
  const items: ReviewedEntity[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await rig.rewind.current.reviews.entities(TENANT, job.jobId, filters, {
      limit: 37,
      ...(cursor === undefined ? {} : { cursor }),
    });
    items.push(...page.items);
    if (page.next === null) return items;
    cursor = page.next;
  }
}

function asDifferences(items: readonly ReviewedEntity[]): Map<string, { change: string; fields: object }> {
  const text = (value: unknown) => (value === undefined ? undefined : JSON.stringify(value));
  return new Map(
    items.map(({ entityType, entityId, change, changesJson }) => {
      const changes = JSON.parse(changesJson) as { field: string; before?: unknown; after?: unknown }[];
      const fields = changes.map(({ field, before, after }) => [field, [text(before), text(after)]] as const);
      return [`${entityType} ${entityId}`, { change, fields: Object.fromEntries(fields) }];
    }),
  );
}

function countsOf(found: ReadonlyMap<string, { change: string }>, after: States): Review['totals'] {
  const count = (change: string) => [...found.values()].filter((one) => one.change === change).length;
  const [added, removed, changed] = [count('added'), count('removed'), count('changed')];
  return { added, removed, changed, unchanged: after.size - added - changed };
}

describe('the current state', () => {
  test('is nothing before a run is promoted', async () => {
    expect(await codeOf(current().show(TENANT))).toBe('no_current_state');
    expect(await codeOf(current().revert(TENANT, 'ann', {}))).toBe('no_current_state');
    expect((await viewStates()).size).toBe(0);
    const { totals } = await rig.rewind.current.reviews.review(TENANT, early.jobId);
    const states = finalStates(PLAIN, SPLIT_NS);
    expect(totals).toEqual({ added: states.size, removed: 0, changed: 0, unchanged: 0 });
  });

  test('is asked a reason for, where the run is not exact', async () => {
    expect(early.result?.verdict.exactness).not.toBe('exact');
    expect(await codeOf(promote(early, {}))).toBe('reason_required');
    expect(await codeOf(promote(early, { reason: '  ' }))).toBe('reason_required');
    expect(await codeOf(current().show(TENANT))).toBe('no_current_state');
  });

  test('is the last state of each entity of the run, for people and for programs', async () => {
    const promotion = await promote(early);
    const states = finalStates(PLAIN, SPLIT_NS);
    expect(promotion).toMatchObject({
      status: 'current',
      act: 'promote',
      entities: states.size,
      reason: REASON,
    });
    expect(sorted(await viewStates())).toEqual(sorted(states));
    expect((await viewStates('globex')).size).toBe(0);
    expect(await current().show(TENANT)).toMatchObject({
      jobId: early.jobId,
      asOf: formatRfc3339Ns(SPLIT_NS),
      promotedBy: 'ann',
      verdict: early.result?.verdict,
    });
    expect(await codeOf(current().show('globex'))).toBe('no_current_state');
    expect(await codeOf(current().promote('globex', plain.jobId, 'eve', { reason: REASON }))).toBe(
      'job_not_found',
    );
    const [[key, text]] = [...states] as [[string, string]];
    const [type, ...rest] = key.split(' ') as [string];
    const one = await current().entity(TENANT, { type, id: rest.join(' ') });
    expect(one.stateJson).toBe(text);
    expect(await codeOf(current().entity(TENANT, { type, id: 'nobody' }))).toBe('entity_not_found');
  });

  test('is listed by type and id, in pages', async () => {
    const states = finalStates(PLAIN, SPLIT_NS);
    const listed: [string, string][] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await current().entities(TENANT, {}, { limit: 7, ...(cursor ? { cursor } : {}) });
      listed.push(
        ...page.items.map((one) => [`${one.entityType} ${one.entityId}`, one.stateJson] as [string, string]),
      );
      if (page.next === null) break;
      cursor = page.next;
    }
    expect(new Map(listed)).toEqual(states);
    expect(listed.length).toBe(states.size);
    const types = [...new Set([...states.keys()].map((key) => key.split(' ')[0]!))];
    const { items } = await current().entities(TENANT, { entityType: types[0]! }, { limit: 1000 });
    expect(items.length).toBe([...states.keys()].filter((key) => key.startsWith(`${types[0]} `)).length);
  });

  test('can be reviewed against another run, entity by entity and field by field', async () => {
    const before = finalStates(PLAIN, SPLIT_NS);
    const after = finalStates(OTHER);
    const expected = differences(before, after);
    const review = await rig.rewind.current.reviews.review(TENANT, other.jobId);
    expect(review.totals).toEqual(countsOf(expected, after));
    expect(review).toMatchObject({ currentJobId: early.jobId, jobId: other.jobId });
    const items = await reviewed(other);
    expect(items.length).toBe(expected.size);
    expect(asDifferences(items)).toEqual(expected);
    const byField = new Map<string, number>();
    for (const [key, { change, fields }] of expected)
      for (const [name, [was, is]] of Object.entries(fields) as [string, [unknown, unknown]][]) {
        if (change !== 'changed') continue;
        const operation = was === undefined ? 'added' : is === undefined ? 'removed' : 'modified';
        const place = JSON.stringify([key.split(' ')[0], name, operation]);
        byField.set(place, (byField.get(place) ?? 0) + 1);
      }
    const counted = review.fields.map(
      ({ entityType, field, operation, entities }) =>
        [JSON.stringify([entityType, field, operation]), entities] as const,
    );
    expect(new Map(counted)).toEqual(byField);
    const [some] = review.fields;
    const narrowed = await reviewed(other, {
      field: some!.field,
      entityType: some!.entityType,
      change: 'changed',
    });
    for (const { changesJson } of narrowed)
      expect((JSON.parse(changesJson) as { field: string }[]).map(({ field }) => field)).toEqual([
        some!.field,
      ]);
    const asked = [...expected].filter(
      ([key, { change, fields }]) =>
        change === 'changed' && key.startsWith(`${some!.entityType} `) && some!.field in fields,
    );
    expect(narrowed.length).toBe(asked.length);
    const same = await rig.rewind.current.reviews.review(TENANT, early.jobId);
    expect(same.totals).toEqual({ added: 0, removed: 0, changed: 0, unchanged: before.size });
  });
});

describe('promotions', () => {
  test('at once: the last one wins, and all are whole', async () => {
    const done = await Promise.all([promote(plain), promote(other)]);
    const { jobId, promotionId } = await current().show(TENANT);
    for (const promotion of done) {
      const { status, entities } = await current().promotion(TENANT, promotion.promotionId);
      expect(status).toBe(promotion.promotionId === promotionId ? 'current' : 'superseded');
      expect(entities).toBe(finalStates(promotion.jobId === plain.jobId ? PLAIN : OTHER).size);
    }
    expect(sorted(await viewStates())).toEqual(sorted(finalStates(jobId === plain.jobId ? PLAIN : OTHER)));
  });

  test('do not go back in time unasked', async () => {
    expect(await codeOf(promote(early))).toBe('promotion_older');
    const before = await current().show(TENANT);
    expect((await promote(early, { reason: REASON, force: true })).status).toBe('current');
    expect((await current().show(TENANT)).jobId).toBe(early.jobId);
    const back = await current().revert(TENANT, 'bob', { reason: 'too old' });
    expect(back).toMatchObject({ act: 'revert', status: 'current', jobId: before.jobId, actor: 'bob' });
    expect(sorted(await viewStates())).toEqual(
      sorted(finalStates(before.jobId === plain.jobId ? PLAIN : OTHER)),
    );
  });

  test('can be returned from, one after the other, down to the first; removed states are copied again', async () => {
    const { items } = await current().promotions(TENANT, { limit: 100 });
    const first = items.at(-1)!;
    expect(first.jobId).toBe(early.jobId);
    // Two sets are kept: that of the first promotion is gone by now, or will be.
    await expect.poll(async () => (await setsStored()).length, { timeout: 20_000 }).toBe(2);
    const back = await current().revert(TENANT, 'bob', {});
    expect(back.act).toBe('revert');
    const again = await current().revert(TENANT, 'bob', {});
    expect(again).toMatchObject({ status: 'current', jobId: early.jobId, returnsTo: first.promotionId });
    expect(sorted(await viewStates())).toEqual(sorted(finalStates(PLAIN, SPLIT_NS)));
    expect(await codeOf(current().revert(TENANT, 'bob', {}))).toBe('nothing_to_revert');
    expect(await codeOf(current().revert(TENANT, 'bob', { promotionId: 'promotion-none' }))).toBe(
      'promotion_not_found',
    );
  });

  test('keep their run from being deleted while it is current, and not after', async () => {
    expect(await codeOf(rig.rewind.life.remove(TENANT, early.jobId, 'ann'))).toBe('job_is_current');
    const { promotionId } = (await current().promotions(TENANT, { limit: 1 })).items[0]!;
    await promote(plain);
    await rig.rewind.life.remove(TENANT, early.jobId, 'ann');
    expect(await codeOf(current().revert(TENANT, 'bob', { promotionId }))).toBe('promotion_gone');
    await expect
      .poll(async () => (await current().promotion(TENANT, promotionId)).kept, { timeout: 20_000 })
      .toBe(false);
    expect(await codeOf(promote(early))).toBe('rows_dropped');
    expect((await current().show(TENANT)).jobId).toBe(plain.jobId);
  });
});

test('going on from the current run gives what one run over both ranges gives', async () => {
  const again = await runJob(rig, PLAIN, { time_range_end: formatRfc3339Ns(SPLIT_NS) });
  await promote(again, { reason: REASON, force: true });
  const job = await current().continue(TENANT, 'ann', { to: formatRfc3339Ns(RANDOM_JOB_END_NS) });
  expect(job.spec).toMatchObject({ base: { jobId: again.jobId }, startNs: (SPLIT_NS + 1n).toString() });
  await expect
    .poll(async () => (await rig.rewind.replay.get(TENANT, job.jobId)).status, { timeout: 60_000 })
    .toBe('Complete');
  await promote(job);
  expect(sorted(await viewStates())).toEqual(sorted(finalStates(PLAIN)));
});

/** Sets that have rows. */
async function setsStored(): Promise<string[]> {
  const rows = await rig.store.query<{ scope: string }>(
    `SELECT DISTINCT scope FROM ${rig.store.t('entity_states')} WHERE tenant_id = {tenant:String}`,
    { tenant: TENANT },
  );
  return rows.map(({ scope }) => scope);
}
