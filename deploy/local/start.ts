/**
 * A real Apache Kafka (KRaft, one node) and a real schema registry on this machine, without Docker: for `npm run
 * demo:kafka`, for development and for tests. Both listen on loopback and end with the process that started them.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { excerpt, RewindError } from '../../schemas/errors.js';
import { freePort, type JavaServer, startJava } from './child.js';
import { javaCommand, kafkaJars, registryJar, requireJava, runCommand } from './java.js';

const START_TIMEOUT_MS = 90_000;

export interface LocalKafkaOptions {
  /** Data, settings and log of the broker; kept between starts. */
  readonly dataDir: string;
  /** Default: a free one. */
  readonly kafkaPort?: number;
  readonly heapMb?: number;
  /** Further broker settings, over ours. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: (line: string) => void;
}

export interface LocalKafka {
  readonly brokers: string[];
  /** Of the Java process; changes with restart. */
  readonly pid: number;
  /** clean: the broker shuts down in order. hard: kill -9, as a power cut would. Same port and data. */
  restart(kind: 'clean' | 'hard'): Promise<void>;
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** Starts a broker and waits until it answers. Errors: preflight_failed with what to install or the broker's words. */
export async function startLocalKafka(options: LocalKafkaOptions): Promise<LocalKafka> {
  await requireJava();
  const jars = await kafkaJars(options.log);
  const data = join(options.dataDir, 'data');
  await mkdir(data, { recursive: true });
  const port = options.kafkaPort ?? (await freePort());
  const controllerPort = await freePort();
  const properties = join(options.dataDir, 'server.properties');
  const text = Object.entries({ ...brokerSettings(port, controllerPort, data), ...options.settings })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
  await writeFile(properties, text);
  const classpath = join(jars, '*');
  if (!existsSync(join(data, 'meta.properties'))) await format(classpath, properties);

  const heap = options.heapMb ?? 512;
  const start = () =>
    startJava({
      name: 'Kafka',
      args: [
        `-Xmx${heap}m`,
        `-Xms${Math.min(heap, 256)}m`,
        '-XX:+UseG1GC',
        '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
        '-cp',
        classpath,
        'kafka.Kafka',
        properties,
      ],
      cwd: options.dataDir,
      logFile: join(options.dataDir, 'kafka.log'),
      ready: () => answersApiVersions(port),
      timeoutMs: START_TIMEOUT_MS,
    });
  let server: JavaServer = await start();
  options.log?.(`Kafka is up at 127.0.0.1:${port}`);
  return {
    brokers: [`127.0.0.1:${port}`],
    get pid() {
      return server.pid;
    },
    async restart(kind) {
      await server.stop(kind === 'clean' ? 30_000 : 0);
      server = await start();
    },
    pause: () => void process.kill(server.pid, 'SIGSTOP'),
    resume: () => void process.kill(server.pid, 'SIGCONT'),
    stop: () => server.stop(15_000),
  };
}

function brokerSettings(port: number, controllerPort: number, data: string): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': data,
    'auto.create.topics.enable': 'false',
    // History is old by nature: the default of seven days by record time would delete it within minutes.
    'log.retention.ms': '-1',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    // After kill -9 the controller waits for the old session to end before it takes the broker back.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    // The default of 128 MB is a quarter of our heap.
    'log.cleaner.dedupe.buffer.size': String(8 << 20),
    'log.cleaner.backoff.ms': '500',
    'log.retention.check.interval.ms': '1000',
  };
}

async function format(classpath: string, properties: string): Promise<void> {
  // The first character must not be a hyphen, which one id in 64 would begin with: the tool takes it for an option.
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  const clusterId = bytes.toString('base64url');
  const args = ['-XX:TieredStopAtLevel=1', '-cp', classpath, 'kafka.tools.StorageTool', 'format'];
  const result = await runCommand(javaCommand(), [...args, '-t', clusterId, '-c', properties]);
  if (result.code !== 0) {
    const words = excerpt(result.stdout + result.stderr);
    throw new RewindError('preflight_failed', `Kafka could not format its data directory: ${words}`);
  }
}

/** The broker opens its sockets last; an answer to ApiVersions (request 18, version 0) means that it serves. */
function answersApiVersions(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
    socket.once('connect', () => socket.write(Buffer.from('0000000a001200000000000affff', 'hex')));
    socket.once('data', () => end(true));
  });
}

export interface LocalRegistry {
  /** Base of the Confluent API. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the registry (schemas in memory) with compatibility BACKWARD. Errors: preflight_failed. */
export async function startLocalRegistry(options: {
  readonly dataDir: string;
  readonly port?: number;
  readonly heapMb?: number;
  readonly log?: (line: string) => void;
}): Promise<LocalRegistry> {
  await requireJava();
  const jar = await registryJar(options.log);
  await mkdir(options.dataDir, { recursive: true });
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  const server = await startJava({
    name: 'The schema registry',
    args: [
      `-Xmx${options.heapMb ?? 256}m`,
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Dquarkus.http.host=127.0.0.1',
      `-Dquarkus.http.port=${port}`,
      '-Dquarkus.log.level=WARN',
      '-Dquarkus.http.access-log.enabled=false',
      '-jar',
      jar,
    ],
    cwd: options.dataDir,
    logFile: join(options.dataDir, 'registry.log'),
    ready: async () => (await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(2_000) })).ok,
    timeoutMs: START_TIMEOUT_MS,
  });
  try {
    await setBackward(url);
  } catch (error) {
    await server.stop(0);
    throw error;
  }
  options.log?.(`the schema registry is up at ${url}`);
  return { url, stop: () => server.stop(5_000) };
}

/** Apicurio compares nothing by default; ours must refuse what a Confluent registry would refuse. */
async function setBackward(url: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(`${url}/config`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ compatibility: 'BACKWARD' }),
      signal: AbortSignal.timeout(10_000),
    });
    if (answer.ok) return;
    if (attempt === 5)
      throw new RewindError(
        'preflight_failed',
        `the schema registry answered ${answer.status} to its settings`,
      );
    await sleep(200);
  }
}
