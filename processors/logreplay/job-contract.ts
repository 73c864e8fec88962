/** Log replays that run as jobs, as the API sees them. */

import type { Transition } from '../../schemas/decision.js';
import type { Page } from '../replay/service.js';
import type { Watch } from '../results/feeds.js';
import type { DecisionView } from '../rules/decisions.js';
import type { LogReplayAnswer, LogReplayRequest } from './contract.js';

export type ReplayStatus = 'Pending' | 'Running' | 'Complete' | 'Failed' | 'Cancelled';

export interface LogReplayJob {
  readonly replayId: string;
  readonly status: ReplayStatus;
  /** Of the frozen ranges of the log. */
  readonly offsetsDone: bigint;
  readonly offsetsTotal: bigint;
  /** Of the units that are done. */
  readonly observed: number;
  readonly scheduled: number;
  readonly changed: number;
  readonly failed: number;
  /** Why nothing happens now: all reading is paused, or others of the tenant come first. */
  readonly heldBy: 'pause' | 'turn' | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly createdBy: string;
  readonly createdMs: number;
  readonly endedMs: number | null;
}

export interface LogReplayJobs {
  /**
   * Freezes what is to be looked at and returns at once. Errors: those of the request and the proposal, as a log replay that
   * answers at once has; idempotency_mismatch.
   */
  create(
    tenantId: string,
    request: LogReplayRequest,
    actor: string,
    idempotencyKey?: string,
  ): Promise<LogReplayJob>;
  /** Errors: logreplay_not_found, here and below. */
  get(tenantId: string, replayId: string): Promise<LogReplayJob>;
  /** For as long as it is not closed; one poller for all who watch a replay in this process. */
  watch(tenantId: string, replayId: string): Promise<Watch<LogReplayJob>>;
  /** Of a finished one what it found; null: it has not finished. */
  result(tenantId: string, replayId: string): Promise<LogReplayAnswer | null>;
  /** The newest first. */
  list(
    tenantId: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<LogReplayJob>>;
  /** Of one that has ended nothing is changed. */
  cancel(tenantId: string, replayId: string, actor: string): Promise<LogReplayJob>;
  /** With its rows; one that runs is ended by it. As it was before. */
  delete(tenantId: string, replayId: string, actor: string): Promise<LogReplayJob>;
  /** Decisions that changed or failed, of the units that are done. */
  decisions(
    tenantId: string,
    replayId: string,
    page: { readonly limit: number; readonly cursor?: string; readonly transition?: Transition },
  ): Promise<Page<DecisionView>>;
}
