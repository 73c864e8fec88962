/** From the baseline that a caller asks for to the versions that a job is bound to. */
import type { Encoding } from '../../schemas/encoding.js';
import { RewindError } from '../../schemas/errors.js';
import type { FrozenBaseline, FrozenSpec, JobSpec } from '../../schemas/job.js';
import type { Pipeline } from '../replay/pipeline.js';
import type { JobLog } from '../store/job-log.js';

/** Rejects with field_invalid, version_unknown, job_not_found or job_not_finished; pointers name the field. */
export async function freezeBaseline(
  { encodings, rules, jobLog }: Pick<Pipeline, 'encodings' | 'rules' | 'jobLog'>,
  tenantId: string,
  spec: JobSpec,
  encoding: Encoding,
): Promise<FrozenBaseline | undefined> {
  const { baseline } = spec;
  if (baseline === undefined) return undefined;
  if (spec.job_type !== 'DryRun')
    throw invalid('a baseline is for a DryRun; runs that keep snapshots can be compared afterwards');
  const byNumber = baseline.encoding_version !== undefined || baseline.rule_version !== undefined;
  if (byNumber === (baseline.job_id !== undefined))
    throw invalid('a baseline names versions, or the finished run whose versions are meant');
  const run = baseline.job_id === undefined ? null : await finishedRun(jobLog, tenantId, baseline.job_id);
  const version = run?.encodingVersion ?? baseline.encoding_version ?? spec.encoding_version;
  const pinned = await encodings.get(tenantId, version, '/baseline/encoding_version');
  if (encoding.entity !== 'envelope' || pinned.definition.entity !== 'envelope') {
    throw invalid(
      'an encoding that derives entities cannot stand beside another in one pass; make two runs, and compare these',
    );
  }
  const ruleVersion = run?.ruleVersion ?? baseline.rule_version ?? spec.rule_version;
  await rules.get(tenantId, ruleVersion, '/baseline/rule_version');
  return {
    encodingVersion: version,
    encodingHash: pinned.hash,
    ruleVersion,
    jobId: baseline.job_id ?? null,
  };
}

async function finishedRun(jobLog: JobLog, tenantId: string, jobId: string): Promise<FrozenSpec> {
  const pointer = '/baseline/job_id';
  const job = await jobLog.read(tenantId, jobId);
  if (job === null) throw new RewindError('job_not_found', 'this tenant has no such job', { pointer });
  const spec = job.state.spec as FrozenSpec;
  if (job.state.status !== 'Complete' || spec.jobType !== 'StateRebuild') {
    throw new RewindError('job_not_finished', `job ${jobId} is no finished StateRebuild`, { pointer });
  }
  return spec;
}

function invalid(message: string): RewindError {
  return new RewindError('field_invalid', message, { pointer: '/baseline' });
}
