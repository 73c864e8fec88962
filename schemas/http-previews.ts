/** What HTTP callers send to and get from the previews of encodings, rules and sources. */
import { Type } from 'typebox';
import { Outcome, Transition } from './decision.js';

const strict = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });
const Version = Type.Integer({ minimum: 1, maximum: 4_294_967_295 });
const TextOrNull = Type.Union([Type.String(), Type.Null()]);

/** Either a definition or the number of a saved version. */
const chosen = {
  definition: Type.Optional(Type.Unknown({ description: 'A definition that is not saved' })),
  version: Type.Optional(Version),
};
/** Either events or how many of the archive's newest. */
const samples = {
  events: Type.Optional(
    Type.Array(Type.Unknown(), { minItems: 1, description: 'Events as POST audit-events takes them' }),
  ),
  newest: Type.Optional(Type.Integer({ minimum: 1, description: 'So many of the newest archived ones' })),
};

export const EncodingPreviewBody = strict({ ...chosen, ...samples });
export const RulesPreviewBody = strict({
  ...chosen,
  encoding_version: Type.Optional(Version),
  baseline_rule_version: Type.Optional(Version),
  ...samples,
});

export const SampleRecord = strict({
  value: Type.Optional(Type.Unknown({ description: 'A JSON record' })),
  value_base64: Type.Optional(Type.String({ description: 'The bytes of any record' })),
  key: Type.Optional(Type.String()),
  headers: Type.Optional(Type.Record(Type.String(), Type.String())),
  topic: Type.Optional(Type.String()),
  record_time: Type.Optional(Type.String({ description: 'RFC 3339; left out: 1970' })),
});
export const SourcePreviewBody = strict({
  ...chosen,
  source: Type.Optional(
    Type.String({ description: 'Source of the definition; left out: that of the topic' }),
  ),
  records: Type.Optional(Type.Array(SampleRecord, { minItems: 1 })),
  newest: samples.newest,
});

const FoundValue = {
  field: Type.String(),
  value: Type.Optional(Type.Unknown({ description: 'Absent: nothing was found' })),
};
const PreviewedEntity = strict({
  entity_type: Type.String(),
  entity_id: Type.String(),
  tracked: Type.Array(strict(FoundValue)),
  operations: Type.Array(strict({ op: Type.String(), ...FoundValue })),
  error: TextOrNull,
  exists: Type.Boolean(),
  state_before: Type.Unknown(),
  state_after: Type.Unknown(),
  diff: Type.Unknown(),
  decision: Type.Optional(
    strict({
      decision: Type.Unknown(),
      error: TextOrNull,
      before: Type.Unknown(),
      was: Outcome,
      now: Outcome,
      transition: Transition,
    }),
  ),
});

export const EventPreviewAnswer = strict({
  success: Type.Literal(true),
  data: Type.Array(
    strict({
      index: Type.Integer({ description: 'Place among the samples' }),
      event_id: Type.String(),
      event_type: Type.String(),
      timestamp: Type.String(),
      outcome: Type.Union([
        Type.Literal('folded'),
        Type.Literal('skipped'),
        Type.Literal('failed'),
        Type.Literal('duplicate'),
      ]),
      rule: Type.Union([strict({ index: Type.Integer(), match: Type.String() }), Type.Null()]),
      entities: Type.Array(PreviewedEntity),
    }),
  ),
});

export const RecordPreviewAnswer = strict({
  success: Type.Literal(true),
  data: Type.Array(
    strict({
      index: Type.Integer(),
      topic: Type.String(),
      event: Type.Unknown({ description: 'The event as rules see it; null: none' }),
      code: TextOrNull,
      error: TextOrNull,
    }),
  ),
});
