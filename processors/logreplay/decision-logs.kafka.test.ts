/**
 * Decision logs by a real Kafka: their topic is made by the first upload, jobs and archiver do without it until then, and
 * what was archived is replayed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobSpec } from '../../schemas/job.js';
import { type TestCluster, useCluster } from '../testing/cluster.js';
import { contentEvents, openTestRewind, type TestRewind } from '../testing/test-rewind.js';

const JANUARY: JobSpec = {
  job_type: 'StateRebuild',
  encoding_version: 1,
  rule_version: 1,
  time_range_start: '2024-01-01T00:00:00Z',
  time_range_end: '2024-02-01T00:00:00Z',
};
const DECISIONS = 500;

let cluster: TestCluster;
let test1: TestRewind;
let topic: string;
const stop = new AbortController();

beforeAll(async () => {
  cluster = await useCluster();
  const events = await cluster.newTopic(2);
  topic = `${events}.decision-logs`;
  test1 = await openTestRewind({
    workers: 1,
    flags: {
      'kafka.brokers': cluster.brokers,
      'kafka.eventsTopic': events,
      'kafka.eventsTopicPartitions': 3,
      'kafka.groupPrefix': `logs-${events}`,
      'registry.url': cluster.registryUrl,
      'registry.registerSchemas': true,
      'decisionLogs.topic': topic,
      'logReplay.batchOffsets': 50,
    },
  });
}, 120_000);
afterAll(async () => {
  stop.abort();
  await test1?.close();
});

test('a job does without the topic until there is one', async () => {
  await test1.append('acme', contentEvents(0, 20));
  const { jobId } = await test1.rewind.replay.create('acme', JANUARY, 'ann');
  expect((await test1.complete('acme', jobId)).counters).toMatchObject({ processed: 20 });
}, 60_000);

test('decisions go to their topic by their keys, to the archive, and through a replay', async () => {
  const archiving = test1.rewind.archive(stop.signal);
  const records = Array.from({ length: DECISIONS }, (_, i) => {
    const decision = {
      decision_id: `d${i}`,
      path: 'shop/allow',
      input: { role: i % 5 === 0 ? 'clerk' : 'admin' },
      result: true,
      timestamp: new Date(Date.UTC(2024, 0, 3) + i).toISOString(),
    };
    const parsed = test1.rewind.decisionLogs.parse(Buffer.from(JSON.stringify(decision)), 'acme', '');
    if (!parsed.ok) throw new Error(parsed.message);
    return parsed.record;
  });
  const places = await test1.rewind.decisionLogs.append(records);
  expect(new Set(places.map((place) => place.topic))).toEqual(new Set([topic]));
  expect(new Set(places.map((place) => place.partition)).size).toBe(3);
  const proposal = { policies: { shop: 'package shop\n\nallow if input.role == "admin"' }, duration: '60s' };
  for (;;) {
    const found = await test1.rewind.logReplays.run('acme', proposal, new AbortController().signal);
    if (found.stats.entriesObserved < DECISIONS) {
      await sleep(200);
      continue;
    }
    expect(found.stats.entriesObserved).toBe(DECISIONS);
    expect([found.tally.count('changed'), found.tally.count('unchanged')]).toEqual([
      DECISIONS / 5,
      (DECISIONS * 4) / 5,
    ]);
    expect(found.analyzed.every((id) => /\/[0-2]\/\d+-\d+$/.test(id))).toBe(true);
    break;
  }
  // Of all topics a job reads these too, by their type.
  const { jobId } = await test1.rewind.replay.create('acme', JANUARY, 'ann');
  expect((await test1.complete('acme', jobId)).counters.scanned).toBe(DECISIONS + 20);
  stop.abort();
  await archiving;
}, 120_000);
