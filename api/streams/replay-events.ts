/**
 * The events of a run's stream, from a position on. Nothing is kept for a client but its position: who reads slowly gets
 * fewer progress events, and snapshots are read from the store when they are asked for.
 */
import type { JobView } from '../../processors/replay/service.js';
import type { Live } from '../../processors/results/contract.js';
import type { JobWatch } from '../../processors/results/feeds.js';
import { auditSnapshot } from '../views.js';
import { formatPosition, type Position } from './position.js';

export interface ReplayEvent {
  readonly type:
    | 'replay.started'
    | 'replay.progress'
    | 'replay.snapshot'
    | 'replay.completed'
    | 'replay.failed';
  readonly data: object;
  readonly id: string;
}

export interface ReplayEventsOptions {
  readonly live: Live;
  readonly watch: JobWatch;
  readonly tenantId: string;
  readonly jobId: string;
  readonly snapshots: 'sampled' | 'all';
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
}

/** Yields null where nothing happened for a heartbeat. Ends with the job's end, or at the signal. */
export async function* replayEvents(
  options: ReplayEventsOptions,
  from: Position,
): AsyncGenerator<ReplayEvent | null> {
  const { watch, signal, heartbeatMs } = options;
  const client = new Client(options, from);
  while (!signal.aborted) {
    const { view, version } = watch.current();
    for await (const event of client.newer(view)) {
      yield event;
      if (signal.aborted) return;
    }
    if (client.hasEnded) return;
    // A slow reader finds a newer view right here, and not all those that it missed.
    const before = performance.now();
    await watch.changed(version, heartbeatMs, signal);
    if (performance.now() - before >= heartbeatMs) yield null;
  }
}

/** True where the client has seen this end: it need not connect again. */
export function sawEnd(view: JobView, at: Position): boolean {
  return at.ended !== 0 && at.ended === endOf(view);
}

class Client {
  readonly #options: ReplayEventsOptions;
  #at: Position;
  hasEnded = false;

  constructor(options: ReplayEventsOptions, at: Position) {
    this.#options = options;
    this.#at = at;
  }

  async *newer(view: JobView): AsyncGenerator<ReplayEvent> {
    const runId = view.jobId;
    const end = endOf(view);
    if (view.startedAt !== null && !this.#at.started)
      yield this.#event('replay.started', { started: true }, { runId });
    const done = view.progress.collected + view.progress.folded;
    if (view.startedAt !== null && end === 0 && done > this.#at.done)
      yield this.#event('replay.progress', { done }, progressOf(view));
    if (keepsSnapshots(view)) yield* this.#snapshots(view);
    if (end === 0) return;
    this.hasEnded = true;
    yield view.status === 'Complete'
      ? this.#event('replay.completed', { ended: end }, { runId, result: view.result })
      : this.#event('replay.failed', { ended: end }, { runId, error: failureOf(view) });
  }

  async *#snapshots(view: JobView): AsyncGenerator<ReplayEvent> {
    if (this.#options.snapshots === 'sampled') yield* this.#samples(view);
    // Their order is known once all units are there.
    else if (view.status === 'Complete') yield* this.#all();
  }

  async *#samples(view: JobView): AsyncGenerator<ReplayEvent> {
    const { live, tenantId, jobId } = this.#options;
    if (view.progress.folded === 0) return;
    for (;;) {
      const { block, blockOffset } = this.#at;
      const units = await live.samples(tenantId, jobId, { block, blockOffset });
      if (units.length === 0) return;
      for (const { place, snapshots } of units) {
        for (const [i, snapshot] of snapshots.entries()) {
          // Cut off in the middle of a unit, a client gets the unit's samples again.
          const moved = i === snapshots.length - 1 ? place : {};
          const data = { runId: jobId, snapshot: auditSnapshot(snapshot) };
          yield this.#event('replay.snapshot', moved, data);
        }
        this.#at = { ...this.#at, ...place };
      }
    }
  }

  async *#all(): AsyncGenerator<ReplayEvent> {
    const { live, tenantId, jobId } = this.#options;
    for (;;) {
      const page = await live.snapshots(tenantId, jobId, this.#at.next);
      if (page.length === 0) return;
      for (const snapshot of page) {
        const data = { runId: jobId, snapshot: auditSnapshot(snapshot) };
        yield this.#event('replay.snapshot', { next: this.#at.next + 1 }, data);
      }
    }
  }

  #event(type: ReplayEvent['type'], moved: Partial<Position>, data: object): ReplayEvent {
    this.#at = { ...this.#at, ...moved };
    return { type, data, id: formatPosition(this.#at) };
  }
}

/** Milliseconds; 0: the job has not ended. */
function endOf(view: JobView): number {
  return view.completedAt === null ? 0 : Math.max(1, Date.parse(view.completedAt));
}

function progressOf(view: JobView) {
  const { percent, folded, foldTotal } = view.progress;
  return { runId: view.jobId, progress: percent, currentEvent: folded, totalEvents: foldTotal };
}

function failureOf(view: JobView): string {
  return view.status === 'Cancelled' ? 'cancelled' : (view.error?.message ?? 'failed');
}

function keepsSnapshots(view: JobView): boolean {
  const dropped = view.deleted !== null || (view.status === 'Cancelled' && view.rows !== 'keep');
  return view.spec.jobType === 'StateRebuild' && !dropped;
}
