/** What tests of the output stage share. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobView } from '../replay/service.js';
import type { Rewind } from '../topology.js';

export async function untilEnded(rewind: Rewind, tenantId: string, jobId: string): Promise<JobView> {
  for (;;) {
    const job = await rewind.replay.get(tenantId, jobId);
    if (job.completedAt !== null) return job;
    await sleep(100);
  }
}
