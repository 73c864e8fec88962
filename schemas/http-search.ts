/** What HTTP callers send to searches for the first event after which conditions hold. */
import { Type } from 'typebox';
import { strict } from './http-answer.js';
import { RunTimelineQuery } from './http-timeline.js';

const Where = Type.String({
  minLength: 1,
  maxLength: 4096,
  description:
    'Conditions on the state after the event, joined by and: a JSON pointer, an operator (eq ne lt le gt ge exists missing contains matches) and a value, such as /status eq "published" and /price gt 10',
});
const { at, until, entity_type, entity_id, event_type } = RunTimelineQuery.properties;

export const FirstInEntityQuery = strict({
  where: Where,
  job_id: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Run that is searched; left out: the newest finished StateRebuild',
    }),
  ),
  after: Type.Optional(
    Type.String({ pattern: '^[0-9]{1,18}$', description: 'fold_seq that the event lies behind' }),
  ),
});
export const FirstInRunQuery = strict({ where: Where, at, until, entity_type, entity_id, event_type });
