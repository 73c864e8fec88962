/** What HTTP callers send to and get from the routes of decisions. */
import { Type } from 'typebox';
import { Outcome, TRANSITIONS, Transition } from './decision.js';

const strict = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });

const limit = (value: number) =>
  Type.Integer({ minimum: 1, maximum: 1000, default: value, description: 'Entries of a page' });
const Cursor = Type.Optional(
  Type.String({ minLength: 1, maxLength: 8192, description: 'Opaque; from the previous page' }),
);
const page = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  strict({
    success: Type.Literal(true),
    ...properties,
    page: strict({ next: Type.Union([Type.String(), Type.Null()]) }),
  });
const OrNull = Type.Union([Type.String(), Type.Null()]);

export const DecisionListQuery = strict({
  limit: limit(100),
  cursor: Cursor,
  transition: Type.Optional(Transition),
});

export const TransitionsQuery = strict({
  limit: limit(100),
  cursor: Cursor,
  samples: Type.Integer({
    minimum: 0,
    maximum: 100,
    default: 3,
    description: 'Decisions shown of each group',
  }),
});

const DecisionRow = strict({
  job_id: Type.String(),
  event_id: Type.String(),
  event_type: Type.String(),
  timestamp: Type.String(),
  entity_type: Type.String(),
  entity_id: Type.String(),
  fold_seq: Type.String(),
  topic_id: Type.String(),
  partition: Type.Integer(),
  offset: Type.String(),
  decision: Type.Unknown({ description: 'Any JSON; null where now is undefined or error' }),
  error: OrNull,
  before: Type.Unknown({ description: 'The decision compared with; null where there is no value' }),
  before_error: OrNull,
  was: Outcome,
  now: Outcome,
  transition: Transition,
});

export const DecisionListAnswer = page({ data: Type.Array(DecisionRow) });

export const TransitionsAnswer = page({
  data: strict({
    decided: Type.Integer({ description: 'Decisions of the job; the totals add up to it' }),
    totals: strict(
      Object.fromEntries(TRANSITIONS.map((name) => [name, Type.Integer({ minimum: 0 })])) as Record<
        Transition,
        ReturnType<typeof Type.Integer>
      >,
    ),
    groups: Type.Array(
      strict({
        transition: Transition,
        event_type: Type.String(),
        was: Outcome,
        now: Outcome,
        count: Type.Integer(),
        samples: Type.Array(DecisionRow),
      }),
    ),
  }),
});
