/**
 * The state of a replay job, folded from its append-only events in the store's insertion order.
 *
 * Pending → Running ⇄ Paused → Complete | Failed | Cancelled. The first terminal event wins: a cancel that lands after
 * complete changes nothing, and the other way round. Complete and Cancelled are never left. `resumed` alone leaves Paused
 * and Failed, to Pending: the job waits for its turn again and goes on from the units that are sealed. What is written
 * between `failed` and `resumed` by workers that had not heard of the failure moves no status. v1_runs says the same in
 * SQL.
 */
import type { JobStatus, Throttle } from '../../schemas/job.js';
import { type JobTimes, type StageStarts, startTimes, timesUntil } from './job-time.js';

export type JobEventKind =
  | 'created'
  /** It is the job's turn; see queue.ts. */
  | 'admitted'
  | 'planned'
  | 'started'
  | 'mapping'
  | 'folding'
  | 'emitting'
  | 'paused'
  /** Another pace from here on. */
  | 'throttled'
  | 'resumed'
  | 'complete'
  | 'failed'
  | 'cancelled'
  /** The job's rows are to go: from here on nobody sees them. */
  | 'dropped'
  /** The rows go, and the job shows only to those who ask for deleted ones. */
  | 'deleted'
  /** What a cancel or a deletion leaves to do is done; of a cancelled job whose rows are kept: what they are. */
  | 'settled';

export interface JobEvent {
  readonly jobId: string;
  readonly tenantId: string;
  readonly kind: JobEventKind;
  readonly actor: string;
  /** Parsed JSON: the spec (created), the plan (planned), the result (complete, settled), the error (failed). */
  readonly body: unknown;
  /** RFC 3339, for people; decides nothing. */
  readonly writtenAt: string;
  /** Place among all events that were read with it, of whichever job. */
  readonly place: number;
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
  /** The output topics and the units that write them, frozen once the fold is sealed. */
  emitting: unknown;
  result: unknown;
  error: unknown;
  actor: string;
  createdAt: string;
  startedAt: string | null;
  completedAt: string | null;
  /** Place of the job's admission among the events read; null: it waits for its turn. */
  admitted: number | null;
  times: JobTimes;
  /** After how much running time each stage began. */
  stages: StageStarts;
  /** The pace that the job was given while it ran; null: that of its spec. */
  throttle: Throttle | null;
  /** How often the job was resumed after a failure. */
  resumes: number;
  /** Cancelled: what becomes of the rows of the units sealed until then. */
  rows: 'keep' | 'drop' | null;
  /** Nobody sees the job's rows any more. */
  dropped: boolean;
  deleted: { readonly actor: string; readonly at: string } | null;
  /** A worker has still to remove rows, or to finish what stays. */
  unsettled: boolean;
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
  if (state === null) return null;
  const before = state.status;
  if (isTerminal(before)) applyAfterEnd(state, event);
  else applyBeforeEnd(state, event);
  if (state.status !== before) {
    const atMs = Date.parse(event.writtenAt);
    state.times = { ...timesUntil(state.times, before, atMs), since: atMs };
    // Who has left the line stands at its end again.
    if (state.status !== 'Running') state.admitted = null;
  }
  return state;
}

function applyBeforeEnd(state: JobState, event: JobEvent): void {
  switch (event.kind) {
    case 'admitted':
      if (state.status === 'Pending') state.admitted ??= event.place;
      break;
    case 'planned':
      if (state.plan === null) state.plan = event.body;
      begin(state, 'collect', event);
      break;
    case 'started':
      if (state.status === 'Pending') state.status = 'Running';
      state.startedAt ??= event.writtenAt;
      break;
    case 'mapping':
      if (state.mapping === null) state.mapping = event.body;
      begin(state, 'map', event);
      break;
    case 'folding':
      if (state.folding === null) state.folding = event.body;
      begin(state, 'fold', event);
      break;
    case 'emitting':
      if (state.emitting === null) state.emitting = event.body;
      begin(state, 'emit', event);
      break;
    case 'throttled':
      state.throttle = event.body as Throttle;
      break;
    case 'paused':
      state.status = 'Paused';
      break;
    case 'resumed':
      if (state.status === 'Paused') state.status = 'Pending';
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
      state.rows = (event.body as { rows?: 'keep' } | null)?.rows ?? 'drop';
      state.unsettled = true;
      break;
  }
}

function applyAfterEnd(state: JobState, event: JobEvent): void {
  switch (event.kind) {
    case 'resumed':
      if (state.status !== 'Failed' || state.deleted !== null) break;
      state.status = 'Pending';
      state.error = null;
      state.completedAt = null;
      state.resumes++;
      break;
    case 'dropped':
      state.dropped = true;
      break;
    case 'deleted':
      state.deleted ??= { actor: event.actor, at: event.writtenAt };
      state.dropped = true;
      state.unsettled = true;
      break;
    case 'settled':
      if (state.status === 'Cancelled') state.result ??= event.body;
      state.unsettled = false;
      break;
  }
}

function begin(state: JobState, stage: keyof StageStarts, event: JobEvent): void {
  const { runningMs } = timesUntil(state.times, state.status, Date.parse(event.writtenAt));
  state.stages = { [stage]: runningMs, ...state.stages };
}

function createdState(event: JobEvent): JobState {
  return {
    status: 'Pending',
    spec: event.body,
    plan: null,
    mapping: null,
    folding: null,
    emitting: null,
    result: null,
    error: null,
    actor: event.actor,
    createdAt: event.writtenAt,
    startedAt: null,
    completedAt: null,
    admitted: null,
    times: startTimes(event.writtenAt),
    stages: {},
    throttle: null,
    resumes: 0,
    rows: null,
    dropped: false,
    deleted: null,
    unsettled: false,
  };
}
