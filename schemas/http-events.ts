/** What POST audit-events takes and answers. */
import { Type } from 'typebox';
import { answerOf, Count, Digits, strict } from './http-answer.js';

const Rejected = {
  index: Count,
  status: Type.Literal('rejected'),
  code: Type.String(),
  message: Type.String(),
  pointer: Type.Optional(Type.String()),
};

const EventResult = Type.Union(
  [
    strict({
      index: Count,
      status: Type.Literal('accepted'),
      event_id: Type.String(),
      topic: Type.String(),
      partition: Count,
      offset: Digits,
    }),
    strict(Rejected),
  ],
  { title: 'EventResult' },
);

/** JSON is answered event by event; NDJSON with counts and the first rejections. */
export const IntakeAnswer = answerOf(
  Type.Union([
    strict({ accepted: Count, rejected: Count, results: Type.Array(EventResult) }),
    strict({
      accepted: Count,
      rejected: Count,
      lines: Count,
      errors: Type.Array(strict(Rejected)),
      errors_truncated: Type.Boolean(),
    }),
  ]),
);

/** For the API description only: events are read from the bytes as they came. */
export const EventsBody = {
  content: {
    'application/json': {
      schema: Type.Unknown({ description: 'One AuditEvent, or an array of them' }),
    },
    'application/x-ndjson': { schema: Type.Unknown({ description: 'One AuditEvent a line, any number' }) },
  },
};
