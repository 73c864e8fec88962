import { setTimeout as sleep } from 'node:timers/promises';
import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer, Wait } from 'testcontainers';
import { expect, test } from 'vitest';
import { openStore, type StoreConnection } from './client.js';
import { migrate } from './migrate.js';
import { storeContract } from './store.contract.js';
import type { Store } from './store.js';
import { eventually, type StoreFixture } from './store-contract.fixture.js';

/** CLICKHOUSE_IMAGE: another server to prove the same contract on. */
const IMAGE = process.env.CLICKHOUSE_IMAGE ?? 'clickhouse/clickhouse-server:26.3';
const PASSWORD = 'contract';

async function dockerProblem(): Promise<string | null> {
  try {
    await getContainerRuntimeClient();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function startServer(): Promise<StoreFixture> {
  const container: StartedTestContainer = await new GenericContainer(IMAGE)
    .withEnvironment({ CLICKHOUSE_PASSWORD: PASSWORD })
    .withEntrypoint(['bash', '-c', 'while true; do /entrypoint.sh; sleep 0.2; done'])
    .withExposedPorts(8123)
    .withWaitStrategy(Wait.forHttp('/ping', 8123))
    .start();
  const opened: Store[] = [];
  const connection = (overrides: Partial<StoreConnection> = {}): StoreConnection => ({
    url: `http://${container.getHost()}:${container.getMappedPort(8123)}`,
    username: 'default',
    password: PASSWORD,
    readRetries: 30,
    ...overrides,
  });
  const open = (overrides: Partial<StoreConnection> = {}): Store => {
    const store = openStore(connection(overrides));
    opened.push(store);
    return store;
  };
  const store = open();
  await migrate(store, { mode: 'apply' });
  return {
    store,
    readerStore: open({ role: 'reader' }),
    connection,
    openStore: open,
    crash: async () => {
      // Its own loop starts it again, on the same port.
      await container.exec(['bash', '-c', "kill -9 $(sed -n 's/^PID: //p' /var/lib/clickhouse/status)"]);
      await sleep(500);
      await eventually(() => store.ping());
    },
    stop: async () => {
      await Promise.all(opened.map((each) => each.close()));
      await container.stop();
    },
  };
}

const problem = await dockerProblem();
if (problem === null) storeContract(`a ClickHouse server (${IMAGE})`, startServer);
else
  test('the contract on a ClickHouse server did not run: no Docker here', () => {
    process.stdout.write(`store.server.test.ts: the server contract did not run: ${problem}\n`);
    expect(problem).not.toBe('');
  });
