/** Decision logs and their replay, as the API sees them. */
import type { LogAppender } from '../replay/service.js';
import type { IngestResult } from '../sources/ingest-event.js';
import type { RegoVersion } from './bundle.js';
import type { ReplayOutcome } from './replay.js';

/** Where uploaded decisions go. */
export interface DecisionLogs extends Pick<LogAppender, 'append'> {
  /** One decision as OPA logs it. `partitionName`: the name behind `/logs/`; empty: none. */
  parse(text: Buffer, tenantId: string, partitionName: string): IngestResult;
}

/** One document of `scope`. Times are relative to now (`30s`) or RFC 3339. */
export interface ScopeRequest {
  readonly path?: string;
  readonly max_revisions?: number;
  readonly max_age?: string;
  readonly min_age?: string;
}

/** What a log replay is asked for; patches as the caller wrote them, so that no digit is lost. */
export interface LogReplayRequest {
  readonly duration?: string | undefined;
  readonly max_samples?: number | undefined;
  readonly skip_batches?: readonly string[] | undefined;
  readonly policies?: Readonly<Record<string, string>> | undefined;
  /** JSON text. */
  readonly dataPatches?: string | undefined;
  /** JSON text. */
  readonly decisionPatches?: string | undefined;
  readonly compare_full_results?: boolean | undefined;
  readonly deterministic_policies?: boolean | undefined;
  readonly scope?: readonly ScopeRequest[] | undefined;
  readonly rego_version?: RegoVersion | undefined;
  /** JSON pointers into decisions, as /input/user: changes are counted by what stands there. */
  readonly affected_by?: readonly string[] | undefined;
}

export interface LogReplayAnswer extends ReplayOutcome {
  /** RFC 3339. */
  readonly started: string;
  /** Decisions as they were logged, with new_result or error: JSON texts, of the most frequent changes first. */
  readonly samples: readonly string[];
}

export interface LogReplays {
  /**
   * Answers within the request's duration. Errors: field_missing, field_invalid, time_*, patch_* for the request;
   * policy_invalid and its like for the proposal, with pointers; logreplay_busy.
   */
  run(tenantId: string, request: LogReplayRequest, gone: AbortSignal): Promise<LogReplayAnswer>;
}
