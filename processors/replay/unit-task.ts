/** The task of a fold or map unit, from what the job log froze. */
import type { ReplayPlan } from '../../schemas/job.js';
import { comparedWith } from '../compare/compared-with.js';
import { compileRules } from '../policy/rules-policy.js';
import { BUILT_IN_RULES_VERSION } from '../rules/built-in.js';
import type { RulesToOpen } from '../rules/rule-set.js';
import type { BoundJob, FoldingBody, Pipeline, UnitRange } from './pipeline.js';
import { decides } from './spec.js';
import type { TaskBase, TaskRules, UnitTask } from './tasks.js';

/** Everything of a unit's task but its claim. */
export async function taskMaker(
  pipeline: Pipeline,
  job: BoundJob,
  kind: UnitTask['kind'],
  { input, losers, repeated, base }: Pick<FoldingBody, 'input' | 'losers' | 'repeated' | 'base'>,
  plan: ReplayPlan,
): Promise<(range: UnitRange) => Omit<UnitTask, 'claim'>> {
  const { config, encodings } = pipeline;
  const { definition: encoding } = await encodings.get(job.tenantId, job.spec.encodingVersion);
  // What is folded again decides nothing again.
  const decided = kind === 'fold' && job.spec.verifies === undefined;
  const rules = decided ? await taskRules(pipeline, job) : null;
  const compared = kind === 'fold' ? await comparedWith(pipeline, job.spec) : {};
  return (range) => ({
    kind,
    jobId: job.jobId,
    unit: range.unit,
    spec: job.spec,
    encoding,
    input,
    range,
    losers,
    repeated,
    rules,
    ...compared,
    foldIn: plan.foldIn,
    ...(base === undefined ? {} : { base: taskBase(base) }),
    limits: taskLimits(config),
  });
}

export function taskLimits(config: Pipeline['config']): UnitTask['limits'] {
  return {
    batchBytes: config.replay.batchBytes,
    maxFailures: config.replay.maxFailures,
    maxEventsPerEntity: config.replay.maxEventsPerEntity,
    statementMaxSeconds: config.store.statementMaxSeconds,
    samples: config.compare.samples,
    sampleMaxBytes: config.compare.sampleMaxBytes,
  };
}

function taskBase({ jobId, claims, anew }: TaskBase): TaskBase {
  return { jobId, claims, anew };
}

async function taskRules(
  { rules, policies }: Pipeline,
  { tenantId, spec }: BoundJob,
): Promise<TaskRules | null> {
  if (!decides(spec)) return null;
  const open = async (version: number): Promise<RulesToOpen> => {
    const { hash, definitionJson } = await rules.get(tenantId, version);
    const known = { version, hash, definitionJson };
    return version === BUILT_IN_RULES_VERSION
      ? known
      : { ...known, policy: await compileRules(policies, definitionJson) };
  };
  return {
    rules: await open(spec.ruleVersion),
    baseline: spec.baselineRules === null ? null : await open(spec.baselineRules.version),
  };
}
