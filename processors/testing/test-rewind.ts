/**
 * A whole pipeline for a test, in this process, on a directory of its own: engine, log, and what it takes to send events,
 * wait for jobs and look at rows. Further worker processes can be started on the same store, and killed.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../schemas/config.js';
import type { JobSpec } from '../../schemas/job.js';
import { loadConfig } from '../config/load.js';
import type { JobView, LogAppender } from '../replay/service.js';
import { openStore } from '../store/client.js';
import { connectionFromConfig } from '../store/connection.js';
import { connectEngine } from '../store/embedded.js';
import type { Store } from '../store/store.js';
import { createTelemetry, type Telemetry } from '../telemetry.js';
import { openRewind, type Rewind } from '../topology.js';
import { WorkerProcess } from './chaos/worker-process.js';

const POLL_MS = 10;

/** Settings by their dotted names, as flags give them. */
type Flags = Readonly<Record<string, unknown>>;

export interface TestRewind {
  readonly config: Config;
  readonly telemetry: Telemetry;
  readonly rewind: Rewind;
  /** On the same engine, for reading and spoiling rows behind the pipeline's back. */
  readonly store: Store;
  /** Appends events as callers send them. */
  append(tenant: string, events: readonly object[]): Promise<void>;
  /** Waits until the view holds what is asked; rejects where the job ends first. */
  until(tenant: string, jobId: string, holds: (job: JobView) => boolean): Promise<JobView>;
  /** Waits for the end, whichever it is. */
  ended(tenant: string, jobId: string): Promise<JobView>;
  /** Waits for a complete run; rejects with the error of any other end. */
  complete(tenant: string, jobId: string): Promise<JobView>;
  /** Rows of the job in a table or view. */
  rowsOf(jobId: string, table?: string): Promise<number>;
  /** A worker process on the same store, from dist/; armed with a failpoint where one is named. */
  startWorker(threads?: number, failpoint?: string): WorkerProcess;
  close(): Promise<void>;
}

export interface TestRewindOptions<Prepared> {
  readonly flags?: Flags;
  /** A directory of the caller's, which stays; default: one of its own, which goes. */
  readonly dataDir?: string;
  /** Threads of this process that work on jobs; 0 (default): none until `rewind.startWorkers`. */
  readonly workers?: number;
  /** Runs on the configuration before anything is open. */
  readonly prepare?: (config: Config) => Promise<Prepared>;
}

export async function openTestRewind<Prepared = void>(
  options: TestRewindOptions<Prepared> = {},
): Promise<TestRewind & { readonly prepared: Prepared }> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'rewind-test-')));
  const closers: (() => Promise<unknown>)[] = [];
  if (options.dataDir === undefined) closers.push(() => rm(dataDir, { recursive: true, force: true }));
  const close = async () => {
    for (const step of closers.splice(0).reverse()) await step();
  };
  try {
    const flags = { dataDir, 'replay.pollMs': 50, 'log.level': 'silent', ...options.flags };
    const { config } = loadConfig({ env: {}, cwd: dataDir, flags });
    const prepared = (await options.prepare?.(config)) as Prepared;
    const telemetry = createTelemetry({ level: config.log.level });
    const rewind = await openRewind(config, { telemetry });
    closers.push(() => rewind.close());
    const engine = await connectEngine(join(dataDir, 'engine'));
    const store = openStore(connectionFromConfig(config.store, engine, 'writer'));
    closers.push(() => store.close());
    if ((options.workers ?? 0) > 0) await rewind.startWorkers(options.workers!);
    const configFile = join(dataDir, 'workers.json');
    await writeFile(configFile, JSON.stringify(nested(flags)));
    const startWorker = (threads = 1, failpoint = ''): WorkerProcess => {
      const worker = new WorkerProcess({ configFile, cwd: dataDir, threads, failpoint });
      closers.push(() => worker.kill());
      return worker;
    };
    const parts = { config, telemetry, rewind, store, startWorker, close, prepared };
    return { ...parts, ...waiting(rewind), ...rows(rewind, store) };
  } catch (error) {
    await close();
    throw error;
  }
}

function waiting(rewind: Rewind): Pick<TestRewind, 'until' | 'ended' | 'complete'> {
  const poll = async (tenant: string, jobId: string, holds: (job: JobView) => boolean) => {
    for (;;) {
      const job = await rewind.replay.get(tenant, jobId);
      if (holds(job)) return job;
      await sleep(POLL_MS);
    }
  };
  const until: TestRewind['until'] = async (tenant, jobId, holds) => {
    const job = await poll(tenant, jobId, (view) => holds(view) || isOver(view));
    if (holds(job)) return job;
    throw new Error(`${jobId} is ${job.status}: ${JSON.stringify(job.error)}`);
  };
  return {
    until,
    ended: (tenant, jobId) => poll(tenant, jobId, (job) => job.completedAt !== null),
    complete: (tenant, jobId) => until(tenant, jobId, ({ status }) => status === 'Complete'),
  };
}

/** A cancelled job still gets the result of what is kept. */
function isOver({ status }: JobView): boolean {
  return status === 'Complete' || status === 'Failed';
}

function rows(rewind: Rewind, store: Store): Pick<TestRewind, 'append' | 'rowsOf'> {
  return {
    append: (tenant, events) => appendEvents(rewind, tenant, events),
    rowsOf: async (jobId, table = 'v1_snapshots') => {
      const sql = `SELECT toString(count()) AS count FROM ${store.t(table)} WHERE job_id = {job:String}`;
      return Number((await store.query<{ count: string }>(sql, { job: jobId }))[0]!.count);
    },
  };
}

export async function appendEvents(rewind: Rewind, tenant: string, events: readonly object[]): Promise<void> {
  const records: Parameters<LogAppender['append']>[0][number][] = [];
  for (const event of events) {
    const parsed = rewind.parseEvent(Buffer.from(JSON.stringify(event)), tenant);
    if (!parsed.ok) throw new Error(parsed.message);
    records.push(parsed.record);
  }
  await rewind.appender.append(records);
}

/** `a.b: 1` → `a: {b: 1}`, as a configuration file has it. */
function nested(flags: Flags): object {
  const file: Record<string, Record<string, unknown> | unknown> = {};
  for (const [name, value] of Object.entries(flags)) {
    const [section, setting] = name.split('.') as [string, string | undefined];
    if (setting === undefined) file[section] = value;
    else file[section] = { ...(file[section] as object | undefined), [setting]: value };
  }
  return file;
}

/** A StateRebuild of January 2024 by the built-in versions: the range of `contentEvents`. */
export const JANUARY: JobSpec = {
  job_type: 'StateRebuild',
  encoding_version: 1,
  rule_version: 1,
  time_range_start: '2024-01-01T00:00:00Z',
  time_range_end: '2024-02-01T00:00:00Z',
};

/** Events number `from` up to `to`, one a second, round and round over so many entities; each sets the title `t<number>`. */
export function contentEvents(from: number, to: number, entities = 50): object[] {
  return Array.from({ length: to - from }, (_, i) => {
    const n = from + i;
    return {
      event_id: `e${n}`,
      event_type: 'content.updated',
      entity_id: `c${n % entities}`,
      occurred_at: new Date(Date.UTC(2024, 0, 2) + n * 1000).toISOString(),
      payload: { title: `t${n}` },
    };
  });
}
