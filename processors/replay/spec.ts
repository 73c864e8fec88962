/**
 * From what a caller asks for to what a job is bound to: defaults filled in, times in nanoseconds, versions pinned by
 * hash. Pure; the caller looks the encoding up.
 */
import { excerpt, RewindError } from '../../schemas/errors.js';
import type { FrozenSpec, JobSpec } from '../../schemas/job.js';
import { parseRfc3339Ns } from '../sources/time.js';

export interface SpecContext {
  readonly tenantId: string;
  readonly encodingHash: string;
  /** Topics of all configured sources. */
  readonly topics: readonly string[];
  readonly hasLog: boolean;
}

/** Rejects with range_invalid, time_*, version_unknown, source_unknown or log_required; pointers name the field. */
export function freezeSpec(spec: JobSpec, context: SpecContext): FrozenSpec {
  const startNs = parseTime(spec.time_range_start, '/time_range_start');
  const endNs = parseTime(spec.time_range_end, '/time_range_end');
  if (startNs >= endNs) {
    throw new RewindError(
      'range_invalid',
      `the range ends at ${spec.time_range_end}, not after its start ${spec.time_range_start}`,
      {
        pointer: '/time_range_end',
      },
    );
  }
  if (spec.job_type === 'DecisionOnly') {
    throw new RewindError(
      'job_type_unsupported',
      'DecisionOnly needs a policy engine, which this release does not have',
      {
        pointer: '/job_type',
      },
    );
  }
  if (spec.rule_version !== 1) {
    throw new RewindError(
      'version_unknown',
      `tenant ${context.tenantId} has no rule version ${spec.rule_version}`,
      {
        pointer: '/rule_version',
      },
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
  const source = spec.source ?? 'auto';
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
    ruleVersion: spec.rule_version,
    startNs: startNs.toString(),
    endNs: endNs.toString(),
    filters: spec.filters ?? {},
    source,
    topics: spec.topics ?? context.topics,
    startOffsets: spec.start_offsets ?? 'auto',
    ordering: spec.ordering ?? 'event_time',
    snapshots: spec.snapshots ?? 'all',
    onFailure: spec.on_failure ?? 'skip',
    name: spec.name ?? '',
    reason: spec.reason ?? '',
    labels: spec.labels ?? {},
  };
}

function parseTime(text: string, pointer: string): bigint {
  try {
    return parseRfc3339Ns(text);
  } catch (error) {
    if (error instanceof RewindError) throw new RewindError(error.code, error.message, { pointer });
    throw error;
  }
}
