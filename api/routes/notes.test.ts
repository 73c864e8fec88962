/** Annotations and bookmarks over HTTP, on the real pipeline: who may change what, and what leads where. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningRewind, startRunning, testDirectory } from '../testing/running.js';

let directory: Awaited<ReturnType<typeof testDirectory>>;
let rewind: RunningRewind;
let job: string;

const EVENTS = [
  ['e1', 'content.created', '2024-01-14T09:00:00Z', 'c1', 'Draft'],
  ['e2', 'content.created', '2024-01-14T10:00:00Z', 'c2', 'Other'],
  ['e3', 'content.updated', '2024-01-15T10:30:00Z', 'c1', 'Published'],
] as const;
const SPEC = {
  job_type: 'StateRebuild',
  encoding_version: 1,
  rule_version: 1,
  time_range_start: '2024-01-01T00:00:00Z',
  time_range_end: '2024-01-31T23:59:59Z',
};

beforeAll(async () => {
  directory = await testDirectory();
  const flags = { 'notes.textMaxBytes': 100, 'notes.annotationsPerJob': 4 };
  rewind = await startRunning(directory.dataDir, { flags });
  for (const [event_id, event_type, occurred_at, id, title] of EVENTS)
    await rewind.call('POST', '/tenants/acme/audit-events', {
      event_id,
      event_type,
      occurred_at,
      payload: { id, title },
    });
  job = (await rewind.call('POST', '/tenants/acme/replay-jobs', SPEC)).body.data.job_id;
  await rewind.ended('acme', job);
});
afterAll(async () => {
  await rewind?.close();
  await directory?.remove();
});

const as = (actor: string, role = 'member') => ({ 'x-actor': actor, 'x-role': role });
const jobPath = (rest: string, tenant = 'acme') => `/tenants/${tenant}/replay-jobs/${job}${rest}`;
const texts = (answer: { body: { data: { text: string }[] } }) => answer.body.data.map(({ text }) => text);

it('keeps what people say about a snapshot, by its entity and event', async () => {
  const made = await rewind.call('POST', jobPath('/snapshots/2/annotations'), { text: 'here' }, as('ann'));
  expect(made.status).toBe(201);
  expect(made.body.data).toMatchObject({
    job_id: job,
    snapshot_index: 2,
    entity_type: 'content',
    entity_id: 'c1',
    event_id: 'e3',
    fold_seq: '1',
    text: 'here',
    author: 'ann',
    edited_at: null,
  });
  const other = await rewind.call('POST', jobPath('/snapshots/0/annotations'), { text: 'there' }, as('bob'));
  expect(texts(await rewind.call('GET', jobPath('/annotations')))).toEqual(['there', 'here']);
  expect(texts(await rewind.call('GET', jobPath('/annotations?author=ann')))).toEqual(['here']);
  expect(texts(await rewind.call('GET', jobPath('/snapshots/2/annotations')))).toEqual(['here']);
  const first = await rewind.call('GET', jobPath('/annotations?limit=1'));
  const second = await rewind.call('GET', jobPath(`/annotations?limit=1&cursor=${first.body.page.next}`));
  expect([...texts(first), ...texts(second)]).toEqual(['there', 'here']);

  const one = jobPath(`/annotations/${made.body.data.annotation_id}`);
  expect((await rewind.call('PATCH', one, { text: 'no' }, as('bob'))).body.code).toBe('forbidden');
  expect((await rewind.call('PATCH', one, { text: 'mine' }, as('ann'))).body.data.text).toBe('mine');
  const byAdmin = await rewind.call('PATCH', one, { text: 'checked' }, as('eve', 'admin'));
  expect(byAdmin.body.data).toMatchObject({ text: 'checked', author: 'ann' });
  expect(byAdmin.body.data.edited_at).not.toBeNull();
  const theirs = jobPath(`/annotations/${other.body.data.annotation_id}`);
  expect((await rewind.call('DELETE', theirs, undefined, as('ann'))).body.code).toBe('forbidden');
  expect((await rewind.call('DELETE', theirs, undefined, as('bob'))).status).toBe(200);
  expect((await rewind.call('GET', theirs)).body.code).toBe('note_not_found');
  expect((await rewind.call('PATCH', theirs, { text: 'back' }, as('bob'))).status).toBe(404);
  expect(texts(await rewind.call('GET', jobPath('/annotations')))).toEqual(['checked']);
});

it('refuses what is not there, of others, too long or too much', async () => {
  const add = (path: string, text = 'x') => rewind.call('POST', path, { text });
  expect((await add(jobPath('/snapshots/3/annotations'))).body.code).toBe('snapshot_not_found');
  expect((await add(jobPath('/snapshots/0/annotations', 'other'))).body.code).toBe('job_not_found');
  expect((await rewind.call('GET', jobPath('/annotations', 'other'))).body.code).toBe('job_not_found');
  const long = await add(jobPath('/snapshots/0/annotations'), 'ü'.repeat(51));
  expect(long.body).toMatchObject({ code: 'body_too_large', errors: [{ pointer: '/text' }] });
  const viewer = await rewind.call(
    'POST',
    jobPath('/snapshots/0/annotations'),
    { text: 'x' },
    as('v', 'viewer'),
  );
  expect(viewer.status).toBe(403);
  const left = 4 - (await rewind.call('GET', jobPath('/annotations'))).body.data.length;
  for (let n = 0; n < left; n++) expect((await add(jobPath('/snapshots/1/annotations'))).status).toBe(201);
  expect((await add(jobPath('/snapshots/1/annotations'))).body.code).toBe('notes_full');
});

it('leads back to a snapshot by a bookmark, private until it is shared', async () => {
  const bookmark = { name: 'before the trouble', job_id: job, snapshot_index: 2 };
  const made = await rewind.call('POST', '/tenants/acme/bookmarks', bookmark, as('ann'));
  expect(made.status).toBe(201);
  const one = `/tenants/acme/bookmarks/${made.body.data.bookmark_id}`;
  const names = async (actor: string, query = '') =>
    (await rewind.call('GET', `/tenants/acme/bookmarks${query}`, undefined, as(actor))).body.data.map(
      ({ name }: { name: string }) => name,
    );
  expect([await names('ann'), await names('bob')]).toEqual([['before the trouble'], []]);
  expect((await rewind.call('GET', one, undefined, as('bob'))).body.code).toBe('note_not_found');
  // Not even an admin sees what is private.
  expect((await rewind.call('DELETE', one, undefined, as('eve', 'owner'))).body.code).toBe('note_not_found');
  expect((await rewind.call('GET', one, undefined, as('ann'))).body.data).toMatchObject({
    event_id: 'e3',
    shared: false,
    snapshot: {
      snapshot_index: 2,
      event_id: 'e3',
      state_before: { title: 'Draft' },
      state_after: { title: 'Published' },
    },
  });
  const shared = await rewind.call('PATCH', one, { shared: true, name: 'the trouble' }, as('ann'));
  expect(shared.body.data).toMatchObject({ shared: true, name: 'the trouble', author: 'ann' });
  expect([await names('bob'), await names('bob', '?which=own')]).toEqual([['the trouble'], []]);
  expect(await names('ann', '?which=own')).toEqual(['the trouble']);
  expect(await names('bob', '?job_id=run-none')).toEqual([]);
  expect((await rewind.call('PATCH', one, { name: 'x' }, as('bob'))).status).toBe(403);
  expect((await rewind.call('PATCH', one, {}, as('ann'))).status).toBe(400);
  const elsewhere = one.replace('acme', 'other');
  expect((await rewind.call('GET', elsewhere, undefined, as('ann'))).body.code).toBe('note_not_found');
});

it('enters each act in the trail, and shows nothing of a job that was deleted', async () => {
  const entries = (await rewind.call('GET', '/tenants/acme/audit-entries?limit=1000')).body.data;
  const acts = entries
    .filter(({ action }: { action: string }) => /^(annotation|bookmark)\./.test(action))
    .map(({ actor, action }: { actor: string; action: string }) => `${actor} ${action}`);
  for (const act of [
    'ann annotation.added',
    'eve annotation.edited',
    'bob annotation.deleted',
    'ann bookmark.added',
    'ann bookmark.edited',
  ])
    expect(acts).toContain(act);
  expect((await rewind.call('DELETE', jobPath(''))).status).toBeLessThan(300);
  expect((await rewind.call('GET', jobPath('/annotations'))).body.code).toBe('rows_dropped');
  const left = await rewind.call('GET', '/tenants/acme/bookmarks', undefined, as('ann'));
  expect(left.body.data).toEqual([]);
});
