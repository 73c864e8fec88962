/**
 * Following with everything real: events through a broker and the archiver, a broker that goes away in the middle, and
 * topics that cannot be written for a while. What people see, and what topics say, is what one run over all events gives.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followRun } from '../../deploy/examples/follow-run.js';
import { decode } from '../../deploy/examples/read-run.js';
import { type LocalKafka, startLocalKafka } from '../../deploy/local/start.js';
import { RANDOM_JOB_END_NS, RANDOM_JOB_START_NS } from '../generate/random-events.js';
import { openAdmin } from '../kafka/admin.js';
import { openRegistry } from '../kafka/registry.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { TestCluster } from '../testing/cluster.js';
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
import { readWhole, testSettings } from '../testing/read-log.js';
import { contentEvents, openTestRewind, type TestRewind } from '../testing/test-rewind.js';
import { currentTexts, lastTexts } from './follow.fixture.js';
import { expectTold } from './told.fixture.js';

const EVENTS = 4_000;
const choice: JobChoice = { encoding: operations, ordering: 'event_time', snapshots: 'all' };
const OUTPUTS = { topics: ['snapshots' as const, 'diffs' as const] };

let directory: string;
let kafka: LocalKafka;
let cluster: TestCluster;
let topics: OracleTopics;
let real: TestRewind & { readonly prepared: SchemaIds };
let records: OutgoingRecord[];
const sent: SentRecord[] = [];
let stop = new AbortController();
let archiving: Promise<void>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rewind-follow-broker-'));
  kafka = await startLocalKafka({ dataDir: directory });
  cluster = { brokers: [...kafka.brokers], registryUrl: '', newTopic, stop: () => kafka.stop() };
  topics = await newTopics(cluster, 8);
  real = await openWorld({});
  records = [...outgoing({ seed: 9, events: EVENTS, entities: 300 }, real.prepared)];
  archiving = real.rewind.archive(stop.signal);
}, 300_000);
afterAll(async () => {
  await closeWorld();
  await kafka?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function openWorld(flags: object) {
  const [name] = topics.names;
  const dataDir = join(directory, 'rewind');
  await mkdir(dataDir, { recursive: true });
  return openTestRewind({
    workers: 1,
    dataDir,
    flags: {
      'kafka.brokers': cluster.brokers,
      'kafka.groupPrefix': name,
      'kafka.eventsTopic': name,
      'registry.registerSchemas': true,
      sources: [{ name: 'random', topics: [...topics.names], decoder: 'rewind-avro' }],
      'outputs.topicPrefix': `${name}.{tenant}`,
      'outputs.partitions': 3,
      'collect.flushIntervalMs': 50,
      'follow.intervalMs': 50,
      ...flags,
    },
    prepare: (config) => registerVersions(openRegistry(config), name),
  });
}

async function closeWorld(): Promise<void> {
  stop.abort();
  await archiving;
  await real?.close();
}

async function newTopic(partitions: number): Promise<string> {
  const admin = await openAdmin(testSettings([...kafka.brokers]));
  const topic = `events-${Math.random().toString(36).slice(2)}`;
  await admin.createTopic({ topic, partitions, replicationFactor: 1 });
  await admin.close();
  return topic;
}

async function send(upTo: number): Promise<void> {
  sent.push(...(await produce(cluster, topics, records.slice(sent.length, upTo))));
}

const status = (tenant: string) => real.rewind.following.status(tenant);

/** Until the state has all that was sent, and the topics all steps. */
async function told(tenant: string, count: number): Promise<string> {
  for (;;) {
    const lag = await real.rewind.instance.archiveLag();
    const { lagRecords, untoldSteps, toldStep } = await status(tenant);
    const isArchived = lag.every(({ records: left }) => left === 0n) && sent.length === count;
    if (isArchived && lagRecords === '0' && untoldSteps === 0 && toldStep !== null) return toldStep;
    await sleep(100);
  }
}

const toldBy = (tenant: string, runId: string, last: string) => ({
  brokers: cluster.brokers,
  schemaById: (id: number) => openRegistry(real.config).schemaById(id),
  runId,
  prefix: `${topics.names[0]}.${tenant.replaceAll('_', '_5f')}`,
  last,
});

