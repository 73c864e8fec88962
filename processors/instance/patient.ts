/** The doctor's questions, asked of what the configuration names. Opens connections when asked, and closes them. */
import { resolve } from 'node:path';
import type { Config } from '../../schemas/config.js';
import { configuredSources } from '../collect/source-decoder.js';
import { thisMachine } from '../config/preflight.js';
import { openAdmin } from '../kafka/admin.js';
import { withOptionalTopics } from '../kafka/optional-topics.js';
import { openStore } from '../store/client.js';
import { connectionFromConfig } from '../store/connection.js';
import { connectEngine } from '../store/embedded.js';
import { migrate } from '../store/migrate.js';
import type { Store } from '../store/store.js';
import type { DoctorTopic, Patient } from './doctor.js';
import { registryAnswers } from './registry-answers.js';

export function openPatient(config: Config): Patient {
  return {
    broker: config.kafka.brokers.length === 0 ? null : () => askBroker(config),
    registry: config.registry.url === '' ? null : () => registryAnswers(config.registry),
    storeClockMs: () =>
      withStore(config, async (store) => {
        const [row] = await store.query<{ ms: string }>('SELECT toUnixTimestamp64Milli(now64(3)) AS ms');
        return Number(row?.ms);
      }),
    pendingMigrations: async () =>
      (await withStore(config, (store) => migrate(store, { mode: 'check' }))) ?? [],
    freeDiskBytes: () => thisMachine().freeDisk(config.dataDir),
    nowMs: Date.now,
  };
}

/** Null: the embedded engine is not running. It is never started to be looked at. */
async function withStore<T>(config: Config, use: (store: Store) => Promise<T>): Promise<T | null> {
  const engine = config.store.url === '' ? await connectEngine(resolve(config.dataDir, 'engine')) : null;
  if (config.store.url === '' && engine === null) return null;
  const store = openStore(connectionFromConfig(config.store, engine, 'writer'));
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

async function askBroker(config: Config): Promise<readonly DoctorTopic[]> {
  const settings = { kafka: config.kafka, batchMaxBytes: config.limits.batchMaxBytes };
  const admin = withOptionalTopics(await openAdmin(settings), [config.decisionLogs.topic]);
  try {
    const names = [...new Set(configuredSources(config).flatMap(({ topics }) => topics))];
    const topics = await admin.topics(names);
    return await Promise.all(
      topics.map(async ({ topic, partitions }) => ({
        topic,
        partitions: partitions.length,
        ...(await admin.topicSettings(topic)),
      })),
    );
  } finally {
    await admin.close();
  }
}
