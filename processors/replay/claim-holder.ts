/** Whether the process that holds a claim is still there, as far as this host can know. */
import { hostname } from 'node:os';

/** True if the process that holds a claim ran on this host and is gone: its units need not wait for the lease. */
export function processIsGone(worker: string | null): boolean {
  const [host, pid] = worker?.split('/') ?? [];
  if (host !== hostname() || pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
