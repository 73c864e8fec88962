/** A whole Rewind in this process on a directory of its own: engine, workers, and the server on a free port. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../processors/config/load.js';
import { createTelemetry } from '../../processors/telemetry.js';
import { openRewind, type Rewind } from '../../processors/topology.js';
import { type RunningServer, startServer } from '../server.js';

export interface RunningRewind {
  readonly rewind: Rewind;
  readonly url: string;
  /** Sends JSON, or nothing; gives status and parsed answer. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** Waits for the end of a job; gives its row. */
  ended(tenant: string, jobId: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of whatever shape: tests say what they expect. */
  readonly body: ReturnType<typeof JSON.parse>;
}

export async function testDirectory(): Promise<{ dataDir: string; remove(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rewind-running-'));
  return { dataDir, remove: () => rm(dataDir, { recursive: true, force: true }) };
}

/** `workers`: 0 leaves jobs pending until `rewind.startWorkers`. */
export async function startRunning(
  dataDir: string,
  options: { workers?: number; flags?: Readonly<Record<string, unknown>> } = {},
): Promise<RunningRewind> {
  const flags = { dataDir, 'replay.pollMs': 50, 'http.port': 0, 'http.checkAnswers': true, ...options.flags };
  const { config } = loadConfig({ env: {}, cwd: dataDir, flags });
  const telemetry = createTelemetry({ level: config.log.level });
  const rewind = await openRewind(config, { telemetry });
  let server: RunningServer;
  try {
    server = await startServer({ ...rewind, config, telemetry, version: '0.0.0' });
  } catch (error) {
    await rewind.close();
    throw error;
  }
  const workers = options.workers ?? 1;
  if (workers > 0) await rewind.startWorkers(workers);
  const call: RunningRewind['call'] = async (method, path, body, headers = {}) => {
    const json: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(`${server.url}${path}`, {
      method,
      headers: { ...json, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = /\/(problem\+)?json/.test(answer.headers.get('content-type') ?? '');
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
    };
  };
  return {
    rewind,
    url: server.url,
    call,
    ended: async (tenant, jobId) => {
      for (;;) {
        const { body } = await call('GET', `/tenants/${tenant}/replay-jobs/${jobId}`);
        if (['Complete', 'Failed', 'Cancelled'].includes(body.data.status)) return body.data;
        await sleep(50);
      }
    },
    close: async () => {
      await server.stop('test');
      await rewind.close();
    },
  };
}
