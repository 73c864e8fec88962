/** The request of a log replay becomes what it means now: defaults, limits, times, patches. Pure but for the log's revisions. */
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import { parseMomentNs } from '../sources/moment.js';
import { parseDurationNs } from '../sources/time.js';
import type { AnalysisRules } from './analysis.js';
import type { Proposal } from './bases.js';
import { type BatchRange, parseBatchId } from './batch.js';
import type { LogReplayRequest, ScopeRequest } from './contract.js';
import { parsePatch } from './patch.js';
import { pathNames, type Scope } from './scope.js';

type Limits = Config['logReplay'];

const MS = 1_000_000n;

/** Left out or less than zero: the default; longer than allowed: what is allowed. */
export function durationOf({ duration }: LogReplayRequest, limits: Limits): bigint {
  const given = duration === undefined ? -1n : at('/duration', () => parseDurationNs(duration));
  const max = BigInt(limits.maxReplayDurationMs) * MS;
  const wanted = given < 0n ? BigInt(limits.defaultReplayDurationMs) * MS : given;
  return wanted < max ? wanted : max;
}

export function samplesOf({ max_samples }: LogReplayRequest, limits: Limits): number {
  return Math.min(max_samples ?? limits.defaultSamples, limits.maxSamples);
}

export function skippedOf({ skip_batches = [] }: LogReplayRequest): BatchRange[] {
  return skip_batches.map((id, i) => parseBatchId(id, `/skip_batches/${i}`));
}

/** Errors: field_missing where nothing is proposed, patch_invalid. */
export function proposalOf(request: LogReplayRequest): Proposal {
  const policies = new Map(Object.entries(request.policies ?? {}));
  const dataPatches =
    request.dataPatches === undefined ? [] : parsePatch(request.dataPatches, '/data_patches');
  if (policies.size === 0 && dataPatches.length === 0)
    throw new RewindError('field_missing', 'at least one of policies and data_patches is needed', {
      pointer: '/policies',
    });
  return { policies, dataPatches, regoVersion: request.rego_version ?? null };
}

export function rulesOf(request: LogReplayRequest, limits: Limits, scopes: readonly Scope[]): AnalysisRules {
  const decisionPatches =
    request.decisionPatches === undefined ? [] : parsePatch(request.decisionPatches, '/decision_patches');
  return {
    scopes,
    decisionPatches,
    significant: request.compare_full_results === true ? [] : limits.significantFields,
    verdictFields: limits.significantFields,
    deterministic: request.deterministic_policies ?? true,
    affectedBy: [...new Set(request.affected_by ?? [])],
  };
}

/**
 * @param revisions those of a path, the one seen last first
 * `max_revisions` reaches from the current one so many back, both included.
 */
export async function scopesOf(
  { scope = [] }: LogReplayRequest,
  nowNs: bigint,
  revisions: (path: readonly string[], limit: number) => Promise<readonly string[]>,
): Promise<Scope[]> {
  return Promise.all(
    scope.map(async (one: ScopeRequest, i) => {
      const path = pathNames(one.path ?? '');
      const moment = (name: 'max_age' | 'min_age'): bigint | null => {
        const text = one[name];
        return text === undefined ? null : at(`/scope/${i}/${name}`, () => parseMomentNs(text, nowNs));
      };
      const count = one.max_revisions;
      return {
        path,
        fromNs: moment('max_age'),
        toNs: moment('min_age'),
        revisions: count === undefined ? null : new Set(await revisions(path, count + 1)),
      };
    }),
  );
}

/** Errors of times and durations with the place in the request. */
function at<T>(pointer: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RewindError)) throw error;
    throw new RewindError(error.code, `${pointer}: ${error.message}`, { pointer, cause: error });
  }
}
