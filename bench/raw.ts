/**
 * How fast a topic can be read at all: by Kafka's own kafka-consumer-perf-test, and by kafkajs with a handler that does
 * nothing. No contestant that reads the same topic with the same client can be faster.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { EachBatchPayload } from 'kafkajs';
import { javaCommand, kafkaJars } from '../deploy/local/java.js';
import { benchClient, withAdmin } from './cluster.js';
import { runMeasured } from './measure.js';

export interface RawResult {
  readonly records: number;
  /** From the first fetch to the last record; joining the group is left out. */
  readonly seconds: number;
  readonly recordsPerSecond: number;
  /** User and system; for Java with the start of its machine. */
  readonly cpuSeconds: number;
}

/** kafka-consumer-perf-test over the whole topic, with the memory that its own script gives it. */
export async function consumerPerfTest(options: {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly records: number;
}): Promise<RawResult> {
  const { brokers, topic, records } = options;
  const group = `bench-perf-${randomUUID()}`;
  const classpath = join(await kafkaJars(), '*');
  const flags = ['-Xmx512m', '-XX:+UseG1GC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'];
  const tool = ['org.apache.kafka.tools.ConsumerPerformance', '--bootstrap-server', brokers.join(',')];
  const args = ['--topic', topic, '--messages', String(records), '--group', group, '--hide-header'];
  const run = await runMeasured(javaCommand(), [...flags, '-cp', classpath, ...tool, ...args], {
    timeoutMs: 600_000,
  });
  await withAdmin(brokers, (admin) => admin.deleteGroups([group]));
  // start, end, MB, MB/s, records, records/s, ms of the rebalance, ms of fetching, MB/s and records/s of fetching.
  const line = run.stdout.split('\n').find((one) => /^\d{4}-\d\d-\d\d/.test(one)) ?? '';
  const fields = line.split(',').map((field) => field.trim());
  const seen = Number(fields[4]);
  const seconds = Number(fields[7]) / 1000;
  if (!(seen >= records && seconds > 0))
    throw new Error(`kafka-consumer-perf-test said: ${run.stdout}${run.stderr}`);
  return {
    records: seen,
    seconds,
    recordsPerSecond: Math.round(seen / seconds),
    cpuSeconds: run.cpuSeconds,
  };
}

/** kafkajs' eachBatch with an empty handler, in this process, until `records` records have been seen. */
export async function kafkajsNothing(options: {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly records: number;
}): Promise<RawResult> {
  const { brokers, topic, records } = options;
  const groupId = `bench-nothing-${randomUUID()}`;
  const consumer = benchClient(brokers).consumer({ groupId });
  let seen = 0;
  let first = 0;
  let cpu = process.cpuUsage();
  // The first fetch, and not the first batch: that one has been read by the time it is handed over.
  consumer.on('consumer.fetch_start', () => {
    if (first > 0) return;
    first = performance.now();
    cpu = process.cpuUsage();
  });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
      const eachBatch = async ({ batch }: EachBatchPayload) => {
        seen += batch.messages.length;
        if (seen >= records) resolve();
      };
      consumer.run({ autoCommit: false, eachBatch }).catch(reject);
    });
    const seconds = (performance.now() - first) / 1000;
    const used = process.cpuUsage(cpu);
    return {
      records: seen,
      seconds,
      recordsPerSecond: Math.round(seen / seconds),
      cpuSeconds: (used.user + used.system) / 1e6,
    };
  } finally {
    await consumer.disconnect();
    await withAdmin(brokers, (admin) => admin.deleteGroups([groupId])).catch(() => {});
  }
}
