/**
 * Dead letters of the real pipeline: records that a wrong mapping, and a schema that the registry did not have yet, left
 * unread are read again, and runs that are made afterwards have their events as if nothing had been wrong.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobView } from '../replay/service.js';
import { JANUARY, openTestRewind, type TestRewind } from '../testing/test-rewind.js';

const TENANT = 'acme';
const MAPPING = {
  eventId: '/event',
  tenantId: '=acme',
  eventType: '/kind',
  occurredAt: ['/at', '/when'],
};
/** What the topic was first taken for. */
const WRONG = { ...MAPPING, occurredAt: ['/when'] };
const source = (mapping: object) => ({
  sources: [{ name: 'own', topics: ['audit-events'], decoder: 'json', mapping }],
});

const record = (n: number, names: { at: string }, data: object) => ({
  key: Buffer.from(`c${n % 3}`),
  value: Buffer.from(
    JSON.stringify({
      event: `e${n}`,
      kind: 'content.updated',
      id: `c${n % 3}`,
      [names.at]: new Date(Date.UTC(2024, 0, 2, 0, n)).toISOString(),
      ...data,
    }),
  ),
  timestampMs: BigInt(Date.UTC(2024, 0, 2, 0, n)),
});

let dataDir: string;
let world: TestRewind;

