/**
 * Searches in a run of the real engine against a plain walk over the snapshots as they are exported: states parsed and
 * conditions evaluated by JavaScript itself.
 */
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Encoding } from '../../schemas/encoding.js';
import { JANUARY, openTestRewind, type TestRewind } from '../testing/test-rewind.js';
import { byTime } from './by-time.fixture.js';

const TENANT = 'acme';
const START_MS = Date.UTC(2024, 0, 2);
const encoding: Encoding = {
  name: 'things',
  entity: 'envelope',
  rules: [{ match: '*', track: { size: '/size', tag: '/tag', nested: '/nested' } }],
};

const events = Array.from({ length: 900 }, (_, i) => ({
  event_id: `e${String((i * 379) % 900).padStart(3, '0')}`,
  event_type: i % 37 === 0 ? 'thing.deleted' : 'thing.updated',
  entity_type: 'thing',
  entity_id: `x${(i * 13) % 25}`,
  occurred_at: new Date(START_MS + ((i * 31) % 90) * 1000).toISOString(),
  payload: [
    { size: (i * 17) % 101 },
    { tag: `tag-${(i * 7) % 23}\n` },
    { nested: { list: [i % 5, { deep: `d${i % 11}` }], n: (i * 3) % 50 } },
  ][i % 3]!,
}));

interface Snapshot {
  readonly entity_id: string;
  readonly event_id: string;
  readonly fold_seq: number;
  readonly occurred_at: string;
  readonly state_after: State;
}

let world: TestRewind;
let jobId: string;
let snapshots: Snapshot[];
beforeAll(async () => {
  world = await openTestRewind({ workers: 2, flags: { 'replay.unitEvents': 300 } });
  await world.append(TENANT, events);
  const { version } = await world.rewind.encodings.save(TENANT, encoding, 'test');
  const spec = { ...JANUARY, encoding_version: version };
  jobId = (await world.rewind.replay.create(TENANT, spec, 'test')).jobId;
  await world.complete(TENANT, jobId);
  const rows = await world.rewind.results.exports.stream(TENANT, jobId, 'snapshots', 'ndjson', {});
  const lines = (await text(rows)).trim().split('\n');
  snapshots = lines.map((line) => JSON.parse(line) as Snapshot);
}, 120_000);
afterAll(() => world?.close());

type State = Readonly<Record<string, unknown>>;

interface Case {
  readonly where: string;
  readonly holds: (state: State) => boolean;
}

