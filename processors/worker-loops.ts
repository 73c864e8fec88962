/** What a worker process does in the background, on threads: jobs, promotions, and the current states that are followed. */
import { Promoter } from './current/promoter.js';
import { startFollowing } from './follow/open.js';
import { PipelineHost } from './replay/host.js';
import type { Pipeline } from './replay/pipeline.js';
import { loggedRetries } from './replay/retry-events.js';
import { Sweeper } from './replay/sweep.js';
import { type ThreadData, ThreadPool } from './replay/thread-pool.js';
import type { PromotionLog } from './store/promotion-log.js';
import type { Telemetry } from './telemetry.js';

/** `others`: loops that need no threads. Returns what ends it: work under way is given back. */
export function startWorkerLoops(
  pipeline: Pipeline & { readonly promotions: PromotionLog },
  threads: number,
  data: ThreadData,
  telemetry: Telemetry,
  others: readonly { run(signal: AbortSignal): Promise<void> }[],
): () => Promise<void> {
  const pool = new ThreadPool(threads, data);
  const stop = new AbortController();
  const onRetry = loggedRetries(telemetry);
  const host = new PipelineHost(pipeline, pool, { onRetry });
  const promoter = new Promoter(pipeline, onRetry);
  const sweeper = new Sweeper(pipeline, onRetry);
  const running = Promise.all([host, promoter, sweeper, ...others].map((one) => one.run(stop.signal)));
  // A process without threads for jobs has none for this either.
  const endFollowing =
    threads === 0
      ? async () => undefined
      : startFollowing(pipeline, () => new ThreadPool(1, data), telemetry);
  return async () => {
    stop.abort();
    await endFollowing();
    await running;
    await pool.close();
  };
}
