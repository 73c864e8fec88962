/** What api/ may ask of the output topics of a run. `processors/topology.ts` builds the implementation. */
import type { OutputState } from '../../schemas/output.js';

export interface Outputs {
  /** Topics of the run and how far each partition is; none before the first record is due. Errors: job_not_found. */
  ofRun(tenantId: string, jobId: string): Promise<readonly OutputState[]>;
}
