/** What the units of a dry run need beside those of any job: the encoding of its baseline, or the rows that it verifies. */
import type { FrozenSpec } from '../../schemas/job.js';
import { stateClaims } from '../replay/base.js';
import type { Pipeline } from '../replay/pipeline.js';
import type { UnitTask } from '../replay/tasks.js';

export async function comparedWith(
  { encodings, config, unitLog }: Pick<Pipeline, 'encodings' | 'config' | 'unitLog'>,
  { baseline, verifies, tenantId }: FrozenSpec,
): Promise<Pick<UnitTask, 'baseline' | 'verifies'>> {
  if (verifies !== undefined)
    return { verifies: { jobId: verifies, claims: await stateClaims({ unitLog }, verifies) } };
  if (baseline === undefined) return {};
  const { definition: encoding } = await encodings.get(tenantId, baseline.encodingVersion);
  // The statement hands over to the workers what it cannot do.
  return { baseline: { encoding, foldIn: config.replay.foldInStore ? 'store' : 'worker' } };
}
