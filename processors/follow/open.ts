/** Wires following: what the API asks, and what a worker process does. */
import type { Pipeline } from '../replay/pipeline.js';
import type { ThreadPool } from '../replay/thread-pool.js';
import { FollowLog } from '../store/follow-log.js';
import type { Store } from '../store/store.js';
import type { Telemetry } from '../telemetry.js';
import { type CurrentChanges, StoredChanges } from './changes.js';
import type { Following } from './contract.js';
import { CurrentFollowing } from './current-following.js';
import { FollowHost } from './host.js';

export interface FollowParts {
  readonly following: Following;
  readonly currentChanges: CurrentChanges;
}

export function openFollowing(pipeline: Pipeline, reader: Store): FollowParts {
  const { store, unitLog, jobLog, encodings, config } = pipeline;
  const followLog = new FollowLog(store);
  return {
    following: new CurrentFollowing({ reader, unitLog, jobLog, encodings, followLog }),
    currentChanges: new StoredChanges({ reader, unitLog, followLog, pollMs: config.http.streamPollMs }),
  };
}

/** Follows in this process what is to be followed; returns what ends it. `openPool`: called when there is something. */
export function startFollowing(
  pipeline: Pipeline,
  openPool: () => ThreadPool,
  telemetry: Telemetry,
): () => Promise<void> {
  const stop = new AbortController();
  const opened: ThreadPool[] = [];
  const lazily = () => {
    let pool: ThreadPool | null = null;
    return () => {
      if (pool === null) {
        pool = openPool();
        opened.push(pool);
      }
      return pool;
    };
  };
  const pools = { steps: lazily(), topics: lazily() };
  const context = { ...pipeline, followLog: new FollowLog(pipeline.store) };
  const host = new FollowHost(context, pools, ({ tenantId, jobId }, error) => {
    const err = error instanceof Error ? error : new Error(String(error));
    telemetry.event('follow.retry', { tenantId, jobId, err });
  });
  const running = host.run(stop.signal);
  return async () => {
    stop.abort();
    await running;
    for (const pool of opened) await pool.close();
  };
}
