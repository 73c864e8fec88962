/**
 * The pipeline on a real Kafka and registry against the plain oracle, row for row: from the log with an empty archive,
 * from the archive, from both, and from the log read again. `ORACLE_EVENTS` sets the number of events of every
 * configuration (`npm run test:oracle`).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entryPoint } from '../package-root.js';
import { type TestCluster, useCluster } from '../testing/cluster.js';
import { runOracle } from '../testing/oracle/oracle.js';
import type { SentRecord } from '../testing/oracle/types.js';
import { compareRun, expectationOf } from '../testing/oracle-run/compare.js';
import { builtIn, derived, operations } from '../testing/oracle-run/encodings.js';
import { newTopics, type OracleTopics, produce } from '../testing/oracle-run/kafka-topics.js';
import { type OutgoingRecord, outgoing } from '../testing/oracle-run/outgoing.js';
import { mergeAll, stopMerges } from '../testing/oracle-run/read-run.js';
import {
  type JobChoice,
  openRig,
  oracleJob,
  type Rig,
  runJob,
  specOf,
  TENANT,
} from '../testing/oracle-run/rig.js';

const GIVEN = Number(process.env.ORACLE_EVENTS ?? 0);

interface Sized {
  readonly events: number;
  readonly partitions: number;
  readonly workers: number;
  /** Further worker processes on the same store and log. */
  readonly processes: number;
  readonly seed: number;
}

const CONFIGURATIONS: readonly Sized[] = [
  { events: GIVEN || 30_000, partitions: 8, workers: 2, processes: 0, seed: 21 },
  { events: GIVEN || 10_000, partitions: 1, workers: 4, processes: 0, seed: 22 },
  { events: GIVEN || 10_000, partitions: 2, workers: 1, processes: 2, seed: 23 },
];

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await useCluster();
});
afterAll(() => cluster?.stop());

describe.each(CONFIGURATIONS)(
  'Kafka: $events events, $partitions partitions, $workers worker threads, $processes further processes',
  ({ events, partitions, workers, processes, seed }) => {
    let rig: Rig;
    let topics: OracleTopics;
    let children: ChildProcess[] = [];
    let source: Generator<OutgoingRecord>;
    const sent: SentRecord[] = [];

    beforeAll(async () => {
      topics = await newTopics(cluster, partitions);
      const flags = {
        'kafka.brokers': cluster.brokers,
        'kafka.groupPrefix': `oracle-${topics.names[0]}`,
        'registry.url': cluster.registryUrl,
        sources: [{ name: 'random', topics: [...topics.names], decoder: 'rewind-avro' }],
      };
      rig = await openRig(topics.names[0], flags, workers);
      source = outgoing({ seed, events }, rig.schemaIds);
      children = Array.from({ length: processes }, () => startWorker(rig));
    }, 600_000);
    afterAll(async () => {
      await Promise.all(children.map(endWorker));
      await rig?.stop();
    });

    async function more(count: number): Promise<void> {
      const records: OutgoingRecord[] = [];
      while (records.length < count) {
        const next = source.next();
        if (next.done) break;
        records.push(next.value);
      }
      sent.push(...(await produce(cluster, topics, records)));
    }

    /** Runs a job, compares it before and after merges, and answers how many offsets it had to collect. */
    async function check(choice: JobChoice): Promise<number> {
      const expected = expectationOf(runOracle(sent, oracleJob(choice)));
      await stopMerges(rig.store);
      const job = await runJob(rig, choice);
      await compareRun(rig.store, job, expected);
      await mergeAll(rig.store);
      await compareRun(rig.store, job, expected);
      return Number(job.plan?.recordsToCollect);
    }

    test('cold: the archive is empty', async () => {
      await more(Math.floor(events * 0.5));
      const collected = await check({
        encoding: builtIn,
        ordering: 'event_time',
        snapshots: 'all',
        source: 'auto',
      });
      expect(collected).toBeGreaterThanOrEqual(sent.length);
    }, 600_000);

    test('mixed: what a job collected is in the archive, the rest in the log', async () => {
      await more(Math.floor(events * 0.2));
      const collected = await check({
        encoding: operations,
        ordering: 'log',
        snapshots: 'changed',
        source: 'auto',
      });
      expect(collected).toBeGreaterThan(0);
      expect(collected).toBeLessThan(sent.length);
    }, 600_000);

    test('mixed: the live archiver has copied a part', async () => {
      await more(Math.floor(events * 0.2));
      await archiveSome(rig);
      await more(Math.ceil(events * 0.1));
      const collected = await check({
        encoding: operations,
        ordering: 'event_time',
        snapshots: 'all',
        source: 'auto',
      });
      expect(collected).toBeGreaterThan(0);
      expect(collected).toBeLessThan(sent.length * 0.5);
    }, 600_000);

    test('from the archive alone, under derived entities', async () => {
      const collected = await check({
        encoding: derived,
        ordering: 'log',
        snapshots: 'all',
        source: 'archive',
      });
      expect(collected).toBe(0);
    }, 600_000);

    test('the log read again', async () => {
      const collected = await check({
        encoding: operations,
        ordering: 'log',
        snapshots: 'final',
        source: 'kafka',
      });
      expect(collected).toBeGreaterThanOrEqual(sent.length);
    }, 600_000);

    test('further processes took part', async () => {
      expect((await workersOf(rig)).size > 1).toBe(processes > 0);
    });
  },
);

/** Runs the live archiver until it has stored something, then stops it wherever it stands. */
async function archiveSome(rig: Rig): Promise<void> {
  const spec = await specOf(rig, { encoding: builtIn, ordering: 'log', snapshots: 'all', source: 'auto' });
  const missing = async () => Number((await rig.rewind.replay.plan(TENANT, spec)).recordsToCollect);
  const before = await missing();
  const stop = new AbortController();
  const running = rig.rewind.archive(stop.signal);
  try {
    while ((await missing()) === before) await sleep(100);
  } finally {
    stop.abort();
    await running;
  }
}

/** Processes whose output counts, over all jobs of the rig. */
async function workersOf(rig: Rig): Promise<Set<string>> {
  const found = await rig.store.query<{ worker: string }>(
    `SELECT DISTINCT worker FROM ${rig.store.t('unit_log')} WHERE kind = 'manifest'`,
  );
  return new Set(found.map(({ worker }) => worker));
}

function startWorker(rig: Rig): ChildProcess {
  const { config } = rig;
  return spawn(process.execPath, [entryPoint('api/cli/main.js'), 'worker', '--workers', '1'], {
    cwd: config.dataDir,
    stdio: 'ignore',
    env: {
      ...process.env,
      REWIND_DATA_DIR: config.dataDir,
      REWIND_KAFKA_BROKERS: JSON.stringify(config.kafka.brokers),
      REWIND_KAFKA_EVENTS_TOPIC: config.kafka.eventsTopic,
      REWIND_KAFKA_GROUP_PREFIX: config.kafka.groupPrefix,
      REWIND_REGISTRY_URL: config.registry.url,
      REWIND_SOURCES: JSON.stringify(config.sources),
      REWIND_COLLECT_SLOT_OFFSETS: String(config.collect.slotOffsets),
      REWIND_REPLAY_POLL_MS: String(config.replay.pollMs),
    },
  });
}

async function endWorker(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
