/** Promotions whose worker dies, loses an answer or is overtaken: readers see the set before or the whole set after. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WorkerProcess } from '../testing/chaos/worker-process.js';
import { contentEvents, JANUARY, openTestRewind, type TestRewind } from '../testing/test-rewind.js';

const TENANT = 'acme';
const ENTITIES = 60;
const MAX_MS = 60_000;

let world: TestRewind;
let jobs: string[];
let worker: WorkerProcess;

beforeAll(async () => {
  world = await openTestRewind({
    flags: { 'current.copyRows': 1000, 'current.waitMs': 0, 'replay.leaseMs': 1500 },
  });
  jobs = [];
  worker = world.startWorker();
  for (const [from, to] of [
    [0, 2500],
    [2500, 4000],
  ] as const) {
    await world.append(TENANT, contentEvents(from, to, ENTITIES));
    const { jobId } = await world.rewind.replay.create(TENANT, JANUARY, 'test');
    await world.complete(TENANT, jobId);
    jobs.push(jobId);
  }
  await worker.kill();
}, 120_000);
afterAll(() => world?.close());

/** The title that each entity has after so many events, by the rule of `contentEvents`. */
function titlesAfter(events: number): Map<string, string> {
  const titles = new Map<string, string>();
  for (let n = 0; n < events; n++) titles.set(`c${n % ENTITIES}`, `t${n}`);
  return titles;
}

async function titlesShown(): Promise<Map<string, string>> {
  const rows = await world.store.query<{ id: string; text: string }>(
    `SELECT entity_id AS id, state AS text FROM ${world.store.t('v1_current_state')} AS v WHERE v.tenant_id = {tenant:String}`,
    { tenant: TENANT },
  );
  const titles = rows.map(({ id, text }) => [id, (JSON.parse(text) as { title: string }).title] as const);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  return new Map(titles);
}

async function becomesCurrent(promotionId: string): Promise<void> {
  const status = async () => (await world.rewind.current.state.promotion(TENANT, promotionId)).status;
  await expect.poll(status, { timeout: MAX_MS }).toBe('current');
}

const promote = (job: string) =>
  world.rewind.current.state.promote(TENANT, job, 'ann', { reason: 'tried', force: true });

test.each([
  ['killed when all is copied, before it is pointed to', 'promotion.copied', 0],
  ['killed when a unit is copied, before its manifest', 'unit.stored:2', 1],
])(
  '%s',
  async (_name, failpoint, job) => {
    const before = await titlesShown();
    const asked = await promote(jobs[job]!);
    expect(asked.status).toBe('copying');
    const armed = world.startWorker(1, failpoint);
    await expect.poll(() => armed.signal, { timeout: MAX_MS }).toBe('SIGKILL');
    expect(await titlesShown()).toEqual(before);
    worker = world.startWorker();
    await becomesCurrent(asked.promotionId);
    await worker.kill();
    expect(await titlesShown()).toEqual(titlesAfter(job === 0 ? 2500 : 4000));
  },
  120_000,
);

test('a worker that was overtaken while it copied changes nothing when it wakes up', async () => {
  const asked = await promote(jobs[0]!);
  const frozen = world.startWorker(1, 'unit.stored:1:freeze');
  await expect.poll(() => frozen.frozen, { timeout: MAX_MS }).toBe(true);
  worker = world.startWorker();
  await becomesCurrent(asked.promotionId);
  const later = await promote(jobs[1]!);
  await becomesCurrent(later.promotionId);
  frozen.wake();
  await worker.kill();
  // It does the next promotion: it has looked at what it held, and found it taken.
  const last = await promote(jobs[0]!);
  await becomesCurrent(last.promotionId);
  expect(await titlesShown()).toEqual(titlesAfter(2500));
  const { items } = await world.rewind.current.state.promotions(TENANT, { limit: 10 });
  expect(items.map(({ status }) => status)).toEqual(['current', ...items.slice(1).map(() => 'superseded')]);
}, 120_000);