test('a broker that goes away in the middle loses nothing, and holds up no state', async () => {
  await send(600);
  const { jobId } = await real.rewind.replay.create(
    TENANT,
    {
      ...(await specOf(real, choice)),
      time_range_end: formatRfc3339Ns(RANDOM_JOB_START_NS + (RANDOM_JOB_END_NS - RANDOM_JOB_START_NS) / 10n),
      outputs: OUTPUTS,
    },
    'test',
  );
  await real.complete(TENANT, jobId);
  await real.rewind.current.state.promote(TENANT, jobId, 'ann', { reason: 'test', force: true });
  await real.rewind.following.turn(TENANT, true, 'ann');
  await send(1_200);
  await told(TENANT, 1_200);

  // What is in the archive while nothing can be written to topics.
  await real.rewind.following.turn(TENANT, false, 'ann');
  await send(1_800);
  while (Number((await status(TENANT)).lagRecords) < 600) await sleep(50);
  kafka.pause();
  await real.rewind.following.turn(TENANT, true, 'ann');
  while ((await status(TENANT)).lagRecords !== '0') await sleep(50);
  expect((await status(TENANT)).untoldSteps).toBeGreaterThan(0);
  kafka.resume();
  await send(2_400);
  await kafka.restart('hard');
  await send(EVENTS);
  const last = await told(TENANT, EVENTS);

  const job = { ...oracleJob(choice), endNs: RANDOM_JOB_END_NS + 10n ** 17n };
  const expected = runOracle(sent, job).snapshots;
  expect(await currentTexts(real, TENANT)).toEqual(
    lastTexts(expected).filter((text) => (JSON.parse(text) as unknown[])[4] === true),
  );
  await expectTold(toldBy(TENANT, jobId, last), expected);
}, 300_000);

const NEVER = ['pw-one', 'pw-two', 'pw-three', 'ann@example.org', 'bob@example.org', 'token-xyz'];
const MASKED = {
  name: 'masked',
  entity: 'envelope' as const,
  mask: { password: 'redact' as const, email: 'hash' as const },
  rules: [
    {
      match: '*',
      track: { password: '/password', email: '/email', plan: '/plan' },
      operations: [{ op: 'merge' as const, from: '/more' }],
    },
  ],
};
const user = (n: number, payload: object, minute = n) => ({
  event_id: `u${n}`,
  event_type: 'user.updated',
  entity_type: 'user',
  entity_id: 'u1',
  occurred_at: `2024-01-15T09:${String(minute).padStart(2, '0')}:00Z`,
  payload,
});

