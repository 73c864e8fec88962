/** What HTTP callers send to and get from the routes of reports. */
import { Type } from 'typebox';
import { answerOf, Count, Digits, orNull, pageOf, strict } from './http-answer.js';
import { JobStatus } from './job.js';

const limit = (value: number) =>
  Type.Integer({ minimum: 1, maximum: 1000, default: value, description: 'Entries of a page' });
const Cursor = Type.Optional(
  Type.String({ minLength: 1, maxLength: 8192, description: 'Opaque; from the previous page' }),
);
const Json = (description: string) => Type.Unknown({ description });

export const DifferencesQuery = strict({
  limit: limit(100),
  cursor: Cursor,
  signature: Type.Optional(
    Type.String({ pattern: '^[0-9]{1,20}$', description: 'Only entities of this change signature' }),
  ),
});
const FieldOperation = Type.Union([Type.Literal('added'), Type.Literal('modified'), Type.Literal('removed')]);
export const Presence = Type.Union([Type.Literal('both'), Type.Literal('only_a'), Type.Literal('only_b')], {
  description: 'Which side has the entity; a is the baseline or the first run',
});

export const FieldDifference = strict({
  field: Type.String(),
  operation: FieldOperation,
  before: Json('Value in a; null where it is missing or null: see operation'),
  after: Json('Value in b; null where it is missing or null: see operation'),
});
export const eventPlace = {
  event_id: Type.String(),
  event_type: Type.String(),
  timestamp: Type.String(),
  topic_id: Type.String(),
  partition: Type.Integer(),
  offset: Type.String(),
};
export const EntityDifference = strict({
  entity_type: Type.String(),
  entity_id: Type.String(),
  signature: Digits,
  presence: Presence,
  final_differs: Type.Boolean({ description: 'false: ends alike, and differed on the way' }),
  differences: Type.Array(FieldDifference),
  events: orNull(Digits),
  first: orNull(strict(eventPlace)),
});
export const Signature = strict({
  signature: Digits,
  entity_type: Type.String(),
  presence: Presence,
  final_differs: Type.Boolean(),
  changes: Type.Array(
    strict({
      field: orNull(Type.String()),
      operation: Type.Union([FieldOperation, Type.Literal('ended'), Type.Literal('revived')]),
    }),
  ),
  entities: Count,
  samples: Type.Array(EntityDifference),
});
export const Totals = strict({
  entities: Type.Integer({ minimum: 0, description: 'On either side: the sum of the others' }),
  unchanged: Count,
  history_only: Type.Integer({ minimum: 0, description: 'End alike, and differed after some event' }),
  differing: Type.Integer({ minimum: 0, description: 'On both sides, with different last states' }),
  only_a: Count,
  only_b: Count,
});

const DeadLetter = strict({
  kind: Type.Union([Type.Literal('failed'), Type.Literal('conflict')]),
  stage: Type.String(),
  code: Type.String(),
  error: Type.String(),
  event_id: Type.String(),
  entity_type: Type.String(),
  entity_id: Type.String(),
  timestamp: Type.String(),
  topic_id: Type.String(),
  partition: Type.Integer(),
  offset: Type.String(),
});
const counts = { events: Count, changed: Count, entities: Count };

export const ReportAnswer = answerOf(
  strict({
    job_id: Type.String(),
    status: JobStatus,
    counters: Type.Record(Type.String(), Type.Integer()),
    events: Type.Array(strict({ event_type: Type.String(), entity_type: Type.String(), ...counts })),
    entities: Type.Array(strict({ entity_type: Type.String(), ...counts })),
    fields: Type.Array(
      strict({
        entity_type: Type.String(),
        field: Type.String(),
        operation: FieldOperation,
        changes: Count,
        entities: Count,
        samples: Type.Array(
          strict({
            entity_id: Type.String(),
            event_id: Type.String(),
            fold_seq: Type.String(),
            timestamp: Type.String(),
            before: Json('Value before; null where it is missing, null or cut'),
            after: Json('Value after; null where it is missing, null or cut'),
            cut: Type.Boolean({ description: 'true: a value is too long to be shown here' }),
          }),
        ),
      }),
    ),
    failures: Type.Array(
      strict({
        kind: Type.Union([Type.Literal('failed'), Type.Literal('conflict')]),
        stage: Type.String(),
        code: Type.String(),
        count: Count,
        samples: Type.Array(DeadLetter),
      }),
    ),
    cut: Type.Boolean({ description: 'true: only the largest groups are listed' }),
    baseline: orNull(
      strict({
        encoding_version: Type.Integer(),
        rule_version: Type.Integer(),
        job_id: orNull(Type.String()),
        processed: Count,
        failed: Count,
        skipped: Count,
        totals: Totals,
        signatures: Type.Array(Signature),
      }),
    ),
  }),
);
export const DifferencesAnswer = pageOf(EntityDifference);
