/**
 * The narrowed timeline of a run of the real engine against a plain list of the events that were sent: every page has the
 * events that pass, each with its place among all of them.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TimelineEntry } from '../replay/service.js';
import type { TimelineFilters } from '../store/timeline-filters.js';
import { JANUARY, openTestRewind, type TestRewind } from '../testing/test-rewind.js';
import { byTime } from './by-time.fixture.js';

const TENANT = 'acme';
const START_MS = Date.UTC(2024, 0, 2);
const TYPES = ['content.created', 'content.updated', 'playbook.updated', 'content.deleted'];

interface Sent {
  readonly event_id: string;
  readonly event_type: string;
  readonly entity_type: string;
  readonly entity_id: string;
  readonly occurred_at: string;
  readonly payload: Readonly<Record<string, string>>;
}

/** More than two steps of the index, some thirty events a second, in no order. */
const events: Sent[] = Array.from({ length: 2600 }, (_, i) => {
  const event_type = TYPES[(i * 7) % 11 === 0 ? 3 : (i * 5) % 3]!;
  return {
    event_id: `e${String((i * 7919) % 2600).padStart(4, '0')}`,
    event_type,
    entity_type: event_type.split('.')[0]!,
    entity_id: `x${(i * 13) % 40}`,
    occurred_at: new Date(START_MS + ((i * 31) % 90) * 1000).toISOString(),
    payload: i % 3 === 0 ? { title: `t${i % 5}` } : { status: `s${i % 2}` },
  };
});
const ordered = [...events].sort(byTime);

/** Names of the fields that each event changed, by a fold of one line: a field is set, the end of an entity removes all. */
const changed: string[][] = (() => {
  const states = new Map<string, Record<string, string>>();
  return ordered.map(({ entity_type, entity_id, event_type, payload }) => {
    const key = `${entity_type}/${entity_id}`;
    const before = states.get(key) ?? {};
    const ends = event_type.endsWith('.deleted');
    const after: Record<string, string> = ends ? {} : { ...before, ...payload };
    states.set(key, after);
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
      (n) => before[n] !== after[n],
    );
  });
})();

let world: TestRewind;
let jobId: string;
beforeAll(async () => {
  world = await openTestRewind({ workers: 2, flags: { 'replay.unitEvents': 500 } });
  await world.append(TENANT, events);
  jobId = (await world.rewind.replay.create(TENANT, JANUARY, 'test')).jobId;
  await world.complete(TENANT, jobId);
}, 120_000);
afterAll(() => world?.close());

const nsAt = (seconds: number): string => (BigInt(START_MS + seconds * 1000) * 1_000_000n).toString();
const seconds = (at: string): number => (Date.parse(at) - START_MS) / 1000;

function passes(place: number, filters: TimelineFilters): boolean {
  const one = ordered[place]!;
  const { eventType: type } = filters;
  const ns = BigInt(nsAt(seconds(one.occurred_at)));
  return (
    (filters.entityType === undefined || one.entity_type === filters.entityType) &&
    (filters.entityId === undefined || one.entity_id === filters.entityId) &&
    (type === undefined ||
      (type.endsWith('*') ? one.event_type.startsWith(type.slice(0, -1)) : one.event_type === type)) &&
    (filters.field === undefined || changed[place]!.includes(filters.field)) &&
    (filters.fromNs === undefined || ns >= BigInt(filters.fromNs)) &&
    (filters.toNs === undefined || ns <= BigInt(filters.toNs))
  );
}

const shown = ({ index, eventId, eventType, entityType, entityId }: TimelineEntry): string =>
  [index, eventId, eventType, entityType, entityId].join(' ');
const expected = (place: number): string => {
  const { event_id, event_type, entity_type, entity_id } = ordered[place]!;
  return [place, event_id, event_type, entity_type, entity_id].join(' ');
};

const some = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const filtersOfChance = fc
  .record({
    entityType: some('content', 'playbook', 'none'),
    entityId: some('x1', 'x26', 'x0'),
    eventType: some('content.updated', 'content.*', 'playbook.updated'),
    field: some('title', 'status', 'absent'),
    fromNs: fc.option(fc.integer({ min: -1, max: 91 }).map(nsAt), { nil: undefined }),
    toNs: fc.option(fc.integer({ min: -1, max: 91 }).map(nsAt), { nil: undefined }),
  })
  .map(
    (all) =>
      Object.fromEntries(Object.entries(all).filter(([, one]) => one !== undefined)) as TimelineFilters,
  );

test('pages hold what passes, in order, each with its place in the whole timeline', async () => {
  const { timelines } = world.rewind.results;
  await fc.assert(
    fc.asyncProperty(
      filtersOfChance,
      fc.integer({ min: 0, max: 2700 }),
      fc.integer({ min: 1, max: 300 }),
      async (filters, from, limit) => {
        const found = await timelines.filtered(TENANT, jobId, { from, limit }, filters);
        const all = ordered.flatMap((_, place) => (place >= from && passes(place, filters) ? [place] : []));
        expect(found.map(shown)).toEqual(all.slice(0, limit).map(expected));
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);

test('a time is found at the place of the first event that is not before it', async () => {
  const { timelines } = world.rewind.results;
  for (const at of [-5, 0, 1, 33, 89, 90, 1000]) {
    const first = ordered.findIndex((one) => seconds(one.occurred_at) >= at);
    const place = await timelines.indexAt(TENANT, jobId, BigInt(nsAt(at)));
    expect([at, place]).toEqual([at, first < 0 ? ordered.length : first]);
  }
  const half = BigInt(nsAt(33)) + 1n;
  expect(await timelines.indexAt(TENANT, jobId, half)).toBe(
    ordered.findIndex((one) => seconds(one.occurred_at) > 33),
  );
});

test('what another tenant asks for is not there', async () => {
  const { timelines } = world.rewind.results;
  await expect(timelines.indexAt('globex', jobId, 0n)).rejects.toMatchObject({ code: 'job_not_found' });
});
