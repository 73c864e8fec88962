/** What the units of a dry run need beside those of any job: the encoding of its baseline, or the rows that it verifies. */
import type { FrozenSpec } from '../../schemas/job.js';
import type { Pipeline } from '../replay/pipeline.js';
import type { UnitTask } from '../replay/tasks.js';
import type { UnitLog } from '../store/unit-log.js';

export async function comparedWith(
  { encodings, config, unitLog }: Pick<Pipeline, 'encodings' | 'config' | 'unitLog'>,
  spec: FrozenSpec,
): Promise<Pick<UnitTask, 'baseline' | 'verifies'>> {
  const { baseline, verifies, tenantId } = spec;
  if (verifies !== undefined)
    return { verifies: { jobId: verifies, claims: await foldClaims(unitLog, verifies) } };
  if (baseline === undefined) return {};
  const { definition: encoding } = await encodings.get(tenantId, baseline.encodingVersion);
  // The statement hands over to the workers what it cannot do.
  return { baseline: { encoding, foldIn: config.replay.foldInStore ? 'store' : 'worker' } };
}

/** The claims of a run's sealed fold units: those whose rows show. */
export async function foldClaims(unitLog: UnitLog, jobId: string): Promise<string[]> {
  const units = await unitLog.readScope(jobId, 'fold/');
  return [...units.values()].flatMap(({ sealed, segments }) =>
    sealed ? segments.map(({ claim }) => claim) : [],
  );
}
