/**
 * Finds or starts the cluster that tests run against; see cluster.ts for the order. Its owner ends it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalKafka, startLocalRegistry } from '../../deploy/local/start.js';
import { RewindError } from '../../schemas/errors.js';

/** Environment name: path of the socket where the owner of the shared cluster answers. */
export const CLUSTER_SOCKET = 'REWIND_TEST_CLUSTER_SOCKET';

export interface ClusterAddress {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
}

export interface OwnedCluster {
  readonly address: ClusterAddress;
  readonly stop: () => Promise<void>;
}

/** Rejects with preflight_failed when no cluster can be had; the message says what to install. */
export async function startTestCluster(): Promise<OwnedCluster> {
  const given = process.env.KAFKA_BROKERS;
  if (given) {
    const registryUrl = process.env.SCHEMA_REGISTRY_URL ?? '';
    if (registryUrl !== '')
      return { address: { brokers: given.split(','), registryUrl }, stop: async () => {} };
    return ownRegistry(given.split(','));
  }
  if (await dockerAnswers()) return dockerCluster();
  try {
    return await localCluster();
  } catch (error) {
    if (!(error instanceof RewindError) || error.code !== 'preflight_failed') throw error;
    throw new RewindError(
      'preflight_failed',
      `Integration tests need a Kafka: set KAFKA_BROKERS, or start Docker, or use Java and Maven: ${error.message}`,
      { cause: error },
    );
  }
}

async function ownRegistry(brokers: readonly string[]): Promise<OwnedCluster> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rewind-registry-'));
  const registry = await startLocalRegistry({ dataDir });
  return {
    address: { brokers, registryUrl: registry.url },
    async stop() {
      await registry.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function localCluster(): Promise<OwnedCluster> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rewind-cluster-'));
  const started = await Promise.allSettled([
    startLocalKafka({ dataDir: join(dataDir, 'kafka') }),
    startLocalRegistry({ dataDir: join(dataDir, 'registry') }),
  ]);
  const [kafka, registry] = started;
  const stop = async () => {
    await Promise.all(started.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
    await rm(dataDir, { recursive: true, force: true });
  };
  if (kafka.status === 'fulfilled' && registry.status === 'fulfilled')
    return { address: { brokers: kafka.value.brokers, registryUrl: registry.value.url }, stop };
  await stop();
  throw kafka.status === 'rejected' ? kafka.reason : registry.status === 'rejected' ? registry.reason : null;
}

async function dockerAnswers(): Promise<boolean> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
    return true;
  } catch {
    return false;
  }
}

/** The broker's advertised port must be known before it starts, hence a fixed one that was free a moment ago. */
async function dockerCluster(): Promise<OwnedCluster> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const { freePort } = await import('../../deploy/local/child.js');
  const port = await freePort();
  const settings: Record<string, string> = {
    KAFKA_NODE_ID: '1',
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    KAFKA_LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:9093`,
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    KAFKA_LOG_RETENTION_MS: '-1',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: '1000',
    KAFKA_LOG_CLEANER_BACKOFF_MS: '500',
    KAFKA_LOG_RETENTION_CHECK_INTERVAL_MS: '1000',
  };
  const kafka = await new GenericContainer('apache/kafka:4.1.1')
    .withExposedPorts({ container: port, host: port })
    .withEnvironment(settings)
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .start();
  const registry = await new GenericContainer('apicurio/apicurio-registry:3.0.9')
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHttp('/apis/ccompat/v7/subjects', 8080))
    .start();
  const registryUrl = `http://${registry.getHost()}:${registry.getMappedPort(8080)}/apis/ccompat/v7`;
  await fetch(`${registryUrl}/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ compatibility: 'BACKWARD' }),
  });
  return {
    address: { brokers: [`127.0.0.1:${port}`], registryUrl },
    async stop() {
      await Promise.all([kafka.stop(), registry.stop()]);
    },
  };
}
