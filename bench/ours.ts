/**
 * Rewind as a contestant: `rewind serve` as a process of its own with its engine, jobs over HTTP, as a user runs it. A
 * run counts from the creation of the job to its end, with planning, joining the group, sealing and the timeline.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SCALE_ENCODING, SCALE_TENANT } from '../processors/generate/scale.js';
import { openStore } from '../processors/store/client.js';
import type { Store } from '../processors/store/store.js';
import { type Environment, type ServerProcess, startRewind } from '../processors/testing/rewind-process.js';
import { StateDigest } from './expected.js';
import { usageOf } from './measure.js';
import type { PeerResult } from './peers/peer.js';

/** Seldom: a look costs the contestant CPU time, and its own clock says when the job ended. */
const POLL_MS = 500;

export interface OursResult extends PeerResult {
  readonly jobId: string;
  /** By stage of the job: plan, collect, fold (with the seal). */
  readonly stageSeconds: Readonly<Record<string, number>>;
  readonly nodeCpuSeconds: number;
  readonly engineCpuSeconds: number;
}

export interface OursSpec {
  readonly source: 'auto' | 'archive';
  readonly jobType?: 'StateRebuild' | 'DryRun';
}

export interface JobAnswer {
  readonly job_id: string;
  readonly status: string;
  readonly created_at: string;
  readonly completed_at: string;
  readonly counters: { readonly processed: number; readonly snapshots: number };
  readonly result: { readonly stage_seconds: Readonly<Record<string, number>> } | null;
  readonly error: unknown;
}

export class Ours {
  readonly #server: ServerProcess;
  readonly #dataDir: string;
  readonly store: Store;
  #encoding: Promise<number> | null = null;

  private constructor(server: ServerProcess, dataDir: string) {
    this.#server = server;
    this.#dataDir = dataDir;
    this.store = openStore({ ...this.#engine(), database: 'rewind' });
  }

  /** Starts a server on `dataDir`; what is there stays. `env`: settings by their environment names. */
  static async start(dataDir: string, env: Environment = {}): Promise<Ours> {
    const server = await startRewind([], {
      cwd: dataDir,
      env: { REWIND_DATA_DIR: dataDir, REWIND_LOG_LEVEL: 'warn', ...env },
    });
    return new Ours(server, dataDir);
  }

  get url(): string {
    return this.#server.url;
  }

  /** Processes by name, for memory over time. */
  get pids(): { readonly node: number; readonly engine: number } {
    return { node: this.#server.pid, engine: this.#engine().pid };
  }

  async stop(): Promise<void> {
    await this.store.close();
    await this.#server.stop();
  }

  /** The version of SCALE_ENCODING, saved on first use. */
  encoding(): Promise<number> {
    this.#encoding ??= this.post<{ version: number }>(`/tenants/${SCALE_TENANT}/encodings`, {
      definition: SCALE_ENCODING,
    }).then(({ version }) => version);
    return this.#encoding;
  }

  /** Runs a job over all of history to its end. Errors: its status and error where it does not complete. */
  async run(spec: OursSpec): Promise<OursResult> {
    await this.encoding();
    const before = this.#usage();
    const job = await this.complete(spec);
    const { job_id } = job;
    const after = this.#usage();
    const seconds = (Date.parse(job.completed_at) - Date.parse(job.created_at)) / 1000;
    return {
      jobId: job_id,
      events: job.counters.processed,
      snapshots: job.counters.snapshots,
      seconds,
      wallSeconds: seconds,
      stageSeconds: job.result?.stage_seconds ?? {},
      nodeCpuSeconds: after.node.cpuSeconds - before.node.cpuSeconds,
      engineCpuSeconds: after.engine.cpuSeconds - before.engine.cpuSeconds,
      cpuSeconds:
        after.node.cpuSeconds + after.engine.cpuSeconds - before.node.cpuSeconds - before.engine.cpuSeconds,
      peakRssBytes: after.node.peakRssBytes + after.engine.peakRssBytes,
      digest: spec.jobType === 'DryRun' ? '' : await this.digest(job_id),
    };
  }

  /** A job over all of history, once it is complete. */
  async complete({ source, jobType = 'StateRebuild' }: OursSpec): Promise<JobAnswer> {
    const { job_id } = await this.post<JobAnswer>(`/tenants/${SCALE_TENANT}/replay-jobs`, {
      job_type: jobType,
      encoding_version: await this.encoding(),
      rule_version: 1,
      time_range_start: '2000-01-01T00:00:00Z',
      time_range_end: '2100-01-01T00:00:00Z',
      source,
    });
    return this.#ended(job_id);
  }

  async #ended(jobId: string): Promise<JobAnswer> {
    for (;;) {
      const job = await this.get<JobAnswer>(`/tenants/${SCALE_TENANT}/replay-jobs/${jobId}`);
      if (job.status === 'Complete') return job;
      if (job.status === 'Failed' || job.status === 'Cancelled')
        throw new Error(`${jobId} is ${job.status}: ${JSON.stringify(job.error)}`);
      await sleep(POLL_MS);
    }
  }

  /** Of the last state of every entity, read through the view that people use. */
  async digest(jobId: string): Promise<string> {
    const digest = new StateDigest();
    const rows = await this.store.query<{ entity_type: string; entity_id: string; state: string }>(
      `SELECT entity_type, entity_id, argMax(state_after, fold_seq) AS state
       FROM ${this.store.t('v1_snapshots')} WHERE job_id = {jobId:String} GROUP BY entity_type, entity_id`,
      { jobId },
      { maxSeconds: 600, maxMemoryBytes: 4 * 2 ** 30 },
    );
    for (const { entity_type, entity_id, state } of rows) digest.add(entity_type, entity_id, state);
    return digest.hex();
  }

  /** Bytes on disk of a table's active parts, and their rows. */
  async tableSize(table: string): Promise<{ readonly bytes: number; readonly rows: number }> {
    const rows = await this.store.query<{ bytes: string; rows: string }>(
      `SELECT toString(sum(bytes_on_disk)) AS bytes, toString(sum(rows)) AS rows FROM system.parts
       WHERE active AND database = 'rewind' AND table = {table:String}`,
      { table },
    );
    return { bytes: Number(rows[0]!.bytes), rows: Number(rows[0]!.rows) };
  }

  get<T>(path: string): Promise<T> {
    return this.#call(path, { method: 'GET' });
  }

  post<T>(path: string, body: unknown): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    return this.#call(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  async #call<T>(path: string, init: RequestInit): Promise<T> {
    const answer = await fetch(this.url + path, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${init.method} ${path}: ${answer.status} ${text}`);
    return (JSON.parse(text) as { data: T }).data;
  }

  #engine(): { url: string; username: string; password: string; pid: number } {
    return JSON.parse(readFileSync(join(this.#dataDir, 'engine', 'engine.json'), 'utf8'));
  }

  #usage() {
    const { node, engine } = this.pids;
    return { node: usageOf(node), engine: usageOf(engine) };
  }
}
