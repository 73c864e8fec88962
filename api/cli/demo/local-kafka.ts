/** `demo --kafka`: a real Kafka and a real registry on this machine, with their data beside the demo's own. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RewindError } from '../../../schemas/errors.js';

export interface DemoCluster {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  stop(): Promise<void>;
}

/** Null: Java is there, and Maven where its jars are still to come. */
export async function javaProblem(): Promise<string | null> {
  const { cacheDirectory, requireJava, runCommand } = await import('../../../deploy/local/java.js');
  try {
    await requireJava();
  } catch (error) {
    if (error instanceof RewindError) return `${error.message}.`;
    throw error;
  }
  const cache = cacheDirectory();
  const names = existsSync(cache) ? readdirSync(cache) : [];
  if (['kafka-', 'registry-'].every((prefix) => names.some((name) => name.startsWith(prefix)))) return null;
  const maven = await runCommand('mvn', ['-v']).catch(() => null);
  if (maven?.code === 0) return null;
  return 'Maven was not found: install it (Debian: apt-get install maven), or run the demo without --kafka.';
}

/** Starts both and resolves when they answer. The registry keeps nothing: ids are given anew, in the same order. */
export async function startCluster(dataDir: string, say: (line: string) => void): Promise<DemoCluster> {
  const { startLocalKafka, startLocalRegistry } = await import('../../../deploy/local/start.js');
  const [kafka, registry] = await Promise.allSettled([
    startLocalKafka({ dataDir: join(dataDir, 'kafka'), log: say }),
    startLocalRegistry({ dataDir: join(dataDir, 'registry-server'), log: say }),
  ]);
  const stop = async () => {
    const running = [registry, kafka].map((part) => (part.status === 'fulfilled' ? part.value.stop() : null));
    await Promise.all(running);
  };
  if (kafka.status === 'fulfilled' && registry.status === 'fulfilled')
    return { brokers: kafka.value.brokers, registryUrl: registry.value.url, stop };
  await stop();
  throw kafka.status === 'rejected' ? kafka.reason : (registry as PromiseRejectedResult).reason;
}
