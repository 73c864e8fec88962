/** Records that did not decode and are read again reach a state that is followed, from before its first step and after. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JANUARY, openTestRewind, type TestRewind } from '../testing/test-rewind.js';

const TENANT = 'acme';
const MAPPING = { eventId: '/event', tenantId: '=acme', eventType: '/kind', occurredAt: ['/at', '/when'] };
const source = (occurredAt: readonly string[]) => ({
  sources: [{ name: 'own', topics: ['audit-events'], decoder: 'json', mapping: { ...MAPPING, occurredAt } }],
  'follow.intervalMs': 50,
});

/** Every fifth has its time under a name that the first mapping does not know. */
const record = (n: number) => ({
  key: Buffer.from('c'),
  value: Buffer.from(
    JSON.stringify({
      event: `e${n}`,
      kind: 'content.updated',
      id: `c${n % 3}`,
      [n % 5 === 0 ? 'at' : 'when']: new Date(Date.UTC(2024, 0, 2, 0, n)).toISOString(),
      [`field${n}`]: n,
      title: `t${n}`,
    }),
  ),
  timestampMs: BigInt(Date.UTC(2024, 0, 2, 0, n)),
});
const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

let dataDir: string;
let world: TestRewind;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rewind-follow-redriven-'));
  world = await openTestRewind({ workers: 1, dataDir, flags: source(['/when']) });
}, 60_000);
afterAll(async () => {
  await world?.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** `entity: events folded, last event` of the current state. */
async function state(): Promise<string[]> {
  const rows = await world.store.query<{ id: string; seq: string; event: string }>(
    `SELECT entity_id AS id, toString(fold_seq + 1) AS seq, event_id AS event FROM ${world.store.t('v1_current_state')}
     WHERE tenant_id = {tenant:String} ORDER BY id`,
    { tenant: TENANT },
  );
  return rows.map(({ id, seq, event }) => `${id}: ${seq}, ${event}`);
}

/** The same, of these events. */
function expected(events: readonly number[]): string[] {
  return [0, 1, 2].map((entity) => {
    const own = events.filter((n) => n % 3 === entity);
    return `c${entity}: ${own.length}, e${Math.max(...own)}`;
  });
}

async function until(events: readonly number[]): Promise<void> {
  while (JSON.stringify(await state()) !== JSON.stringify(expected(events))) await sleep(50);
}

test('records that are read again are folded where they belong', async () => {
  const { replay, current } = world.rewind;
  await world.rewind.appender.append(upTo(0, 40).map(record));
  const { jobId } = await replay.create(
    TENANT,
    { ...JANUARY, start_offsets: 'full', time_range_end: '2024-01-02T00:29:00Z' },
    'test',
  );
  await world.complete(TENANT, jobId);
  await current.state.promote(TENANT, jobId, 'ann', { reason: 'some did not decode' });
  const readable = (n: number) => n % 5 !== 0;
  expect(await state()).toEqual(expected(upTo(0, 30).filter(readable)));
  // Known to no run, and to no step yet.
  await world.close();
  world = await openTestRewind({ workers: 1, dataDir, flags: source(['/at', '/when']) });
  const again = (toMinute: number) =>
    world.rewind.deadLetters.redrive(TENANT, jobId, {
      toNs: BigInt(Date.UTC(2024, 0, 2, 0, toMinute)) * 1_000_000n,
    });
  expect(await again(10)).toMatchObject({ decoded: 3, failed: 0 });
  await world.rewind.following.turn(TENANT, true, 'ann');
  await until(upTo(0, 40).filter((n) => readable(n) || n <= 10));

  // Between steps.
  await world.rewind.appender.append(upTo(40, 44).map(record).slice(1));
  const later = upTo(0, 44).filter((n) => n !== 40);
  await until(later.filter((n) => readable(n) || n <= 10));
  expect(await again(25)).toMatchObject({ decoded: 6, failed: 0 });
  await until(later.filter((n) => readable(n) || n <= 25));

  // A follower that begins anew knows which it has.
  await world.close();
  world = await openTestRewind({ workers: 1, dataDir, flags: source(['/at', '/when']) });
  await world.rewind.appender.append(upTo(44, 45).map(record));
  const last = [...later, 44];
  await until(last.filter((n) => readable(n) || n <= 25));
  const { step } = await world.rewind.following.status(TENANT);
  await sleep(500);
  expect((await world.rewind.following.status(TENANT)).step).toBe(step);
}, 120_000);
