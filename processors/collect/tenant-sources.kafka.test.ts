/**
 * A job that reads the log through a source version of its tenant, on a real Kafka: records as the tenant's mapping
 * reads them, nothing of other tenants, and the archive as it was.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobSpec } from '../../schemas/job.js';
import { pinVersions } from '../replay/pin.js';
import type { JobView } from '../replay/service.js';
import { JobLog } from '../store/job-log.js';
import { type TestCluster, useCluster } from '../testing/cluster.js';
import { openRig, type Rig } from '../testing/oracle-run/rig.js';
import { jobDecoder } from './job-decoder.js';

const MAPPING = {
  eventId: '$key',
  eventType: '/kind',
  occurredAt: '/at',
  tenantId: '/org',
  actor: '$header/who',
};
const SPEC: JobSpec = {
  job_type: 'StateRebuild',
  encoding_version: 1,
  rule_version: 1,
  source_version: 2,
  time_range_start: '2024-01-01T00:00:00Z',
  time_range_end: '2024-02-01T00:00:00Z',
};

let cluster: TestCluster;
let rig: Rig;
let events: string;
let own: string;

const record = (i: number, org: string | undefined, title: string) => ({
  key: `key-${i}`,
  headers: { who: 'ann' },
  value: JSON.stringify({ kind: 'content.updated', at: `2024-01-0${i}T00:00:00Z`, org, id: 'c1', title }),
});

beforeAll(async () => {
  cluster = await useCluster();
  events = await cluster.newTopic(1);
  own = await cluster.newTopic(2);
  rig = await openRig(
    events,
    {
      'kafka.brokers': cluster.brokers,
      'kafka.groupPrefix': `sources-${own}`,
      'registry.url': cluster.registryUrl,
      sourceTopics: [
        { tenantId: 'acme', topics: [own] },
        { tenantId: 'globex', topics: ['other'] },
      ],
    },
    1,
  );
  const kafka = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  await producer.send({
    topic: own,
    acks: -1,
    messages: [
      { ...record(1, 'acme', 'first'), partition: 0 },
      { ...record(2, 'globex', 'theirs'), partition: 0 },
      { ...record(3, undefined, 'second'), partition: 1 },
      {
        key: 'bad',
        value: '{"kind":"content.updated"}',
        partition: 1,
        timestamp: String(Date.UTC(2024, 0, 4)),
      },
    ],
  });
  await producer.disconnect();
}, 300_000);
afterAll(async () => {
  await rig?.stop();
  await cluster?.stop();
});

const definition = (topic: string) => ({
  name: 'crm',
  sources: [{ name: 'crm', topics: [topic], decoder: 'json', mapping: MAPPING }],
});

async function run(spec: JobSpec): Promise<JobView> {
  const { replay } = rig.rewind;
  const { jobId } = await replay.create('acme', spec, 'test');
  for (;;) {
    const job = await replay.get('acme', jobId);
    if (job.status === 'Complete') return job;
    if (job.status === 'Failed') throw new Error(JSON.stringify(job.error));
    await sleep(200);
  }
}

test('is read by its mapping, into rows of the job', async () => {
  const { rewind, store } = rig;
  expect((await rewind.sources.save('acme', definition(own), 'ann')).version).toBe(2);
  const job = await run({ ...SPEC, source: 'auto' });
  expect(job.spec).toMatchObject({ sourceVersion: 2, source: 'kafka', topics: [own] });
  expect(job.counters).toMatchObject({ scanned: 4, processed: 2, skipped: 1, failed: 1 });
  const history = await rewind.replay.entityHistory(
    'acme',
    { type: 'content', id: 'c1' },
    { jobId: job.jobId, limit: 10 },
  );
  expect(history.map((one) => [one.eventId, one.stateAfterJson, one.topic])).toEqual([
    ['key-1', '{"id":"c1","title":"first"}', own],
    ['key-3', '{"id":"c1","title":"second"}', own],
  ]);
  const archived = await store.query(`SELECT 1 FROM ${store.t('audit_events')} LIMIT 1`);
  expect(archived).toEqual([]);
});

test('reads no topic that nobody gave to the tenant', async () => {
  const { rewind, config } = rig;
  for (const topic of [events, 'other'])
    await expect(rewind.sources.save('acme', definition(topic), 'ann')).rejects.toMatchObject({
      code: 'source_invalid',
      pointer: '/sources/0/topics/0',
    });
  await expect(rewind.replay.create('globex', SPEC, 'test')).rejects.toMatchObject({
    code: 'version_unknown',
    pointer: '/source_version',
  });
  // What was given can be taken back: a version saved before is of no use then.
  const { encodings, sources } = rewind;
  const taken = { ...config, sourceTopics: [] };
  const decoder = () => {
    throw new Error('not this one');
  };
  const context = { config: taken, registry: null as never, encodings, sources, decoder };
  const forbidden = { code: 'source_forbidden', pointer: '/source_version' };
  await expect(jobDecoder(context, { tenantId: 'acme', sourceVersion: 2 })).rejects.toMatchObject(forbidden);
  const pinning = {
    ...context,
    rules: rewind.rules,
    policies: rewind.policies,
    jobLog: new JobLog(rig.store),
    topics: [events],
  };
  await expect(pinVersions(pinning, 'acme', SPEC)).rejects.toMatchObject(forbidden);
});

test('names encodings that the tenant has', async () => {
  const { sources, replay } = rig.rewind;
  const named = { name: 'crm', topics: [own], decoder: 'json', encodingVersion: 9 };
  const { version } = await sources.save('acme', { name: 'named', sources: [named] }, 'ann');
  await expect(replay.create('acme', { ...SPEC, source_version: version }, 'test')).rejects.toMatchObject({
    code: 'version_unknown',
    pointer: '/source_version',
  });
});

test('has no archive to read from', async () => {
  await expect(
    rig.rewind.replay.create('acme', { ...SPEC, source: 'archive' }, 'test'),
  ).rejects.toMatchObject({
    code: 'field_invalid',
    pointer: '/source',
  });
});

test('shows what it makes of records given', async () => {
  const shown = await rig.rewind.previews.source('acme', { version: 2 }, null, {
    records: [
      {
        topic: '',
        recordTimeMs: 0n,
        key: Buffer.from('k'),
        value: Buffer.from('{"kind":"content.updated","at":"2024-01-01T00:00:00Z","id":"c1","n":1e400}'),
        headers: [['who', Buffer.from('bob')]],
      },
      { topic: own, recordTimeMs: 0n, key: null, value: Buffer.from('{"kind":"a"}'), headers: [] },
    ],
  });
  expect(shown).toMatchObject([
    { topic: own, event: { eventId: 'k', actor: 'bob', tenantId: 'acme', entityId: 'c1' }, error: null },
    { event: null, code: 'field_unmapped' },
  ]);
});
