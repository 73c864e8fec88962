/** What HTTP callers send to and get from the routes of verifications. */
import { Type } from 'typebox';
import { JobParams } from './http.js';
import { answerOf, Count, Digits, orNull, pageOf, strict, Time, words } from './http-answer.js';
import { FieldDifference } from './http-compare.js';
import { JobStatus } from './job.js';

export const VerificationParams = strict({
  ...JobParams.properties,
  verification_id: Type.String({ minLength: 1, maxLength: 100, description: 'Job that folds again' }),
});

const Fold = strict({
  units: Count,
  folded_in_store: Type.Integer({ minimum: 0, description: 'Events that the store folded by itself' }),
  rows: Digits,
  digest: Type.String({ pattern: '^[0-9a-f]{32}$', description: 'Sum of the digests of all rows' }),
});

const Verification = strict({
  verification_id: Type.String(),
  job_id: Type.String(),
  status: JobStatus,
  percent: Type.Integer({ minimum: 0, maximum: 100 }),
  outcome: Type.Union([words('verified', 'differs'), Type.Null()], { description: 'null: not complete' }),
  entities: Count,
  differing: Type.Integer({ minimum: 0, description: 'Entities whose rows or digests differ' }),
  run: Fold,
  again: Fold,
  error: orNull(strict({ code: Type.String(), message: Type.String() })),
  created_by: Type.String(),
  created_at: Time,
  completed_at: orNull(Time),
});
export const VerificationAnswer = answerOf(Verification);
export const VerificationsAnswer = answerOf(Type.Array(Verification));

export const VerifiedEntitiesAnswer = pageOf(
  strict({
    entity_type: Type.String(),
    entity_id: Type.String(),
    rows: Digits,
    rows_again: Digits,
    fold_seq: Type.String({ pattern: '^[0-9]+$', description: 'First place that differs' }),
    here: Type.Integer({ minimum: 0, description: 'Rows at that place; 1 as it should be' }),
    here_again: Count,
    columns: Type.Array(Type.String(), { description: 'What differs there beside the fields' }),
    differences: Type.Array(FieldDifference),
    cut: Type.Boolean({ description: 'true: a value was too long to be kept, and is null here' }),
  }),
);
