/** Looks up the versions that a spec names, so that the job is bound to exactly these. */
import { RewindError } from '../../schemas/errors.js';
import type { JobSpec, PinnedRules } from '../../schemas/job.js';
import type { SourceDefinition } from '../../schemas/source.js';
import { requireReadable } from '../collect/job-decoder.js';
import { freezeBaseline } from '../compare/freeze-baseline.js';
import { compileRules, isOfRules } from '../policy/rules-policy.js';
import { BUILT_IN_RULES_VERSION } from '../rules/built-in.js';
import { nowNs } from '../sources/moment.js';
import type { Pipeline } from './pipeline.js';
import { CONFIGURED_SOURCES, type SpecContext } from './spec.js';
import { limitsOf } from './spec-limits.js';

export type PinContext = Pick<
  Pipeline,
  'config' | 'encodings' | 'rules' | 'sources' | 'jobLog' | 'policies'
> & {
  /** Topics of all configured sources. */
  readonly topics: readonly string[];
};

/** Rejects with version_unknown, source_forbidden, or as freezeBaseline does; the pointer names the field of the spec. */
export async function pinVersions(
  context: PinContext,
  tenantId: string,
  spec: JobSpec,
): Promise<SpecContext> {
  const encoding = await context.encodings.get(tenantId, spec.encoding_version);
  const source = await context.sources.get(tenantId, spec.source_version ?? CONFIGURED_SOURCES);
  const baseline = spec.baseline_rule_version;
  const topics =
    source.version === CONFIGURED_SOURCES
      ? context.topics
      : await ownTopics(context, tenantId, source.definition);
  return {
    tenantId,
    encodingHash: encoding.hash,
    rules: await pinRules(context, tenantId, spec.rule_version, '/rule_version'),
    baselineRules:
      baseline === undefined ? null : await pinRules(context, tenantId, baseline, '/baseline_rule_version'),
    baseline: await freezeBaseline(context, tenantId, spec, encoding.definition),
    source: { version: source.version, hash: source.hash },
    topics,
    nowNs: nowNs(),
    ...limitsOf(context.config),
    hasLog: context.config.kafka.brokers.length > 0,
    outputs: context.config.outputs,
    sourceTopics: [
      ...context.topics,
      ...context.config.sourceTopics.flatMap((entry) => entry.topics),
      context.config.kafka.eventsTopic,
    ],
  };
}

/** Topics of a source version that the tenant saved, if it may (still) read them and has the encodings that they name. */
async function ownTopics(
  { config, encodings }: PinContext,
  tenantId: string,
  definition: SourceDefinition,
): Promise<readonly string[]> {
  requireReadable(config, tenantId, definition);
  for (const { encodingVersion } of definition.sources)
    if (encodingVersion !== undefined) await encodings.get(tenantId, encodingVersion, '/source_version');
  return definition.sources.flatMap(({ topics }) => topics);
}

async function pinRules(
  { rules, policies }: PinContext,
  tenantId: string,
  version: number,
  pointer: string,
): Promise<PinnedRules> {
  const { hash, definitionJson } = await rules.get(tenantId, version, pointer);
  // Saved rules have compiled; a later release, or other limits, may see that differently.
  if (version !== BUILT_IN_RULES_VERSION)
    await compileRules(policies, definitionJson).catch((error: unknown) => {
      throw isOfRules(error)
        ? new RewindError(error.code, error.message, { pointer, facts: error.facts })
        : error;
    });
  return { version, hash };
}
