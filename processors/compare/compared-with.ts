/** What the units of a dry run need beside those of any job: the encoding of its baseline. */
import type { FrozenSpec } from '../../schemas/job.js';
import type { Pipeline } from '../replay/pipeline.js';
import type { UnitTask } from '../replay/tasks.js';

export async function comparedWith(
  { encodings, config }: Pick<Pipeline, 'encodings' | 'config'>,
  { baseline, tenantId }: FrozenSpec,
): Promise<Pick<UnitTask, 'baseline'>> {
  if (baseline === undefined) return {};
  const { definition: encoding } = await encodings.get(tenantId, baseline.encodingVersion);
  // The statement hands over to the workers what it cannot do.
  return { baseline: { encoding, foldIn: config.replay.foldInStore ? 'store' : 'worker' } };
}