test('masked values are in no row of runs, steps, topics and dead letters', async () => {
  const tenant = 'acme';
  const arrive = (events: readonly object[]) => real.append(tenant, events);
  await arrive([
    user(1, { password: 'pw-one', email: 'ann@example.org', plan: 'free' }),
    user(2, { more: [{ password: 'token-xyz' }] }),
  ]);
  const { version } = await real.rewind.encodings.save(tenant, MASKED, 'test');
  const spec = {
    job_type: 'StateRebuild' as const,
    encoding_version: version,
    rule_version: 1,
    time_range_start: '2024-01-01T00:00:00Z',
    outputs: OUTPUTS,
  };
  const { replay, current, following } = real.rewind;
  const first = await replay.create(
    tenant,
    { ...spec, time_range_end: '2024-01-15T09:04:59.999999999Z' },
    'test',
  );
  await real.complete(tenant, first.jobId);
  await arrive([user(5, { password: 'pw-two', email: 'ann@example.org' })]);
  const second = await replay.create(
    tenant,
    {
      ...spec,
      time_range_start: '2024-01-15T09:05:00Z',
      time_range_end: '2024-01-15T09:06:00Z',
      from_snapshot_of: first.jobId,
    },
    'test',
  );
  await real.complete(tenant, second.jobId);
  await current.state.promote(tenant, second.jobId, 'ann', { reason: 'test' });
  await following.turn(tenant, true, 'ann');
  await arrive([user(7, { email: 'bob@example.org' }), user(8, { more: [{ email: 'bob@example.org' }] })]);
  while (Number((await status(tenant)).toldStep ?? 0) < 1) await sleep(50);
  const one = (await status(tenant)).toldStep;
  // From before what is there: the entity is folded again from its first event.
  await arrive([user(9, { password: 'pw-three', plan: 'paid' }, 3)]);
  while ((await status(tenant)).toldStep === one) await sleep(50);

  const { store } = real;
  const texts: string[] = [];
  const tables = [
    'snapshots',
    'live_snapshots',
    'entity_states',
    'dead_letters',
    'v1_field_changes',
    'v1_current_state',
  ];
  for (const table of tables) {
    const rows = await store.query(`SELECT * FROM ${store.t(table)}`);
    const own = rows.map((row) => JSON.stringify(row)).filter((text) => text.includes('u1'));
    expect({ table, rows: own.length > 0 }).toEqual({ table, rows: true });
    texts.push(...own);
  }
  for (const output of ['snapshots', 'diffs']) {
    const written = await readWhole(cluster.brokers, `${topics.names[0]}.${tenant}.${output}`);
    const steps = written.filter(({ headers }) => headers.some(([name]) => name === 'replay-step'));
    expect(steps.some(({ value }) => value?.includes('***'))).toBe(true);
    texts.push(
      ...written.map(({ value, headers }) => `${value?.toString('latin1')} ${JSON.stringify(headers)}`),
    );
  }
  const shown = await real.rewind.currentChanges.news(tenant);
  for (const step of shown!.steps) {
    const { changes } = await real.rewind.currentChanges.changes(shown!.setId, step, {
      after: null,
      limit: 100,
    });
    texts.push(JSON.stringify(changes));
  }
  const found = NEVER.filter((value) => texts.some((text) => text.includes(value)));
  expect(found).toEqual([]);
  expect(texts.some((text) => text.includes('the value is no object'))).toBe(true);
}, 120_000);

const tooFar = async () => {
  await closeWorld();
  real = await openWorld({
    'follow.maxStepEvents': 10,
    'follow.compactSteps': 1,
    'follow.untoldGenerations': 1,
  });
  stop = new AbortController();
  archiving = real.rewind.archive(stop.signal);
  const tenant = 'far-behind';
  const events = contentEvents(0, 80);
  await real.append(tenant, events.slice(0, 5));
  const { replay, current, following } = real.rewind;
  const { jobId } = await replay.create(
    tenant,
    {
      job_type: 'StateRebuild',
      encoding_version: 1,
      rule_version: 1,
      time_range_start: '2024-01-01T00:00:00Z',
      time_range_end: '2024-01-02T00:00:04Z',
      outputs: OUTPUTS,
    },
    'test',
  );
  await real.complete(tenant, jobId);
  await current.state.promote(tenant, jobId, 'ann', { reason: 'test' });
  await real.append(tenant, events.slice(5));
  while (Number((await status(tenant)).lagRecords) < 75) await sleep(50);
  kafka.pause();
  await following.turn(tenant, true, 'ann');
  while ((await status(tenant)).lagRecords !== '0') await sleep(50);
  kafka.resume();
  for (;;) {
    const { untoldSteps, toldStep } = await status(tenant);
    if (untoldSteps === 0 && toldStep !== null) break;
    await sleep(50);
  }
  // After the gap there is the last step at least.
  await real.append(tenant, contentEvents(90, 91));
  let gaps = 0;
  let isThere = false;
  const from = { ...toldBy(tenant, jobId, ''), topic: `${topics.names[0]}.${tenant}.snapshots` };
  await followRun(from, async ({ gap, rows }) => {
    if (gap) gaps++;
    for (const { value } of rows) {
      const { event_id } = (await decode(from.schemaById, value!)) as { event_id: string };
      if (event_id === 'e90') isThere = true;
    }
    return !isThere;
  });
  expect(gaps).toBeGreaterThan(0);
};
if (LONG) test('topics that are too far behind leave steps out and say so', tooFar, 120_000);
