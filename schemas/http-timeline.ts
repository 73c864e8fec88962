/** What HTTP callers send to the timeline of a run: where it begins, and what of it they want to see. */
import { type Static, Type } from 'typebox';
import { TimelineQuery } from './http.js';
import { strict } from './http-answer.js';

const Word = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 2048, description }));
const Moment = (description: string) =>
  Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description: `${description}; RFC 3339, or relative to now (7d)`,
    }),
  );

export const RunTimelineQuery = strict({
  ...TimelineQuery.properties,
  at: Moment('Begin with the first event at or behind this time'),
  until: Moment('No events behind this time'),
  entity_type: Word('Only entities of this type'),
  entity_id: Word('Only entities with this id'),
  event_type: Word('Only events of this type; content.* is all that begin with content.'),
  field: Word('Only events that changed this field'),
});
export type RunTimelineQuery = Static<typeof RunTimelineQuery>;
