/**
 * Output topics of a run that is followed, on a real Kafka, written by worker processes that are killed at every place and
 * frozen: what the reference readers keep of the topics is, entity by entity and row by row, what one run over all events
 * would have said, whatever order they came in.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schemasOf } from '../../deploy/examples/read-run.js';
import { RANDOM_JOB_END_NS, RANDOM_JOB_START_NS } from '../generate/random-events.js';
import { openRegistry } from '../kafka/registry.js';
import { formatRfc3339Ns } from '../sources/time.js';
import { type TestCluster, useCluster } from '../testing/cluster.js';
import { LONG } from '../testing/long.js';
import { runOracle } from '../testing/oracle/oracle.js';
import type { SentRecord } from '../testing/oracle/types.js';
import { operations } from '../testing/oracle-run/encodings.js';
import { newTopics, type OracleTopics, produce } from '../testing/oracle-run/kafka-topics.js';
import {
  type OutgoingRecord,
  outgoing,
  registerVersions,
  type SchemaIds,
} from '../testing/oracle-run/outgoing.js';
import { type JobChoice, oracleJob, specOf, TENANT } from '../testing/oracle-run/rig.js';
import { readWhole } from '../testing/read-log.js';
import { openTestRewind, type TestRewind } from '../testing/test-rewind.js';
import { makeCurrent, setOf } from './follow.fixture.js';
import { expectTold } from './told.fixture.js';

const EVENTS = 2_400;
const PARTITIONS = 3;
const choice: JobChoice = { encoding: operations, ordering: 'event_time', snapshots: 'all' };

let cluster: TestCluster;
let topics: OracleTopics;
let real: TestRewind & { readonly prepared: SchemaIds };
let records: OutgoingRecord[];
const sent: SentRecord[] = [];
let at = 0;
const stop = new AbortController();
let archiving: Promise<void>;

beforeAll(async () => {
  cluster = await useCluster();
  topics = await newTopics(cluster, 2);
  const [name] = topics.names;
  real = await openTestRewind({
    flags: {
      'kafka.brokers': cluster.brokers,
      'kafka.groupPrefix': name,
      'kafka.eventsTopic': name,
      'registry.url': cluster.registryUrl,
      'registry.registerSchemas': true,
      sources: [{ name: 'random', topics: [...topics.names], decoder: 'rewind-avro' }],
      'outputs.topicPrefix': name,
      'outputs.partitions': PARTITIONS,
      'outputs.batchBytes': 4_096,
      'collect.flushIntervalMs': 50,
      'follow.intervalMs': 50,
      'follow.compactSteps': 3,
      'replay.leaseMs': 1_500,
    },
    prepare: (config) => registerVersions(openRegistry(config), name),
  });
  records = [...outgoing({ seed: 5, events: EVENTS, entities: 120 }, real.prepared)];
}, 300_000);
afterAll(async () => {
  stop.abort();
  await archiving;
  await real?.close();
  await cluster?.stop();
});

async function send(count: number): Promise<void> {
  const more = records.slice(at, at + count);
  at += more.length;
  sent.push(...(await produce(cluster, topics, more)));
}

async function told(): Promise<string> {
  for (;;) {
    const { lagRecords, step, untoldSteps, toldStep } = await real.rewind.following.status(TENANT);
    if (lagRecords === '0' && step !== null && untoldSteps === 0) return toldStep!;
    await sleep(50);
  }
}

test('steps are on the topics once, in order, and say what is void', async () => {
  await send(300);
  const first = real.startWorker();
  const { jobId } = await real.rewind.replay.create(
    TENANT,
    {
      ...(await specOf(real, choice)),
      time_range_end: formatRfc3339Ns(RANDOM_JOB_START_NS + (RANDOM_JOB_END_NS - RANDOM_JOB_START_NS) / 10n),
      outputs: { topics: ['snapshots', 'diffs'] },
    },
    'test',
  );
  await real.complete(TENANT, jobId);
  await first.kill();
  archiving = real.rewind.archive(stop.signal);
  await makeCurrent(real, await setOf(real, jobId, 'set-told'));
  await real.rewind.following.turn(TENANT, true, 'ann');

  for (const failpoint of ['step.sent', 'step.told', ...(LONG ? ['emit.sent', 'follow.stored'] : [])]) {
    const worker = real.startWorker(1, failpoint);
    while (worker.alive) {
      await send(20);
      await sleep(200);
    }
    expect(worker.signal).toBe('SIGKILL');
  }
  const frozen = real.startWorker(1, 'step.sent:2:freeze');
  await frozen.ready();
  while (!frozen.frozen) {
    await send(20);
    await sleep(200);
  }
  const others = [real.startWorker(), real.startWorker()];
  await send(200);
  await told();
  frozen.wake();
  await send(EVENTS - at);
  await told();
  await sleep(500);
  const last = await told();
  expect(others.every(({ alive }) => alive)).toBe(true);
  const job = { ...oracleJob(choice), endNs: RANDOM_JOB_END_NS + 10n ** 17n };
  const from = { brokers: cluster.brokers, schemaById: schemasOf(cluster.registryUrl), runId: jobId };
  await expectTold({ ...from, prefix: topics.names[0], last }, runOracle(sent, job).snapshots);

  const all = await readWhole(cluster.brokers, `${topics.names[0]}.snapshots`);
  const texts = all.map(({ headers }) => new Map(headers.map(([name, value]) => [name, String(value)])));
  const rows = texts.filter((one) => one.get('replay-record') === 'row' && one.has('replay-step'));
  const markers = texts.filter((one) => one.get('replay-record') === 'step');
  const { totals } = await real.rewind.following.figures();
  expect(totals.steps).toBe(new Set(markers.map((one) => one.get('replay-step'))).size);
  // Some entities were folded again, and some records are void: they were written by those that died.
  expect(rows.some((one) => one.get('replay-folded') === 'again')).toBe(true);
  const named = new Set(rows.map((one) => `${one.get('replay-step')} ${one.get('replay-claim')}`));
  expect(named.size).toBeGreaterThan(new Set(rows.map((one) => one.get('replay-step'))).size);
}, 300_000);
