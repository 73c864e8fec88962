/**
 * What chaos happens to: an engine whose child can be killed (its supervisor, this process, brings it back on the same
 * port), worker processes from dist/, and a client of the pipeline that creates jobs and reads their results.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RewindError } from '../../../schemas/errors.js';
import type { JobSpec } from '../../../schemas/job.js';
import { loadConfig } from '../../config/load.js';
import type { JobView } from '../../replay/service.js';
import type { Store } from '../../store/store.js';
import { createTelemetry } from '../../telemetry.js';
import { openRewind, type Rewind } from '../../topology.js';
import { startTestEngine, type TestEngine } from '../engine.js';
import { CHAOS_ENCODING, CHAOS_RANGE, CHAOS_TENANT } from './input.js';
import { pictureOf, type RunPicture } from './result.js';
import { WorkerProcess } from './worker-process.js';

export const LEASE_MS = 2_000;
const JOB_POLL_MS = 200;

export interface WorldOptions {
  /** Empty: the embedded log. */
  readonly brokers: readonly string[];
  readonly unitEvents: number;
  readonly collectRows: number;
  readonly outputBatchBytes?: number;
}

export class ChaosWorld {
  readonly rewind: Rewind;
  readonly #engine: TestEngine;
  readonly #dir: string;
  readonly #workers: WorkerProcess[] = [];
  #encodingVersion = 0;

  private constructor(rewind: Rewind, engine: TestEngine, dir: string) {
    this.rewind = rewind;
    this.#engine = engine;
    this.#dir = dir;
  }

  static async start(options: WorldOptions): Promise<ChaosWorld> {
    const dir = await mkdtemp(join(tmpdir(), 'rewind-chaos-'));
    await mkdir(join(dir, 'engine'));
    const engine = await startTestEngine({ dataDir: join(dir, 'engine'), memoryMaxBytes: 2 ** 31 });
    try {
      const settings = worldConfig(dir, engine, options);
      await writeFile(join(dir, 'chaos.json'), JSON.stringify(settings));
      const { config } = loadConfig({ env: {}, cwd: dir, file: join(dir, 'chaos.json') });
      const rewind = await openRewind(config, { telemetry: createTelemetry({ level: 'error', env: {} }) });
      const world = new ChaosWorld(rewind, engine, dir);
      world.#encodingVersion = (await rewind.encodings.save(CHAOS_TENANT, CHAOS_ENCODING, 'chaos')).version;
      return world;
    } catch (error) {
      await engine.stop();
      await rm(dir, { recursive: true, force: true });
      throw error;
    }
  }

  /** May only read, as analysts do. */
  get views(): Store {
    return this.#engine.readerStore;
  }

  get enginePid(): number {
    return this.#engine.engine.pid;
  }

  get workers(): readonly WorkerProcess[] {
    return this.#workers.filter((worker) => worker.alive);
  }

  startWorker(failpoint = '', threads = 2): WorkerProcess {
    const worker = new WorkerProcess({
      configFile: join(this.#dir, 'chaos.json'),
      cwd: this.#dir,
      threads,
      failpoint,
    });
    this.#workers.push(worker);
    return worker;
  }

  async killWorkers(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.kill()));
    this.#workers.length = 0;
  }

  /** Of the topics that jobs write to. */
  get topicPrefix(): string {
    return basename(this.#dir);
  }

  /** The data directory of all its processes. */
  get dir(): string {
    return this.#dir;
  }

  async createJob(
    source: 'auto' | 'archive' | 'kafka',
    outputs?: NonNullable<JobSpec['outputs']>,
  ): Promise<string> {
    const spec = {
      job_type: 'StateRebuild' as const,
      encoding_version: this.#encodingVersion,
      rule_version: 1,
      ...CHAOS_RANGE,
      start_offsets: 'full' as const,
      source,
      ...(outputs === undefined ? {} : { outputs }),
    };
    return (await this.rewind.replay.create(CHAOS_TENANT, spec, 'chaos')).jobId;
  }

  /** Resolves with the job once it has ended; rejects with the workers' last words when it does not. */
  async untilEnded(jobId: string, maxMs: number): Promise<JobView> {
    const deadline = performance.now() + maxMs;
    for (;;) {
      const job = await this.patiently(() => this.rewind.replay.get(CHAOS_TENANT, jobId));
      if (job.completedAt !== null) return job;
      if (performance.now() > deadline) {
        const words = this.#workers.map((worker) => `${worker.pid}: ${worker.output}`).join('\n');
        throw new Error(`job ${jobId} is at ${JSON.stringify(job.progress)} after ${maxMs} ms\n${words}`);
      }
      await sleep(JOB_POLL_MS);
    }
  }

  picture(jobId: string): Promise<RunPicture> {
    return this.patiently(() => pictureOf(this.rewind, this.views, jobId));
  }

  /** The last words of all workers, for messages of failed tests. */
  get words(): string {
    return this.#workers.map((worker) => `${worker.pid} ${worker.signal}: ${worker.output}`).join('\n');
  }

  /** Repeats a read while the engine comes back from a kill. */
  async patiently<T>(read: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof RewindError) || !error.retryable) throw error;
        await sleep(JOB_POLL_MS);
      }
    }
  }

  async stop(): Promise<void> {
    await this.killWorkers();
    await this.rewind.close();
    await this.#engine.stop();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** Small units, batches and leases: many steps to be interrupted at. */
function worldConfig(dir: string, engine: TestEngine, options: WorldOptions): object {
  const { url, username = '', password = '' } = engine.connection();
  return {
    dataDir: dir,
    log: { level: 'warn' },
    store: { url, username, password },
    kafka: {
      brokers: options.brokers,
      eventsTopic: basename(dir),
      eventsTopicPartitions: 4,
      groupPrefix: basename(dir),
      sessionTimeoutMs: 6_000,
    },
    registry: { registerSchemas: true },
    collect: { batchRows: options.collectRows, flushIntervalMs: 100, slotOffsets: 16_384 },
    outputs: {
      topicPrefix: basename(dir),
      partitions: 3,
      batchBytes: options.outputBatchBytes ?? 512 << 10,
    },
    replay: {
      unitEvents: options.unitEvents,
      batchBytes: 256 << 10,
      leaseMs: LEASE_MS,
      pollMs: 50,
    },
  };
}