/** Every fifth record has its time under another name: the first mapping does not know it. */
const RECORDS = Array.from({ length: 40 }, (_, n) =>
  record(n, { at: n % 5 === 0 ? 'at' : 'when' }, { title: `t${n}`, seq: n }),
);
const REPAIRED = 8;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rewind-redrive-'));
  world = await openTestRewind({ workers: 1, dataDir, flags: source(WRONG) });
  await world.rewind.appender.append([
    ...RECORDS,
    { key: null, value: Buffer.from('{"half":'), timestampMs: BigInt(Date.UTC(2024, 0, 3)) },
  ]);
}, 60_000);
afterAll(async () => {
  await world?.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function run(change: object = {}): Promise<JobView> {
  const { jobId } = await world.rewind.replay.create(
    TENANT,
    { ...JANUARY, start_offsets: 'full', ...change },
    'test',
  );
  return world.complete(TENANT, jobId);
}

/** `entity seq title`, in each entity's order. */
async function snapshots(jobId: string): Promise<string[]> {
  const rows = await world.store.query<{ id: string; seq: string; title: string }>(
    `SELECT s.entity_id AS id, toString(s.fold_seq) AS seq, JSONExtractString(s.state_after, 'title') AS title
     FROM ${world.store.t('v1_snapshots')} AS s WHERE s.job_id = {jobId:String} ORDER BY s.entity_id, s.fold_seq`,
    { jobId },
  );
  return rows.map(({ id, seq, title }) => `${id} ${seq} ${title}`);
}

/** What the snapshots must be, of these records. */
function expected(numbers: readonly number[]): string[] {
  return ['c0', 'c1', 'c2'].flatMap((id) =>
    numbers.filter((n) => `c${n % 3}` === id).map((n, seq) => `${id} ${seq} t${n}`),
  );
}
const ALL = RECORDS.map((_, n) => n);
const READABLE = ALL.filter((n) => n % 5 !== 0);

test('letters are listed by what is asked, shown, and lead to their records', async () => {
  const { deadLetters } = world.rewind;
  const job = await run();
  expect(job.counters).toMatchObject({ processed: READABLE.length, failed: REPAIRED + 1 });
  expect(await snapshots(job.jobId)).toEqual(expected(READABLE));

  const pages = [];
  for (let cursor: string | undefined; ; ) {
    const page = await deadLetters.list(TENANT, job.jobId, {
      limit: 4,
      ...(cursor === undefined ? {} : { cursor }),
    });
    pages.push(...page.items);
    if (page.next === null) break;
    cursor = page.next;
  }
  expect(pages.map(({ offset }) => Number(offset))).toEqual([...ALL.filter((n) => n % 5 === 0), 40]);
  expect(new Set(pages.map(({ redriven }) => redriven))).toEqual(new Set([false]));
  const [first] = pages;
  const broken = pages.at(-1)!;
  expect(broken.code).toBe('json_invalid');
  const byCode = await deadLetters.list(TENANT, job.jobId, { code: 'json_invalid', limit: 10 });
  expect(byCode.items).toEqual([broken]);
  const late = await deadLetters.list(TENANT, job.jobId, {
    fromNs: BigInt(Date.UTC(2024, 0, 2, 0, 30)) * 1_000_000n,
    stage: 'decode',
    limit: 10,
  });
  expect(late.items.map(({ offset }) => offset)).toEqual(['30', '35', '40']);
  expect((await deadLetters.list(TENANT, job.jobId, { kind: 'conflict', limit: 10 })).items).toEqual([]);

  expect(await deadLetters.get(TENANT, job.jobId, first!.id)).toEqual(first);
  const kept = await deadLetters.record(TENANT, job.jobId, first!.id);
  expect(kept).toMatchObject({ topic: 'audit-events', key: RECORDS[0]!.key, value: RECORDS[0]!.value });
  await expect(deadLetters.get(TENANT, job.jobId, 'failed.0.1.0.embedded')).rejects.toMatchObject({
    code: 'dead_letter_not_found',
  });
  await expect(deadLetters.get('globex', job.jobId, first!.id)).rejects.toMatchObject({
    code: 'job_not_found',
  });
});

test('what still cannot be read stays a letter, with the reason of today', async () => {
  const job = await run();
  const result = await world.rewind.deadLetters.redrive(TENANT, job.jobId, {});
  expect(result).toMatchObject({
    selected: REPAIRED + 1,
    decoded: 0,
    failed: REPAIRED + 1,
    needRerun: 0,
    more: false,
  });
  expect(result.failures.map(({ code }) => code)).toEqual([
    ...Array<string>(REPAIRED).fill('field_unmapped'),
    'json_invalid',
  ]);
});

test('once the mapping is right, runs have the events, each once, and earlier runs stay as they were', async () => {
  const before = await run();
  const base = await run({ time_range_end: '2024-01-02T00:20:00Z' });
  await world.close();
  world = await openTestRewind({ workers: 1, dataDir, flags: source(MAPPING) });
  const { deadLetters } = world.rewind;

  const some = await deadLetters.redrive(TENANT, before.jobId, {
    toNs: BigInt(Date.UTC(2024, 0, 2, 0, 10)) * 1_000_000n,
  });
  expect(some).toMatchObject({ selected: 3, decoded: 3, already: 0, failed: 0 });
  // Two at once: whoever loses is told to try again, and nothing is there twice.
  const both = await Promise.allSettled([
    deadLetters.redrive(TENANT, before.jobId, {}),
    deadLetters.redrive(TENANT, before.jobId, {}),
  ]);
  for (const one of both)
    if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'claim_lost', retryable: true });
  const again = await deadLetters.redrive(TENANT, before.jobId, {});
  expect(again).toMatchObject({ selected: REPAIRED + 1, decoded: REPAIRED, already: REPAIRED, failed: 1 });
  const letters = await deadLetters.list(TENANT, before.jobId, { limit: 100 });
  expect(letters.items.map(({ redriven }) => redriven)).toEqual([
    ...Array<boolean>(REPAIRED).fill(true),
    false,
  ]);

  expect(await snapshots(before.jobId)).toEqual(expected(READABLE));
  const after = await run();
  expect(await snapshots(after.jobId)).toEqual(expected(ALL));
  expect(after.counters).toMatchObject({ processed: ALL.length, duplicates: 0, conflicts: 0, failed: 1 });

  // A run that goes on from one that lacks them takes them in as late events of its base.
  const further = await run({
    from_snapshot_of: base.jobId,
    time_range_start: '2024-01-02T00:20:00.000000001Z',
  });
  const rows = await world.store.query<{ id: string; title: string }>(
    `SELECT entity_id AS id, argMax(JSONExtractString(state_after, 'title'), fold_seq) AS title
     FROM ${world.store.t('v1_snapshots')} WHERE job_id = {jobId:String} GROUP BY entity_id ORDER BY entity_id`,
    { jobId: further.jobId },
  );
  expect(rows.map(({ id, title }) => `${id} ${title}`)).toEqual(['c0 t39', 'c1 t37', 'c2 t38']);
  const [counted] = await world.store.query<{ count: string }>(
    `SELECT toString(max(fold_seq)) AS count FROM ${world.store.t('v1_snapshots')} WHERE job_id = {jobId:String} AND entity_id = 'c0'`,
    { jobId: further.jobId },
  );
  expect(Number(counted!.count)).toBe(ALL.filter((n) => n % 3 === 0).length - 1);
}, 60_000);
