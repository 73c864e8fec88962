/**
 * Following by worker processes that are killed at every place of a step, frozen and woken, and two at once: what people
 * see is at the end what one fold over all events gives.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RANDOM_JOB_END_NS, RANDOM_JOB_START_NS } from '../generate/random-events.js';
import { openRegistry } from '../kafka/registry.js';
import { formatRfc3339Ns } from '../sources/time.js';
import { runOracle } from '../testing/oracle/oracle.js';
import { operations } from '../testing/oracle-run/encodings.js';
import {
  type OutgoingRecord,
  outgoing,
  registerVersions,
  type SchemaIds,
} from '../testing/oracle-run/outgoing.js';
import { type JobChoice, oracleJob, specOf, TENANT } from '../testing/oracle-run/rig.js';
import { openTestRewind, type TestRewind } from '../testing/test-rewind.js';
import { currentTexts, lastTexts, makeCurrent, setOf } from './follow.fixture.js';

const EVENTS = 3_000;
const PART = 150;
const choice: JobChoice = { encoding: operations, ordering: 'event_time', snapshots: 'all' };

let real: TestRewind & { readonly prepared: SchemaIds };
let records: OutgoingRecord[];
let sent = 0;

beforeAll(async () => {
  real = await openTestRewind({
    flags: { 'follow.intervalMs': 50, 'follow.compactSteps': 4, 'replay.leaseMs': 1_500 },
    prepare: (config) => registerVersions(openRegistry(config), config.kafka.eventsTopic),
  });
  records = [...outgoing({ seed: 3, events: EVENTS, entities: 150 }, real.prepared)];
});
afterAll(() => real?.close());

async function send(count: number): Promise<void> {
  const more = records.slice(sent, sent + count);
  sent += more.length;
  await real.rewind.appender.append(
    more.map(({ key, value, recordTimeMs }) => ({
      key,
      value: value ?? Buffer.alloc(0),
      timestampMs: recordTimeMs,
    })),
  );
}

async function folded(): Promise<void> {
  for (;;) {
    const { lagRecords, step } = await real.rewind.following.status(TENANT);
    if (lagRecords === '0' && step !== null) return;
    await sleep(50);
  }
}

function expected(): string[] {
  const arrived = records.slice(0, sent).map(({ recordTimeMs, event }, i) => ({
    topicId: 'embedded',
    partition: 0,
    offset: BigInt(i),
    recordTimeMs,
    event,
  }));
  const job = { ...oracleJob(choice), endNs: RANDOM_JOB_END_NS + 10n ** 17n };
  return lastTexts(runOracle(arrived, job).snapshots).filter(
    (text) => (JSON.parse(text) as unknown[])[4] === true,
  );
}

test('a current state is followed through kills and freezes', async () => {
  await send(400);
  const first = real.startWorker();
  const { jobId } = await real.rewind.replay.create(
    TENANT,
    {
      ...(await specOf(real, choice)),
      time_range_end: formatRfc3339Ns(RANDOM_JOB_START_NS + (RANDOM_JOB_END_NS - RANDOM_JOB_START_NS) / 20n),
    },
    'test',
  );
  await real.complete(TENANT, jobId);
  await first.kill();
  await makeCurrent(real, await setOf(real, jobId, 'set-followed'));
  expect(await real.rewind.following.turn(TENANT, true, 'ann')).toMatchObject({
    on: true,
    actor: 'ann',
    jobId,
    step: null,
  });

  for (const failpoint of ['fold.inserting', 'follow.stored:2', 'unit.manifest:3']) {
    const worker = real.startWorker(1, failpoint);
    while (worker.alive) {
      await send(PART / 6);
      await sleep(150);
    }
    expect(worker.signal).toBe('SIGKILL');
  }

  const frozen = real.startWorker(1, 'unit.stored:1:freeze');
  await send(PART);
  while (!frozen.frozen) await sleep(50);
  const two = [real.startWorker(), real.startWorker()];
  await send(PART);
  await folded();
  frozen.wake();
  await send(EVENTS - sent);
  await folded();
  await sleep(300);
  expect(await currentTexts(real, TENANT)).toEqual(expected());
  expect((await real.rewind.following.status(TENANT)).error).toBeNull();
  expect(two.every(({ alive }) => alive)).toBe(true);

  const { step } = await real.rewind.following.turn(TENANT, false, 'bob');
  await sleep(1_500);
  await real.append(TENANT, [
    {
      event_id: 'too late',
      event_type: 'content.updated',
      entity_id: 'x',
      occurred_at: '2024-02-01T00:00:00Z',
      payload: {},
    },
  ]);
  await sleep(500);
  expect(await real.rewind.following.status(TENANT)).toMatchObject({ on: false, lagRecords: '1', step });
}, 300_000);
