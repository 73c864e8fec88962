import { afterAll, beforeAll, expect, test } from 'vitest';
import { runKafkaTool } from '../../deploy/local/tools.js';
import { type TestCluster, useCluster } from './cluster.js';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await useCluster();
});
afterAll(() => cluster?.stop());

test('the broker keeps the partitions and settings a test asks for', async () => {
  const topic = await cluster.newTopic(3, { 'cleanup.policy': 'compact' });
  const described = await runKafkaTool('org.apache.kafka.tools.TopicCommand', [
    '--bootstrap-server',
    cluster.brokers.join(','),
    '--describe',
    '--topic',
    topic,
  ]);
  expect(described.stdout).toContain('PartitionCount: 3');
  expect(described.stdout).toContain('cleanup.policy=compact');
  expect(described.stdout).toContain('retention.ms=-1');
});

test('the registry speaks the Confluent API and refuses what is not backward compatible', async () => {
  const config = await (await fetch(`${cluster.registryUrl}/config`)).json();
  expect(config).toEqual({ compatibilityLevel: 'BACKWARD' });
});
