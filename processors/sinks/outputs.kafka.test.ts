/**
 * Output topics on a real Kafka and registry: what the reference reader (deploy/examples) keeps of a topic is what the
 * views show of the run, row for row, and the events are the bytes that were sent.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decode, type RunRow, readRun, schemasOf } from '../../deploy/examples/read-run.js';
import type { JobSpec } from '../../schemas/job.js';
import type { OutputName } from '../../schemas/output.js';
import { openAdmin } from '../kafka/admin.js';
import { partitionOfKey } from '../kafka/murmur2.js';
import { type TestCluster, useCluster } from '../testing/cluster.js';
import { decode as decodeByOracle } from '../testing/oracle/rows.js';
import type { SentRecord } from '../testing/oracle/types.js';
import { derived, operations } from '../testing/oracle-run/encodings.js';
import { newTopics, type OracleTopics, produce } from '../testing/oracle-run/kafka-topics.js';
import { type OutgoingRecord, outgoing } from '../testing/oracle-run/outgoing.js';
import { readSnapshots } from '../testing/oracle-run/read-run.js';
import { openRig, oracleJob, type Rig, specOf, TENANT } from '../testing/oracle-run/rig.js';
import { testSettings } from '../testing/read-log.js';
import { untilEnded } from './outputs.fixture.js';

let cluster: TestCluster;
let topics: OracleTopics;
let rig: Rig;
let records: OutgoingRecord[];
let sent: SentRecord[];
const PARTITIONS = 3;
const CHOICE = { encoding: operations, ordering: 'event_time', snapshots: 'all' } as const;

beforeAll(async () => {
  cluster = await useCluster();
  topics = await newTopics(cluster, 2);
  rig = await openRig(
    topics.names[0],
    {
      'kafka.brokers': cluster.brokers,
      'kafka.groupPrefix': `out-${topics.names[0]}`,
      'registry.url': cluster.registryUrl,
      'registry.registerSchemas': true,
      sources: [{ name: 'random', topics: [...topics.names], decoder: 'rewind-avro' }],
      'outputs.topicPrefix': `out-${topics.names[0]}.{tenant}`,
      'outputs.partitions': PARTITIONS,
      'outputs.batchBytes': 20_000,
      'outputs.windowOffsets': 2_000,
    },
    2,
  );
  records = [...outgoing({ seed: 31, events: 8_000 }, rig.schemaIds)];
  sent = await produce(cluster, topics, records);
}, 300_000);
afterAll(async () => {
  await rig?.stop();
  await cluster?.stop();
});

const prefix = () => `out-${topics.names[0]}.${TENANT.replaceAll('_', '_5f')}`;

async function run(outputs: readonly OutputName[], more: Partial<JobSpec> = {}, encoding = operations) {
  const spec = await specOf(rig, { ...CHOICE, encoding });
  const created = await rig.rewind.replay.create(
    TENANT,
    { ...spec, outputs: { topics: [...outputs] }, ...more },
    'test',
  );
  return untilEnded(rig.rewind, TENANT, created.jobId);
}

async function read(topic: string, runId: string): Promise<RunRow[]> {
  const rows: RunRow[] = [];
  const options = { brokers: cluster.brokers, schemaById: schemasOf(cluster.registryUrl), topic, runId };
  await readRun(options, async (row) => {
    rows.push(row);
  });
  return rows;
}

const texts = (row: RunRow) =>
  Object.fromEntries(Object.entries(row.headers ?? {}).map(([name, value]) => [name, String(value)]));

test('snapshots and diffs are the rows of the views', async () => {
  const job = await run(['snapshots', 'diffs']);
  expect(job.error).toBeNull();
  expect(job.status).toBe('Complete');
  const shown = await readSnapshots(rig.store, job.jobId);
  expect(shown.length).toBeGreaterThan(1_000);
  const names = new Map(topics.ids.map((id, i) => [id, topics.names[i]!]));

  const byId = new Map<string, Record<string, unknown>>();
  const keys = new Map<string, string>();
  for (const row of await read(`${prefix()}.snapshots`, job.jobId)) {
    const value = (await decode(schemasOf(cluster.registryUrl), row.value!)) as Record<string, unknown>;
    const headers = texts(row);
    expect(headers.ce_id).toBe(value.id);
    expect(row.key!.toString()).toBe(`${value.entity_type}/${value.entity_id}`);
    expect(row.partition).toBe(partitionOfKey(row.key!, PARTITIONS));
    expect(byId.has(headers.ce_id!)).toBe(false);
    // Within an entity records come in the order of the fold.
    const last = keys.get(row.key!.toString());
    if (last !== undefined) expect(BigInt(value.fold_seq as bigint) > BigInt(last)).toBe(true);
    keys.set(row.key!.toString(), String(value.fold_seq));
    byId.set(headers.ce_id!, { ...value, headers });
  }
  expect(byId.size).toBe(shown.length);
  for (const row of shown) {
    const hash = createHash('sha256')
      .update(`${job.jobId}/${row.topicId}/${row.partition}/${row.offset}/${row.n}`)
      .digest('hex');
    const id = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
    const { headers, ...value } = byId.get(id) as { headers: Record<string, string> };
    expect(value).toEqual({
      id,
      run_id: job.jobId,
      tenant_id: TENANT,
      entity_type: row.entityType,
      entity_id: row.entityId,
      fold_seq: BigInt(row.foldSeq),
      event_id: row.eventId,
      event_type: row.eventType,
      occurred_at: row.occurredAtNs,
      exists: row.exists,
      changes: row.changes,
      state_before: row.stateBefore,
      state_after: row.stateAfter,
    });
    expect(headers).toMatchObject({
      ce_specversion: '1.0',
      ce_type: 'io.rewind.replay.snapshot',
      ce_subject: `${row.entityType}/${row.entityId}`,
      'replay-run-id': job.jobId,
      'replay-job-type': 'StateRebuild',
      'replay-source-topic': names.get(row.topicId),
      'replay-source-partition': String(row.partition),
      'replay-source-offset': String(row.offset),
      'replay-event-time': String(row.occurredAtNs),
    });
  }

  const diffs = new Map<string, unknown>();
  for (const row of await read(`${prefix()}.diffs`, job.jobId)) {
    const value = (await decode(schemasOf(cluster.registryUrl), row.value!)) as Record<string, unknown>;
    diffs.set(`${value.entity_type}/${value.entity_id}/${value.fold_seq}`, value.diff);
  }
  const changed = shown.filter((row) => row.changes > 0);
  expect(changed.length).toBeGreaterThan(0);
  expect(diffs).toEqual(
    new Map(changed.map((row) => [`${row.entityType}/${row.entityId}/${row.foldSeq}`, row.diff])),
  );
});

test('decisions are the rows of the view', async () => {
  const job = await run(['decisions'], { job_type: 'DecisionOnly' });
  expect(job.error).toBeNull();
  const shown = await rig.store.query<Record<string, string>>(
    `SELECT entity_type, entity_id, toString(fold_seq) AS fold_seq, decision, before, transition
     FROM ${rig.store.t('v1_decisions')} WHERE job_id = {jobId:String}`,
    { jobId: job.jobId },
  );
  expect(shown.length).toBeGreaterThan(1_000);
  const found: unknown[] = [];
  for (const row of await read(`${prefix()}.decisions`, job.jobId)) {
    const value = (await decode(schemasOf(cluster.registryUrl), row.value!)) as Record<string, unknown>;
    const { entity_type, entity_id, decision, before, transition } = value;
    found.push({ entity_type, entity_id, fold_seq: String(value.fold_seq), decision, before, transition });
  }
  const texts = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
  expect(texts(found)).toEqual(texts(shown));
});

test('topics keep records of any age', async () => {
  const admin = await openAdmin(testSettings(cluster.brokers));
  const settings = await admin.topicSettings(`${prefix()}.snapshots`);
  await admin.close();
  expect(settings.retentionMs).toBe(-1n);
});

test('events are the bytes that were sent, in their order by key, and a second run does not mix with the first', async () => {
  for (const encoding of [operations, derived]) {
    const job = await run(['events'], { filters: { severity: ['high', 'critical', 'low'] } }, encoding);
    expect(job.error).toBeNull();
    const start = BigInt(job.spec.startNs);
    const end = BigInt(job.spec.endNs);
    const wanted = new Map<string, OutgoingRecord>();
    sent.forEach((record, i) => {
      const { topicId, partition, offset, event } = record;
      if (event === null || decodeByOracle(record, event, oracleJob(CHOICE)) === null) return;
      if (event.tenantId !== TENANT) return;
      if (event.occurredAtNs < start || event.occurredAtNs > end) return;
      if (!['high', 'critical', 'low'].includes(event.severity ?? '')) return;
      wanted.set(`${topics.names[topics.ids.indexOf(topicId)]}/${partition}/${offset}`, records[i]!);
    });
    expect(wanted.size).toBeGreaterThan(100);
    const seen = new Map<string, number>();
    const rows = await read(`${prefix()}.events`, job.jobId);
    for (const row of rows) {
      const headers = texts(row);
      const source = `${headers['replay-source-topic']}/${headers['replay-source-partition']}`;
      const original = wanted.get(`${source}/${headers['replay-source-offset']}`);
      expect(original).toBeDefined();
      expect(row.value?.equals(original!.value!)).toBe(true);
      expect(row.key?.toString('hex')).toBe(original!.key?.toString('hex'));
      const key = `${source}/${row.key?.toString('hex')}`;
      expect(Number(headers['replay-source-offset'])).toBeGreaterThan(seen.get(key) ?? -1);
      seen.set(key, Number(headers['replay-source-offset']));
    }
    expect(rows.length).toBe(wanted.size);
  }
});

test('a dry run writes to no topic', async () => {
  const dry = await run(['snapshots'], {
    job_type: 'DryRun',
    outputs: { topics: ['snapshots'], prefix: `${prefix()}.dry` },
  });
  expect(dry.status).toBe('Complete');
  const admin = await openAdmin(testSettings(cluster.brokers));
  await expect(admin.topics([`${prefix()}.dry.snapshots`])).rejects.toMatchObject({
    code: 'topic_not_found',
  });
  await admin.close();
});

test('a prefix of others and a source topic are refused', async () => {
  const spec = await specOf(rig, CHOICE);
  const outputs = { topics: ['events' as const], prefix: 'somebody-else' };
  await expect(rig.rewind.replay.create(TENANT, { ...spec, outputs }, 'test')).rejects.toMatchObject({
    code: 'output_prefix_refused',
    pointer: '/outputs/prefix',
  });
});
