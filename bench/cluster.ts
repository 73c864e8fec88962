/**
 * A real Kafka and a real schema registry for one benchmark run: on free ports, with their data in a temporary directory
 * that is gone afterwards. First step of every run; topic.ts fills it, peers and our own runs read it.
 */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { startLocalKafka, startLocalRegistry } from '../deploy/local/start.js';

/** Enough for the page-cache-bound work of a broker that serves one reader at a time. */
const BROKER_HEAP_MB = 1024;

export interface BenchCluster {
  readonly brokers: string[];
  /** Base of the Confluent API. */
  readonly registryUrl: string;
  /** Process of the broker, for its memory and CPU time. */
  readonly brokerPid: number;
  /** Ends both servers and deletes their data. */
  stop(): Promise<void>;
}

/** Errors: preflight_failed (no Java 17, no Maven on the first run, or what the servers said). */
export async function startBenchCluster(log: (line: string) => void = () => {}): Promise<BenchCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'rewind-bench-cluster-'));
  // The servers end with this process however it ends; their directory whenever there is time for it.
  const sweep = () => rmSync(directory, { recursive: true, force: true });
  const leave = () => process.exit(130);
  process.once('exit', sweep).once('SIGINT', leave).once('SIGTERM', leave);
  const [kafka, registry] = await Promise.allSettled([
    startLocalKafka({ dataDir: join(directory, 'kafka'), heapMb: BROKER_HEAP_MB, log }),
    startLocalRegistry({ dataDir: join(directory, 'registry'), log }),
  ]);
  const stop = async () => {
    await Promise.all(
      [kafka, registry].map((part) => (part.status === 'fulfilled' ? part.value.stop() : null)),
    );
    await rm(directory, { recursive: true, force: true });
    process.removeListener('exit', sweep).removeListener('SIGINT', leave).removeListener('SIGTERM', leave);
  };
  if (kafka.status === 'fulfilled' && registry.status === 'fulfilled') {
    const { brokers, pid } = kafka.value;
    return { brokers, registryUrl: registry.value.url, brokerPid: pid, stop };
  }
  await stop();
  throw kafka.status === 'rejected' ? kafka.reason : (registry as PromiseRejectedResult).reason;
}

/** A client that says nothing. What it opens, the caller closes. */
export function benchClient(brokers: readonly string[]): Kafka {
  return new Kafka({
    clientId: 'rewind-bench',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 10_000,
    requestTimeout: 60_000,
  });
}

/** Runs `work` with an admin connection of its own. */
export async function withAdmin<T>(
  brokers: readonly string[],
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = benchClient(brokers).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Registers an Avro schema under a subject; the id that it has there. */
export async function registerSchema(registryUrl: string, subject: string, schema: string): Promise<number> {
  const answer = await fetch(`${registryUrl}/subjects/${encodeURIComponent(subject)}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schemaType: 'AVRO', schema }),
    signal: AbortSignal.timeout(30_000),
  });
  if (!answer.ok) throw new Error(`the registry answered ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { id: number }).id;
}
