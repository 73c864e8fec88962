/** Waiting for a job to come to another status or stage: those who wait for one job share one poller. */
import type { IncomingMessage } from 'node:http';
import type { JobView } from '../processors/replay/service.js';
import type { JobWatch } from '../processors/results/feeds.js';

/** Longest wait without a look at whether the server stops. */
const STEP_MS = 1000;

export function phaseOf({ status, progress }: JobView): string {
  return `${status}.${progress.stage}`;
}

/** The newest view once it has another phase, after the time, or when nobody waits any more. */
export async function otherPhase(
  watch: JobWatch,
  known: string,
  options: { readonly waitMs: number; readonly request: IncomingMessage; readonly draining: () => boolean },
): Promise<JobView> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  options.request.socket.once('close', leave);
  const deadline = performance.now() + options.waitMs;
  try {
    for (;;) {
      const { view, version } = watch.current();
      const left = deadline - performance.now();
      if (phaseOf(view) !== known || left <= 0 || gone.signal.aborted || options.draining()) return view;
      await watch.changed(version, Math.min(left, STEP_MS), gone.signal);
    }
  } finally {
    options.request.socket.off('close', leave);
  }
}