const at = (state: State, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>(
    (value, step) => (value as Record<string | number, unknown> | undefined)?.[step],
    state,
  );

/** Conditions with the same in JavaScript. */
const condition: fc.Arbitrary<Case> = fc.oneof(
  fc
    .integer({ min: -1, max: 102 })
    .map((n) => ({ where: `/size eq ${n}`, holds: (s: State) => s.size === n })),
  fc
    .integer({ min: 0, max: 101 })
    .map((n) => ({ where: `/size ge ${n}`, holds: (s: State) => Number(s.size) >= n })),
  fc
    .integer({ min: 0, max: 101 })
    .map((n) => ({ where: `/size lt ${n}`, holds: (s: State) => Number(s.size) < n })),
  fc.integer({ min: 0, max: 24 }).map((n) => ({
    where: `/tag ne "tag-${n}\\n"`,
    holds: (s: State) => s.tag !== undefined && s.tag !== `tag-${n}\n`,
  })),
  fc.integer({ min: 0, max: 24 }).map((n) => ({
    where: `/tag contains "-${n}\\n"`,
    holds: (s: State) => String(s.tag ?? '').includes(`-${n}\n`),
  })),
  fc.integer({ min: 0, max: 5 }).map((n) => ({
    where: `/tag matches ^tag-.${n}\\s$`,
    holds: (s: State) => new RegExp(`^tag-.${n}\\s$`).test(String(s.tag ?? '')),
  })),
  fc.integer({ min: 0, max: 12 }).map((n) => ({
    where: `/nested/list/1/deep matches d${n}$`,
    holds: (s: State) => new RegExp(`d${n}$`).test(String(at(s, 'nested', 'list', 1, 'deep') ?? '')),
  })),
  fc.integer({ min: 0, max: 50 }).map((n) => ({
    where: `/nested/n gt ${n}`,
    holds: (s: State) => Number(at(s, 'nested', 'n') ?? -1) > n,
  })),
  fc.integer({ min: 0, max: 6 }).map((n) => ({
    where: `/nested/list contains ${n}`,
    holds: (s: State) => ((at(s, 'nested', 'list') as unknown[] | undefined) ?? []).includes(n),
  })),
  fc.constant<Case>({ where: '/tag missing', holds: (s: State) => s.tag === undefined }),
  fc.constant<Case>({ where: '/nested/list/1/deep exists', holds: (s: State) => s.nested !== undefined }),
);
const cases: fc.Arbitrary<Case> = fc.array(condition, { minLength: 1, maxLength: 3 }).map((all) => ({
  where: all.map(({ where }) => where).join(' and '),
  holds: (state) => all.every(({ holds }) => holds(state)),
}));

/** The answer in the words of the expectation; null: nothing was found. */
async function shown(
  search: Promise<{ entityId: string; eventId: string; foldSeq: string; index: number | null }>,
): Promise<unknown> {
  try {
    const { entityId, eventId, foldSeq, index } = await search;
    return { entityId, eventId, foldSeq, index };
  } catch (error) {
    expect(error).toMatchObject({ code: 'match_not_found' });
    return null;
  }
}

function expected(found: Snapshot | undefined): unknown {
  if (found === undefined) return null;
  const index = [...snapshots].sort(byTime).indexOf(found);
  return { entityId: found.entity_id, eventId: found.event_id, foldSeq: `${found.fold_seq}`, index };
}

test('of an entity, the first event in its order after which all conditions hold', async () => {
  const { searches } = world.rewind.results;
  await fc.assert(
    fc.asyncProperty(
      cases,
      fc.integer({ min: 0, max: 25 }),
      fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
      async ({ where, holds }, entity, after) => {
        const id = `x${entity}`;
        const search = { jobId, where, ...(after === undefined ? {} : { afterSeq: `${after}` }) };
        const answer = await shown(searches.firstOfEntity(TENANT, { type: 'thing', id }, search));
        const own = snapshots
          .filter((row) => row.entity_id === id && row.fold_seq > (after ?? -1))
          .sort((a, b) => a.fold_seq - b.fold_seq);
        expect(answer).toEqual(expected(own.find((row) => holds(row.state_after))));
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);

test('of a run, the first event in time, whichever entity it is of', async () => {
  const { searches } = world.rewind.results;
  await fc.assert(
    fc.asyncProperty(cases, fc.integer({ min: 0, max: 60 }), async ({ where, holds }, from) => {
      const fromMs = START_MS + from * 1000;
      const filters = { fromNs: `${fromMs}000000` };
      const answer = await shown(searches.firstOfRun(TENANT, jobId, where, filters));
      const all = [...snapshots].sort(byTime);
      const found = all.find((row) => Date.parse(row.occurred_at) >= fromMs && holds(row.state_after));
      expect(answer).toEqual(expected(found));
    }),
    { numRuns: 40 },
  );
}, 120_000);

test('numbers that no double holds are told apart', async () => {
  const { rewind } = world;
  const sizes = ['9007199254740992', '9007199254740993', '-0.1e-330', '1e400'];
  const records = sizes.map((size, i) => {
    const event = `{"event_id":"n${i}","event_type":"thing.updated","entity_type":"thing","entity_id":"big",
      "occurred_at":"2024-01-02T00:00:0${i}Z","payload":{"size":${size}}}`;
    const parsed = rewind.parseEvent(Buffer.from(event), 'initech');
    if (!parsed.ok) throw new Error(parsed.message);
    return parsed.record;
  });
  await rewind.appender.append(records);
  const { version } = await rewind.encodings.save('initech', encoding, 'test');
  const run = await rewind.replay.create('initech', { ...JANUARY, encoding_version: version }, 'test');
  await world.complete('initech', run.jobId);
  const first = async (where: string) => [
    (await rewind.results.searches.firstOfRun('initech', run.jobId, where, {})).eventId,
    (
      await rewind.results.searches.firstOfEntity(
        'initech',
        { type: 'thing', id: 'big' },
        { jobId: run.jobId, where },
      )
    ).eventId,
  ];
  expect(await first('/size gt 9007199254740992')).toEqual(['n1', 'n1']);
  expect(await first('/size le 9007199254740992')).toEqual(['n0', 'n0']);
  expect(await first('/size lt 0')).toEqual(['n2', 'n2']);
  expect(await first('/size gt 9e399')).toEqual(['n3', 'n3']);
  expect(await first('/size eq 9007199254740993')).toEqual(['n1', 'n1']);
});

test('an expression that is none is refused, and other tenants find nothing', async () => {
  const { searches } = world.rewind.results;
  await expect(searches.firstOfRun(TENANT, jobId, '/tag matches (', {})).rejects.toMatchObject({
    code: 'field_invalid',
    pointer: '/where',
  });
  await expect(searches.firstOfRun('globex', jobId, '/tag exists', {})).rejects.toMatchObject({
    code: 'job_not_found',
  });
});
