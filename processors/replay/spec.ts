/**
 * From what a caller asks for to what a job is bound to: defaults filled in, times in nanoseconds, versions pinned by
 * hash. Pure; the caller looks the versions up.
 */
import type { Config } from '../../schemas/config.js';
import { excerpt, RewindError } from '../../schemas/errors.js';
import type {
  FrozenBaseline,
  FrozenSpec,
  JobLimits,
  JobSpec,
  PinnedRules,
  Throttle,
} from '../../schemas/job.js';
import { BUILT_IN_RULES_VERSION } from '../rules/built-in.js';
import { nameOutputs } from '../sinks/topic-names.js';
import { isRelative, parseMomentNs } from '../sources/moment.js';
import { formatRfc3339Ns } from '../sources/time.js';
import { frozenLimits, frozenThrottle } from './spec-limits.js';

/** Version 1 of a tenant's sources: what the configuration names. */
export const CONFIGURED_SOURCES = 1;

export interface SpecContext {
  readonly tenantId: string;
  readonly encodingHash: string;
  readonly rules: PinnedRules;
  /** What decisions are compared with, where the spec names some. */
  readonly baselineRules: PinnedRules | null;
  /** What a dry run is compared with. */
  readonly baseline?: FrozenBaseline | undefined;
  readonly source: { readonly version: number; readonly hash: string };
  /** Topics of the source version. */
  readonly topics: readonly string[];
  /** What relative times are counted from. */
  readonly nowNs: bigint;
  readonly hasLog: boolean;
  readonly outputs: Config['outputs'];
  /** Topics that anything reads as history: what no output may be. */
  readonly sourceTopics: readonly string[];
  /** What holds for a job that asks for nothing. */
  readonly throttle: Throttle;
  /** What no job may exceed. */
  readonly limits: JobLimits;
}

/** Rejects with range_invalid, time_*, source_unknown or log_required; pointers name the field. */
export function freezeSpec(spec: JobSpec, context: SpecContext): FrozenSpec {
  const startNs = parseTime(spec.time_range_start, context.nowNs, '/time_range_start');
  const endNs = parseTime(spec.time_range_end, context.nowNs, '/time_range_end');
  if (startNs >= endNs) {
    throw new RewindError(
      'range_invalid',
      `the range ends at ${spec.time_range_end}, not after its start ${spec.time_range_start}`,
      {
        pointer: '/time_range_end',
      },
    );
  }
  const decided = { jobType: spec.job_type, ruleVersion: context.rules.version };
  if (context.baselineRules !== null && !decides(decided)) {
    throw new RewindError(
      'field_invalid',
      'a baseline of rules is for jobs that decide: DecisionOnly, or a rule_version other than 1',
      { pointer: '/baseline_rule_version' },
    );
  }
  for (const topic of spec.topics ?? []) {
    if (!context.topics.includes(topic)) {
      throw new RewindError(
        'source_unknown',
        `no source reads topic ${excerpt(topic)}; known: ${context.topics.join(', ')}`,
        {
          pointer: '/topics',
        },
      );
    }
  }
  const ownSource = context.source.version !== CONFIGURED_SOURCES;
  if (ownSource && spec.source === 'archive') {
    throw new RewindError(
      'field_invalid',
      'the archive holds what the configured sources made of the log: another source version reads the log again',
      { pointer: '/source' },
    );
  }
  const source = ownSource ? 'kafka' : (spec.source ?? 'auto');
  if (source === 'kafka' && !context.hasLog) {
    throw new RewindError('log_required', 'source kafka needs brokers, and none are configured', {
      pointer: '/source',
    });
  }
  return {
    tenantId: context.tenantId,
    jobType: spec.job_type,
    encodingVersion: spec.encoding_version,
    encodingHash: context.encodingHash,
    ruleVersion: context.rules.version,
    rulesHash: context.rules.hash,
    baselineRules: context.baselineRules,
    sourceVersion: context.source.version,
    sourceHash: context.source.hash,
    startNs: startNs.toString(),
    endNs: endNs.toString(),
    filters: spec.filters ?? {},
    source,
    topics: spec.topics ?? context.topics,
    startOffsets: spec.start_offsets ?? 'auto',
    ordering: spec.ordering ?? 'event_time',
    snapshots: spec.snapshots ?? 'all',
    onFailure: spec.on_failure ?? 'skip',
    ...frozenOutputs(spec, context),
    name: spec.name ?? '',
    reason: spec.reason ?? '',
    labels: spec.labels ?? {},
    ticket: spec.ticket ?? '',
    throttle: frozenThrottle(spec.throttle ?? {}, context.throttle),
    limits: frozenLimits(spec, context.limits),
    parentJobId: null,
    bounds: 'own',
    requested: {
      ...spec,
      time_range_start: formatRfc3339Ns(startNs),
      time_range_end: formatRfc3339Ns(endNs),
    },
    ...(context.baseline === undefined ? {} : { baseline: context.baseline }),
  };
}

/** True for jobs that put each event to rules: the built-in rules only where decisions are what is asked for. */
export function decides(spec: Pick<FrozenSpec, 'jobType' | 'ruleVersion'>): boolean {
  return spec.jobType === 'DecisionOnly' || spec.ruleVersion !== BUILT_IN_RULES_VERSION;
}

/** True for jobs whose snapshots are stored. */
export function keepsSnapshots(spec: Pick<FrozenSpec, 'jobType'>): boolean {
  return spec.jobType === 'StateRebuild';
}

function frozenOutputs(spec: JobSpec, context: SpecContext): Pick<FrozenSpec, 'outputs'> {
  if (spec.outputs === undefined) return {};
  if (!context.hasLog) {
    throw new RewindError('log_required', 'output topics need brokers, and none are configured', {
      pointer: '/outputs',
    });
  }
  const { outputs, tenantId, sourceTopics } = context;
  return { outputs: nameOutputs(spec.outputs, { outputs, tenantId, sources: sourceTopics }) };
}

/**
 * True if a request, frozen now, is the one that made a job. The same relative times mean the same request, although
 * they were frozen to other ones.
 */
export function isSameRequest(asked: JobSpec, frozen: FrozenSpec, known: FrozenSpec): boolean {
  const start = isRelative(asked.time_range_start) ? known : frozen;
  const end = isRelative(asked.time_range_end) ? known : frozen;
  const aligned: FrozenSpec = {
    ...frozen,
    startNs: start.startNs,
    endNs: end.endNs,
    requested: {
      ...frozen.requested,
      time_range_start: start.requested.time_range_start,
      time_range_end: end.requested.time_range_end,
    },
  };
  return JSON.stringify(aligned) === JSON.stringify(known);
}

function parseTime(text: string, nowNs: bigint, pointer: string): bigint {
  try {
    return parseMomentNs(text, nowNs);
  } catch (error) {
    if (error instanceof RewindError) throw new RewindError(error.code, error.message, { pointer });
    throw error;
  }
}
