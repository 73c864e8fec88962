/**
 * The events of a current state's stream. The id of each is the set, the step and the entity that it is about, all of
 * which the store knows: a client goes on behind it at any server. One that comes too late for the steps that are still
 * told of is sent `state.current`, as at the start and where another run became current: it reads the state anew.
 */
import type { CurrentChanges, CurrentNews, MadeStep } from '../../processors/follow/changes.js';
import type { ChangePlace, StateChange } from '../../processors/store/set-changes.js';
import { RawJson } from '../json/raw-json.js';
import type { StreamEvent } from './event-stream.js';

/** Changes of a step that are shown where not all are asked for. */
const SAMPLES_OF_STEP = 20;
const PAGE = 500;

export interface CurrentEventsOptions {
  readonly changes: CurrentChanges;
  readonly tenantId: string;
  readonly all: boolean;
  readonly entityType: string | undefined;
  readonly pollMs: number;
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Behind the last event that a client saw. */
export interface CurrentPlace {
  readonly setId: string;
  readonly step: bigint;
  /** Within the step after `step`; null: nothing of it was seen. */
  readonly after: ChangePlace | null;
}

const NOWHERE: CurrentPlace = { setId: '', step: 0n, after: null };

export function parseCurrentPlace(id: string | undefined): CurrentPlace {
  try {
    const parts = JSON.parse(Buffer.from(id ?? '', 'base64url').toString()) as string[];
    const [setId, step, hash, entityType, entityId] = parts;
    if (setId === undefined || step === undefined || !/^\d{1,19}$/.test(step)) return NOWHERE;
    const inside = hash !== undefined && /^\d{1,20}$/.test(hash);
    const after = inside ? { hash, entityType: entityType ?? '', entityId: entityId ?? '' } : null;
    return { setId, step: BigInt(step), after };
  } catch {
    return NOWHERE;
  }
}

function formatPlace({ setId, step, after }: CurrentPlace): string {
  const inside = after === null ? [] : [after.hash, after.entityType, after.entityId];
  return Buffer.from(JSON.stringify([setId, step.toString(), ...inside])).toString('base64url');
}

/** Yields null where nothing happened for a heartbeat. Ends at the signal. */
export async function* currentEvents(
  options: CurrentEventsOptions,
  from: CurrentPlace,
): AsyncGenerator<StreamEvent | null> {
  const { changes, tenantId, pollMs, heartbeatMs, signal, wait } = options;
  let at = from;
  let quietSince = performance.now();
  while (!signal.aborted) {
    const news = await changes.news(tenantId);
    if (news !== null) {
      for await (const { event, place } of newer(options, news, at)) {
        at = place;
        quietSince = performance.now();
        yield event;
        if (signal.aborted) return;
      }
    }
    if (performance.now() - quietSince >= heartbeatMs) {
      quietSince = performance.now();
      yield null;
    }
    await wait(pollMs, signal);
  }
}

interface Moved {
  readonly event: StreamEvent;
  readonly place: CurrentPlace;
}

async function* newer(
  options: CurrentEventsOptions,
  news: CurrentNews,
  from: CurrentPlace,
): AsyncGenerator<Moved> {
  const { setId, jobId, steps } = news;
  const last = BigInt(steps.at(-1)?.step ?? 0);
  let at = from;
  if (from.setId !== setId || BigInt(steps[0]?.step ?? 0) > from.step + 1n) {
    at = { setId, step: last, after: null };
    yield { event: event('state.current', { job_id: jobId, step: last.toString() }, at), place: at };
    return;
  }
  for (const step of steps) {
    if (BigInt(step.step) <= at.step) continue;
    if (step.changesNothing) at = { setId, step: BigInt(step.step), after: null };
    for await (const moved of step.changesNothing ? [] : ofStep(options, setId, step, at)) {
      at = moved.place;
      yield moved;
    }
  }
}

async function* ofStep(
  { changes, all, entityType }: CurrentEventsOptions,
  setId: string,
  made: MadeStep,
  from: CurrentPlace,
): AsyncGenerator<Moved> {
  const step = BigInt(made.step);
  let after = from.after;
  for (;;) {
    const limit = all ? PAGE : SAMPLES_OF_STEP;
    const page = await changes.changes(setId, made, { entityType, after, limit });
    for (const change of page.changes) {
      const seen = { setId, step: step - 1n, after: placeOf(change) };
      yield { event: event('state.changed', { step: made.step, ...changeView(change) }, seen), place: seen };
    }
    after = page.next;
    if (after === null || !all) break;
  }
  const done = { setId, step, after: null };
  const { events, refolded } = made;
  yield {
    event: event('state.step', { step: made.step, events, entities_folded_again: refolded }, done),
    place: done,
  };
}

function placeOf(change: StateChange): ChangePlace {
  return { hash: change.entityHash, entityType: change.entityType, entityId: change.entityId };
}

function changeView(change: StateChange) {
  return {
    entity_type: change.entityType,
    entity_id: change.entityId,
    exists: change.exists,
    state: new RawJson(change.stateJson),
    event_id: change.eventId === '' ? null : change.eventId,
    occurred_at: change.occurredAt,
  };
}

function event(type: string, data: object, place: CurrentPlace): StreamEvent {
  return { type, data, id: formatPlace(place) };
}
