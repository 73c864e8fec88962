/** A page of a run's timeline, as a query asks for it: plain by index, from a time on, or narrowed. */
import type { TimelineEntry } from '../processors/replay/service.js';
import type { TimelineFilters } from '../processors/store/timeline-filters.js';
import type { RunTimelineQuery } from '../schemas/http-timeline.js';
import type { RouteContext } from './context.js';
import { momentOf } from './moment.js';

/** `next`: index to go on from. */
export interface TimelinePage {
  readonly entries: readonly TimelineEntry[];
  readonly next: number | null;
}

export async function timelinePage(
  { replay, results }: Pick<RouteContext, 'replay' | 'results'>,
  tenantId: string,
  jobId: string,
  query: RunTimelineQuery,
): Promise<TimelinePage> {
  const { limit } = query;
  const { fromNs, ...narrowing } = timelineFilters(query);
  const plain = Object.keys(narrowing).length === 0;
  const at =
    plain && fromNs !== undefined ? await results.timelines.indexAt(tenantId, jobId, BigInt(fromNs)) : 0;
  const from = Math.max(query.from, at);
  const entries = plain
    ? await replay.timeline(tenantId, jobId, { from, limit })
    : await results.timelines.filtered(tenantId, jobId, { from, limit }, timelineFilters(query));
  // A full page may have more behind it; indexes are those of the whole timeline, so the next page starts behind the last.
  const last = entries.length < limit ? undefined : entries.at(-1);
  return { entries, next: last === undefined ? null : last.index + 1 };
}

export function timelineFilters(
  query: Pick<RunTimelineQuery, 'at' | 'until' | 'entity_type' | 'entity_id' | 'event_type' | 'field'>,
): TimelineFilters {
  const { at, until, entity_type, entity_id, event_type, field } = query;
  return {
    ...(at === undefined ? {} : { fromNs: momentOf(at, '/at').toString() }),
    ...(until === undefined ? {} : { toNs: momentOf(until, '/until').toString() }),
    ...(entity_type === undefined ? {} : { entityType: entity_type }),
    ...(entity_id === undefined ? {} : { entityId: entity_id }),
    ...(event_type === undefined ? {} : { eventType: event_type }),
    ...(field === undefined ? {} : { field }),
  };
}
