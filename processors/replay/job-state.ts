/**
 * The state of a replay job, folded from its append-only events in the store's insertion order. The first terminal
 * event wins and is never left: a cancel that lands after complete changes nothing, and the other way round.
 */
import type { JobStatus } from '../../schemas/job.js';

export type JobEventKind =
  | 'created'
  | 'planned'
  | 'started'
  | 'mapping'
  | 'folding'
  | 'paused'
  | 'resumed'
  | 'complete'
  | 'failed'
  | 'cancelled';

export interface JobEvent {
  readonly jobId: string;
  readonly tenantId: string;
  readonly kind: JobEventKind;
  readonly actor: string;
  /** Parsed JSON: the spec (created), the plan (planned), the result (complete), the error (failed). */
  readonly body: unknown;
  /** RFC 3339, for people; decides nothing. */
  readonly writtenAt: string;
}

export interface JobState {
  status: JobStatus;
  spec: unknown;
  /** The first plan in the log counts: a second coordinator that planned too is bound to it. */
  plan: unknown;
  /** What the map stage works on, where the encoding derives entities; frozen once all input is collected. */
  mapping: unknown;
  /** What the fold works on, frozen once all input is there; the first in the log counts, as with the plan. */
  folding: unknown;
  result: unknown;
  error: unknown;
  actor: string;
  createdAt: string;
  startedAt: string | null;
  completedAt: string | null;
}

export function isTerminal(status: JobStatus): boolean {
  return status === 'Complete' || status === 'Failed' || status === 'Cancelled';
}

export function foldJobEvents(events: Iterable<JobEvent>): JobState | null {
  let state: JobState | null = null;
  for (const event of events) state = applyJobEvent(state, event);
  return state;
}

export function applyJobEvent(state: JobState | null, event: JobEvent): JobState | null {
  if (event.kind === 'created') return state ?? createdState(event);
  if (state === null || isTerminal(state.status)) return state;
  switch (event.kind) {
    case 'planned':
      if (state.plan === null) state.plan = event.body;
      break;
    case 'started':
      if (state.status === 'Pending') state.status = 'Running';
      state.startedAt ??= event.writtenAt;
      break;
    case 'mapping':
      if (state.mapping === null) state.mapping = event.body;
      break;
    case 'folding':
      if (state.folding === null) state.folding = event.body;
      break;
    case 'paused':
      state.status = 'Paused';
      break;
    case 'resumed':
      if (state.status === 'Paused') state.status = state.startedAt === null ? 'Pending' : 'Running';
      break;
    case 'complete':
      state.status = 'Complete';
      state.result = event.body;
      state.completedAt = event.writtenAt;
      break;
    case 'failed':
      state.status = 'Failed';
      state.error = event.body;
      state.completedAt = event.writtenAt;
      break;
    case 'cancelled':
      state.status = 'Cancelled';
      state.completedAt = event.writtenAt;
      break;
  }
  return state;
}

function createdState(event: JobEvent): JobState {
  return {
    status: 'Pending',
    spec: event.body,
    plan: null,
    mapping: null,
    folding: null,
    result: null,
    error: null,
    actor: event.actor,
    createdAt: event.writtenAt,
    startedAt: null,
    completedAt: null,
  };
}
