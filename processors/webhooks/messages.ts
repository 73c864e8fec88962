/**
 * What jobs' logs give to send: the events that changed a status, each as one message for each webhook that wants it.
 * Pure: the same log gives the same messages, ids and bytes, in every process and on every try.
 */
import { createHash } from 'node:crypto';
import type { FrozenSpec, JobResult, JobStatus } from '../../schemas/job.js';
import { applyJobEvent, type JobEvent, type JobState } from '../replay/job-state.js';
import type { Webhook, WebhookEvent } from './contract.js';

/** An event of a job's log, with its place in the store's insertion order. */
export interface PlacedEvent extends JobEvent {
  readonly block: string;
  readonly blockOffset: string;
}

/** An event that changed the status of a job to one that webhooks tell of. */
export interface Transition {
  readonly event: WebhookEvent;
  readonly tenantId: string;
  readonly jobId: string;
  readonly atMs: number;
  readonly block: string;
  readonly blockOffset: string;
  readonly jobType: FrozenSpec['jobType'];
  readonly labels: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const EVENT_OF: Partial<Record<JobStatus, WebhookEvent>> = {
  Complete: 'job.completed',
  Failed: 'job.failed',
  Paused: 'job.paused',
  Cancelled: 'job.cancelled',
};

/** @param events whole logs of jobs, in the store's order */
export function transitionsIn(events: Iterable<PlacedEvent>): Transition[] {
  const states = new Map<string, JobState | null>();
  const found: Transition[] = [];
  for (const event of events) {
    const state = states.get(event.jobId) ?? null;
    const before = state?.status;
    const after = applyJobEvent(state, event);
    states.set(event.jobId, after);
    const name = after === null || after.status === before ? undefined : EVENT_OF[after.status];
    if (name !== undefined) found.push(transition(name, event, after!));
  }
  return found;
}

function transition(event: WebhookEvent, at: PlacedEvent, state: JobState): Transition {
  const spec = state.spec as FrozenSpec;
  return {
    event,
    tenantId: at.tenantId,
    jobId: at.jobId,
    atMs: Date.parse(at.writtenAt),
    block: at.block,
    blockOffset: at.blockOffset,
    jobType: spec.jobType,
    labels: spec.labels,
    body: Buffer.from(
      JSON.stringify({ type: event, timestamp: at.writtenAt, data: dataOf(at, state, spec) }),
    ),
  };
}

/** How the job stood right after the event. No payloads, no states. */
function dataOf({ tenantId, jobId, actor }: PlacedEvent, state: JobState, spec: FrozenSpec) {
  const result = state.result as JobResult | null;
  const error = state.error as { code?: string; message?: string } | null;
  return {
    tenant_id: tenantId,
    job_id: jobId,
    job_type: spec.jobType,
    status: state.status,
    name: spec.name,
    reason: spec.reason,
    ticket: spec.ticket,
    labels: spec.labels,
    created_by: state.actor,
    changed_by: actor,
    created_at: state.createdAt,
    started_at: state.startedAt,
    completed_at: state.completedAt,
    counters: result?.counters ?? null,
    verdict: result?.verdict ?? null,
    error: error === null ? null : { code: error.code ?? 'internal', message: error.message ?? '' },
  };
}

/** Whether a webhook wants to hear of it. */
export function wants(hook: Webhook & { readonly sinceMs: number }, what: Transition): boolean {
  return (
    hook.enabled &&
    hook.tenantId === what.tenantId &&
    what.atMs >= hook.sinceMs &&
    hook.events.includes(what.event) &&
    (hook.jobTypes.length === 0 || hook.jobTypes.includes(what.jobType)) &&
    Object.entries(hook.labels).every(([name, value]) => what.labels[name] === value)
  );
}

/** The same for every try and every process: receivers drop what they have by it. */
export function deliveryIdOf(webhookId: string, { jobId, block, blockOffset }: Transition): string {
  const hash = createHash('sha256').update(`${webhookId}/${jobId}/${block}/${blockOffset}`).digest('hex');
  return `msg_${hash.slice(0, 32)}`;
}
