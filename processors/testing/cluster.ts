/**
 * A real Kafka and a real schema registry for integration tests. In this order: KAFKA_BROKERS (and
 * SCHEMA_REGISTRY_URL) if set; Docker by testcontainers if a daemon answers; Java from Maven Central by deploy/local;
 * else the test fails and says what to install. One cluster per vitest run: global-setup.ts owns it and starts it when
 * the first file asks; files in a process without that setup start one of their own.
 */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { RewindError } from '../../schemas/errors.js';
import { CLUSTER_SOCKET, type ClusterAddress, startTestCluster } from './cluster-start.js';

export interface TestCluster {
  readonly brokers: string[];
  /** Confluent API base. */
  readonly registryUrl: string;
  /** A new topic with a random name; records are never deleted by age unless `config` says so. */
  newTopic(partitions: number, config?: Readonly<Record<string, string>>): Promise<string>;
  /** Ends what this call opened; a shared cluster lives on until the run ends. */
  stop(): Promise<void>;
}

export async function useCluster(): Promise<TestCluster> {
  const socket = process.env[CLUSTER_SOCKET];
  if (socket) return cluster(await askShared(socket), async () => {});
  const own = await startTestCluster();
  return cluster(own.address, own.stop);
}

function cluster(address: ClusterAddress, end: () => Promise<void>): TestCluster {
  const kafka = new Kafka({
    clientId: 'rewind-test',
    brokers: [...address.brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 10_000,
  });
  const admin = kafka.admin();
  let connected: Promise<void> | null = null;
  return {
    brokers: [...address.brokers],
    registryUrl: address.registryUrl,
    async newTopic(partitions, config = {}) {
      connected ??= admin.connect();
      await connected;
      const topic = `test-${randomUUID()}`;
      const entries = Object.entries({ 'retention.ms': '-1', ...config });
      await admin.createTopics({
        waitForLeaders: false,
        topics: [
          {
            topic,
            numPartitions: partitions,
            replicationFactor: 1,
            configEntries: entries.map(([name, value]) => ({ name, value })),
          },
        ],
      });
      await untilKnown(() => admin.fetchTopicMetadata({ topics: [topic] }));
      return topic;
    },
    async stop() {
      if (connected !== null) await admin.disconnect();
      await end();
    },
  };
}

/** kafkajs' own wait gives up when the broker has not heard of the topic yet, which a young one may not have. */
async function untilKnown(ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await ask();
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(100);
    }
  }
}

/** The owner answers one line of JSON: the address, or why there is none. */
function askShared(path: string): Promise<ClusterAddress> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', reject);
    socket.on('end', () => {
      const answer = JSON.parse(text) as { address: ClusterAddress } | { error: string };
      if ('address' in answer) resolve(answer.address);
      else reject(new RewindError('preflight_failed', answer.error));
    });
  });
}
