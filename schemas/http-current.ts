/** The current state of a tenant: what callers send to look at it, promote and revert, and what they get. */
import { type Static, Type } from 'typebox';
import { AnyJson, answerOf, Count, Digits, orNull, pageOf, strict, Time, words } from './http-answer.js';
import { ExportQuery } from './http-exports.js';
import { VerdictRow } from './http-jobs.js';

const Id = (description: string) => Type.String({ minLength: 1, maxLength: 100, description });
const Word = (description: string) => Type.String({ minLength: 1, maxLength: 2048, description });
const Reason = Type.String({ maxLength: 2000, description: 'Why; kept with the promotion' });
const paged = {
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Entries of a page' }),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 8192, description: 'Opaque; from the previous page' }),
  ),
};
const Change = Type.Union([Type.Literal('added'), Type.Literal('removed'), Type.Literal('changed')]);

export const PromotionParams = strict({
  tenant_id: Type.String({ minLength: 1, maxLength: 200, description: 'Tenant' }),
  promotion_id: Id('Promotion'),
});
export const CurrentListQuery = strict({
  entity_type: Type.Optional(Word('Of this type alone')),
  prefix: Type.Optional(Word('Whose id begins so')),
  ...paged,
});
export const CurrentExportQuery = strict({
  format: ExportQuery.properties.format,
  entity_type: Type.Optional(Word('Of this type alone')),
  prefix: Type.Optional(Word('Whose id begins so')),
});
export const PromotionListQuery = strict(paged);
export const ReviewedQuery = strict({
  entity_type: Type.Optional(Word('Of this type alone')),
  change: Type.Optional(Change),
  field: Type.Optional(Word('Entities in which this field differs; their changes show it alone')),
  ...paged,
});

export const PromoteBody = strict({
  reason: Type.Optional(Reason),
  force: Type.Optional(
    Type.Boolean({ description: 'Also where the run ends before the state that is current' }),
  ),
});
export type PromoteBody = Static<typeof PromoteBody>;

export const RevertBody = strict({
  promotion_id: Type.Optional(Id('What to return to; left out: what was current before')),
  reason: Type.Optional(Reason),
});
export type RevertBody = Static<typeof RevertBody>;

export const ContinueBody = strict({
  to: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: 'End, RFC 3339 or relative; left out: now' }),
  ),
});
export type ContinueBody = Static<typeof ContinueBody>;

export const CurrentAnswer = answerOf(
  strict(
    {
      promotion_id: Type.String(),
      act: words('promote', 'revert'),
      job_id: Type.String({ description: 'Run whose states these are' }),
      set_id: Type.String({ description: 'The copy of its states' }),
      as_of: Time,
      age_seconds: Type.Number({ minimum: 0, description: 'From the as-of time until now' }),
      promoted_by: Type.String(),
      promoted_at: Time,
      reason: Type.String(),
      verdict: VerdictRow,
      entities: Type.Integer({ minimum: 0, description: 'That existed when it was promoted' }),
      following: strict({
        on: Type.Boolean({ description: 'true: what arrives is folded onto it' }),
        step: orNull(Digits),
        step_at: orNull(Time),
        lag_records: orNull(Digits),
        lag_seconds: orNull(
          Type.Number({
            description: "Age of the oldest of the tenant's events that is not in the state yet",
          }),
        ),
      }),
    },
    { title: 'CurrentState' },
  ),
);

const EntityRow = strict(
  {
    entity_type: Type.String(),
    entity_id: Type.String(),
    state: AnyJson,
    event_id: Type.String({ description: 'The last event that the state knows' }),
    occurred_at: Time,
    fold_seq: Digits,
  },
  { title: 'CurrentEntity' },
);
export const CurrentEntityAnswer = answerOf(EntityRow);
export const CurrentListAnswer = pageOf(EntityRow);

const PromotionRow = strict(
  {
    promotion_id: Type.String(),
    act: words('promote', 'revert'),
    job_id: Type.String(),
    status: words('copying', 'current', 'superseded', 'failed'),
    actor: Type.String(),
    reason: Type.String(),
    asked_at: Time,
    promoted_at: orNull(Time),
    as_of: Time,
    verdict: VerdictRow,
    entities: orNull(Count),
    returns_to: orNull(Type.String({ description: 'revert: the promotion whose run is current again' })),
    kept: Type.Boolean({ description: 'Its states are still there: returning to them is immediate' }),
    error: orNull(strict({ code: Type.String(), message: Type.String() })),
  },
  { title: 'Promotion' },
);
export const PromotionAnswer = answerOf(PromotionRow);
export const PromotionListAnswer = pageOf(PromotionRow);

const COUNTS = { added: Count, removed: Count, changed: Count, unchanged: Count };
export const ReviewAnswer = answerOf(
  strict(
    {
      current_job_id: orNull(Type.String({ description: 'null: nothing is current' })),
      job_id: Type.String(),
      as_of: strict({ current: orNull(Time), run: Time }),
      verdict: VerdictRow,
      totals: strict(COUNTS),
      entity_types: Type.Array(strict({ entity_type: Type.String(), ...COUNTS })),
      fields: Type.Array(
        strict({
          entity_type: Type.String(),
          field: Type.String(),
          operation: words('added', 'removed', 'modified'),
          entities: Count,
        }),
        { description: 'Fields of entities that exist in both; most frequent first' },
      ),
      fields_truncated: Type.Boolean(),
    },
    { title: 'PromotionReview' },
  ),
);
export const ReviewedAnswer = pageOf(
  strict(
    {
      entity_type: Type.String(),
      entity_id: Type.String(),
      change: Change,
      changes: Type.Unsafe<unknown>({
        description: 'Of each field that differs: field, before (current), after (the run), operation',
      }),
    },
    { title: 'ReviewedEntity' },
  ),
);
