/** The stream of a current state that is followed, on the real engine: what it tells, and where it goes on. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StoredChanges } from '../../processors/follow/changes.js';
import {
  catchUp,
  type Following,
  makeCurrent,
  openFollower,
  setOf,
} from '../../processors/follow/follow.fixture.js';
import { FollowLog } from '../../processors/store/follow-log.js';
import { UnitLog } from '../../processors/store/unit-log.js';
import { TENANT } from '../../processors/testing/oracle-run/rig.js';
import { openTestRewind, type TestRewind } from '../../processors/testing/test-rewind.js';
import { RawJson } from '../json/raw-json.js';
import { type CurrentEventsOptions, currentEvents, parseCurrentPlace } from './current-events.js';
import type { StreamEvent } from './event-stream.js';

let real: TestRewind;
let jobId: string;
let following: Following;

beforeAll(async () => {
  real = await openTestRewind({ workers: 1 });
  await send(['a', 0, 'draft']);
  const job = await real.rewind.replay.create(
    TENANT,
    {
      job_type: 'StateRebuild',
      encoding_version: 1,
      rule_version: 1,
      time_range_start: '2024-01-01T00:00:00Z',
      time_range_end: '2024-01-01T00:00:05Z',
    },
    'test',
  );
  jobId = job.jobId;
  await real.complete(TENANT, jobId);
  const set = await setOf(real, jobId, 'set-told');
  await makeCurrent(real, set);
  following = await openFollower(real, set, { compactSteps: 4 });
  await catchUp(following);
});

afterAll(async () => {
  following?.close();
  await real?.close();
});

let sent = 0;
const send = (...events: (readonly [id: string, second: number, status: string])[]) =>
  real.append(
    TENANT,
    events.map(([id, second, status]) => ({
      event_id: `e${++sent}`,
      event_type: status === 'gone' ? 'content.deleted' : 'content.updated',
      entity_id: id,
      occurred_at: `2024-01-01T00:00:${String(second).padStart(2, '0')}Z`,
      payload: { status },
    })),
  );

async function fold(...events: Parameters<typeof send>): Promise<void> {
  await send(...events);
  await catchUp(following);
}

/** The events behind `lastId` up to the first that `isLast` accepts. */
async function listen(
  lastId: string | undefined,
  isLast: (event: StreamEvent) => boolean,
  options: Partial<CurrentEventsOptions> = {},
): Promise<StreamEvent[]> {
  const stop = new AbortController();
  const { store } = real;
  const changes = new StoredChanges({
    reader: store,
    unitLog: new UnitLog(store),
    followLog: new FollowLog(store),
    pollMs: 0,
  });
  const told: StreamEvent[] = [];
  const events = currentEvents(
    {
      changes,
      tenantId: TENANT,
      all: true,
      entityType: undefined,
      pollMs: 10,
      heartbeatMs: 60_000,
      signal: stop.signal,
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      ...options,
    },
    parseCurrentPlace(lastId),
  );
  for await (const event of events) {
    if (event === null) continue;
    told.push(event);
    if (isLast(event)) break;
  }
  stop.abort();
  return told;
}

const isStep = ({ type }: StreamEvent) => type === 'state.step';
const plain = ({ type, data }: StreamEvent) => {
  const { state, entity_id } = data as { state?: RawJson; entity_id?: string };
  return state === undefined ? type : `${entity_id} ${state instanceof RawJson ? state.text : ''}`;
};

test('a client is told where it begins, then what each step changes', async () => {
  const [begin] = await listen(undefined, () => true);
  expect(begin).toMatchObject({ type: 'state.current', data: { job_id: jobId } });
  await fold(['a', 10, 'review'], ['b', 11, 'draft']);
  const told = await listen(begin!.id, isStep);
  expect(told.slice(0, -1).map(plain).sort()).toEqual(['a {"status":"review"}', 'b {"status":"draft"}']);
  expect(told.at(-1)).toMatchObject({ type: 'state.step', data: { events: 2, entities_folded_again: 0 } });
  // Cut off in mid-step, it goes on with the other entity.
  const rest = await listen(told[0]!.id, isStep);
  expect(rest.map(plain)).toEqual(told.slice(1).map(plain));
});

test('what came late and what ended are changes like others; a set that is written together is none', async () => {
  const [begin] = await listen(undefined, () => true);
  await fold(['a', 9, 'late']);
  await fold(['b', 30, 'gone']);
  await fold(['a', 31, 'done']);
  let steps = 0;
  const told = await listen(begin!.id, (event) => isStep(event) && ++steps === 3);
  expect(told.map(plain)).toEqual([
    'a {"status":"review"}',
    'state.step',
    'b {}',
    'state.step',
    'a {"status":"done"}',
    'state.step',
  ]);
  expect(told[1]).toMatchObject({ data: { entities_folded_again: 1 } });
  expect(told[2]).toMatchObject({ data: { exists: false } });
  expect((await listen(begin!.id, isStep, { entityType: 'billing' })).map(plain)).toEqual(['state.step']);
});

test('another run that becomes current, and an id that is none, begin anew', async () => {
  const [begin] = await listen(undefined, () => true);
  await makeCurrent(real, await setOf(real, jobId, 'set-other'));
  for (const id of [begin!.id, 'nonsense'])
    expect((await listen(id, () => true)).map(plain)).toEqual(['state.current']);
});
