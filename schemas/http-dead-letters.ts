/** What HTTP callers send to and get from the routes of dead letters. */
import { Type } from 'typebox';
import { JobId, TenantId } from './http.js';
import { AnyJson, answerOf, Count, Digits, orNull, pageOf, strict, Time, words } from './http-answer.js';

const LetterId = Type.String({ minLength: 1, maxLength: 300, description: 'Dead letter of the run' });
export const DeadLetterParams = strict({ tenant_id: TenantId, job_id: JobId, dead_letter_id: LetterId });

const filters = {
  stage: Type.Optional(words('decode', 'map', 'fold')),
  code: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Stable error code' })),
  topic_id: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  partition: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 })),
  from: Type.Optional(
    Type.String({ maxLength: 64, description: 'Event time, or record time where there is none, included' }),
  ),
  to: Type.Optional(Type.String({ maxLength: 64, description: 'Likewise the end, included' })),
};
export const DeadLettersQuery = strict({
  kind: Type.Optional(Type.Union([Type.Literal('failed'), Type.Literal('conflict')])),
  ...filters,
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Entries of a page' }),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 8192, description: 'Opaque; from the previous page' }),
  ),
});
export const RedriveBody = strict(filters);

export const DeadLetterRow = strict(
  {
    dead_letter_id: Type.String(),
    kind: words('failed', 'conflict'),
    stage: Type.String(),
    code: Type.String(),
    error: Type.String(),
    event_id: Type.String(),
    entity_type: Type.String(),
    entity_id: Type.String(),
    timestamp: Type.String({ description: 'RFC 3339; empty where the record has no time that can be read' }),
    topic_id: Type.String(),
    partition: Count,
    offset: Digits,
    schema_id: Type.Integer({ description: 'Of the registry; -1: none' }),
    redriven: Type.Boolean({ description: 'true: it could be read since; runs made now have its events' }),
  },
  { title: 'DeadLetter' },
);
export const DeadLetterListAnswer = pageOf(DeadLetterRow);
export const DeadLetterAnswer = answerOf(DeadLetterRow);

const Base64 = Type.String({ description: 'Base64' });
export const LetterRecordAnswer = answerOf(
  strict({
    topic: Type.String(),
    record_time: Time,
    schema_id: Type.Integer({ description: 'Of the registry; -1: none' }),
    key: orNull(Base64),
    key_kept: Type.Boolean({ description: 'false: the bytes of the key were not kept as such' }),
    value: orNull(Base64),
    value_kept: Type.Boolean({
      description: 'false: the bytes of the value were not kept as such; see payload',
    }),
    headers: Type.Array(strict({ name: Type.String(), value: orNull(Base64) })),
    payload: Type.Union([AnyJson, Type.Null()]),
  }),
);
export const RedriveAnswer = answerOf(
  strict({
    selected: Count,
    decoded: Type.Integer({ minimum: 0, description: 'Can be read now' }),
    already: Type.Integer({ minimum: 0, description: 'Of these, by a redrive before' }),
    failed: Type.Integer({ minimum: 0, description: 'Cannot be read now either' }),
    need_rerun: Type.Integer({
      minimum: 0,
      description: 'Were read, and failed later: rerun with another encoding',
    }),
    failures: Type.Array(
      strict({ dead_letter_id: Type.String(), code: Type.String(), error: Type.String() }),
    ),
    more: Type.Boolean({ description: 'true: the same request goes on with the others' }),
  }),
);
