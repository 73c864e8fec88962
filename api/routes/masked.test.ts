/** Masked fields on the real pipeline: nowhere is the value, but in the event that an owner reads with a reason. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningRewind, startRunning, testDirectory } from '../testing/running.js';

let directory: Awaited<ReturnType<typeof testDirectory>>;
let rewind: RunningRewind;
let job: string;

const NEVER = ['pw-one', 'pw-two', 'ann@example.org', 'bob@example.org', '4111111111111234', 'token-xyz'];
const EVENTS = [
  { id: 'u1', password: 'pw-one', email: 'ann@example.org', card: '4111111111111234', plan: 'free' },
  { id: 'u1', password: 'pw-two', email: 'ann@example.org', plan: 'paid' },
  { id: 'u1', email: 'bob@example.org', card: null },
  { id: 'u1', note: { token: 'token-xyz' } },
];
const ENCODING = {
  name: 'masked',
  entity: 'envelope',
  mask: { password: 'redact', email: 'hash', card: 'last4', secret: 'redact' },
  rules: [
    {
      match: '*',
      track: { password: '/password', email: '/email', card: '/card', plan: '/plan' },
      operations: [{ op: 'set', field: 'secret', from: '/note' }],
    },
  ],
};
const jobPath = (rest: string) => `/tenants/acme/replay-jobs/${job}${rest}`;
const hashOf = (value: string) =>
  `sha256:${createHash('sha256')
    .update(`email\0${JSON.stringify(value)}`)
    .digest('hex')
    .slice(0, 32)}`;

beforeAll(async () => {
  directory = await testDirectory();
  rewind = await startRunning(directory.dataDir);
  for (const [n, payload] of EVENTS.entries())
    await rewind.call('POST', '/tenants/acme/audit-events', {
      event_id: `e${n}`,
      event_type: 'user.updated',
      entity_type: 'user',
      entity_id: 'u1',
      occurred_at: `2024-01-15T09:0${n}:00Z`,
      payload,
    });
  const saved = await rewind.call('POST', '/tenants/acme/encodings', { definition: ENCODING });
  expect(saved.status, saved.text).toBe(201);
  const made = await rewind.call('POST', '/tenants/acme/replay-jobs', {
    job_type: 'StateRebuild',
    encoding_version: 2,
    rule_version: 1,
    time_range_start: '2024-01-01T00:00:00Z',
    time_range_end: '2024-01-31T23:59:59Z',
  });
  job = made.body.data.job_id;
  expect(await rewind.ended('acme', job)).toMatchObject({ status: 'Complete', plan: { fold_in: 'worker' } });
});
afterAll(async () => {
  await rewind?.close();
  await directory?.remove();
});

it('folds masked values, and changes show as far as the mask lets them', async () => {
  const snapshots = await Promise.all(
    EVENTS.map(async (_, index) => (await rewind.call('GET', jobPath(`/snapshots/${index}`))).body.data),
  );
  expect(snapshots.map(({ state_after }) => state_after)).toEqual([
    { password: '***', email: hashOf('ann@example.org'), card: '***1234', plan: 'free' },
    { password: '***', email: hashOf('ann@example.org'), card: '***1234', plan: 'paid' },
    { password: '***', email: hashOf('bob@example.org'), card: null, plan: 'paid' },
    { password: '***', email: hashOf('bob@example.org'), card: null, plan: 'paid', secret: '***' },
  ]);
  const changed = snapshots.map(({ diff }) => diff.map(({ field }: { field: string }) => field));
  expect(changed.slice(1)).toEqual([['plan'], ['email', 'card'], ['secret']]);
});

it('holds the values in no row of results and no export', async () => {
  const texts = [
    (await rewind.call('GET', jobPath('/snapshots'))).text,
    (await rewind.call('GET', jobPath('/export/snapshots'))).text,
    (await rewind.call('GET', jobPath('/export/field-changes?format=csv'))).text,
    (await rewind.call('GET', '/tenants/acme/entities/user/u1/history')).text,
  ];
  for (const text of texts) {
    expect(text).toContain('***');
    expect(NEVER.filter((value) => text.includes(value))).toEqual([]);
  }
});

it('shows the event itself to an owner with a reason, and enters it', async () => {
  const path = jobPath('/snapshots/0/event');
  const reason = encodeURIComponent('ticket 7: the customer asks');
  const admin = { 'x-role': 'admin' };
  expect((await rewind.call('GET', `${path}?reason=${reason}`, undefined, admin)).status).toBe(403);
  expect((await rewind.call('GET', path)).status).toBe(400);
  const shown = await rewind.call('GET', `${path}?reason=${reason}`, undefined, { 'x-actor': 'olga' });
  expect(shown.body.data).toMatchObject({
    event_id: 'e0',
    payload: EVENTS[0],
    timestamp: '2024-01-15T09:00:00Z',
  });
  const entries = (await rewind.call('GET', '/tenants/acme/audit-entries?action=snapshot.unmasked')).body;
  expect(entries.data).toMatchObject([
    { actor: 'olga', detail: { reason: 'ticket 7: the customer asks', event_id: 'e0' } },
  ]);
  const absent = await rewind.call('GET', `${jobPath('/snapshots/9/event')}?reason=${reason}`);
  expect(absent.body.code).toBe('snapshot_not_found');
});
