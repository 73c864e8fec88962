/** What HTTP callers send to and get from the routes of comparisons of two runs. */
import { Type } from 'typebox';
import { EntityParams, TenantId } from './http.js';
import { answerOf, Digits, orNull, pageOf, strict, Time, words } from './http-answer.js';
import {
  EntityDifference,
  eventPlace,
  FieldDifference,
  Presence,
  Signature,
  Totals,
} from './http-compare.js';
import { ExportQuery } from './http-exports.js';

const JOB_ID = { minLength: 1, maxLength: 100 };
const ComparisonId = Type.String({ minLength: 1, maxLength: 64 });
export const ComparisonParams = strict({ tenant_id: TenantId, comparison_id: ComparisonId });
export const ComparedEntityParams = strict({ ...EntityParams.properties, comparison_id: ComparisonId });

export const NewComparison = strict({
  run_a: Type.String({ ...JOB_ID, description: 'The first run: what was before' }),
  run_b: Type.String({ ...JOB_ID, description: 'The second run: what is now' }),
});

const Comparison = strict({
  comparison_id: Type.String(),
  run_a: Type.String(),
  run_b: Type.String(),
  status: words('Running', 'Complete'),
  percent: Type.Integer({ minimum: 0, maximum: 100, description: 'Parts of the entities that are compared' }),
  comparable: Type.Boolean({ description: 'true: both are exact runs of one input; else see reasons' }),
  reasons: Type.Array(
    words(
      'range_differs',
      'filters_differ',
      'sources_differ',
      'ordering_differs',
      'a_not_exact',
      'b_not_exact',
    ),
  ),
  history: Type.Boolean({ description: 'false: only last states are compared' }),
  totals: Totals,
  error: orNull(strict({ code: Type.String(), message: Type.String() })),
  created_by: Type.String(),
  created_at: Time,
});
export const ComparisonAnswer = answerOf(Comparison);
export const ComparisonsAnswer = pageOf(Comparison);
export const SignaturesAnswer = pageOf(Signature);
export const ComparedEntitiesAnswer = pageOf(EntityDifference);
export const DifferingEventsAnswer = pageOf(
  strict({
    place: Type.Integer({ minimum: 1, description: 'Among all events of the entity on either side' }),
    ...eventPlace,
    offset: Digits,
    presence: Presence,
    exists_a: orNull(Type.Boolean({ description: 'After the event; null: no state yet' })),
    exists_b: orNull(Type.Boolean({ description: 'After the event; null: no state yet' })),
    differences: Type.Array(FieldDifference),
  }),
);

const { format, entity_type, entity_id } = ExportQuery.properties;
export const ComparisonExportQuery = strict({ format, entity_type, entity_id });

const limit = Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Entries of a page' });
const cursor = Type.Optional(
  Type.String({ minLength: 1, maxLength: 8192, description: 'Opaque; from the previous page' }),
);
export const ComparisonPageQuery = strict({ limit, cursor });
export const SignaturesQuery = strict({
  limit,
  cursor,
  samples: Type.Integer({ minimum: 0, maximum: 20, default: 3, description: 'Entities shown of each group' }),
});
