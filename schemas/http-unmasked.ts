/** What the route of original events takes and answers. */
import { Type } from 'typebox';
import { AnyJson, answerOf, Count, Digits, strict, Time } from './http-answer.js';

export const OriginalEventQuery = strict({
  reason: Type.String({ minLength: 3, maxLength: 500, description: 'Why; it goes into the audit trail' }),
});

export const OriginalEventAnswer = answerOf(
  strict(
    {
      event_id: Type.String(),
      event_type: Type.String(),
      entity_type: Type.String(),
      entity_id: Type.String(),
      timestamp: Time,
      actor: Type.String(),
      action: Type.String(),
      severity: Type.String(),
      decision: AnyJson,
      payload: AnyJson,
      topic: Type.String(),
      partition: Count,
      offset: Digits,
    },
    { title: 'OriginalEvent' },
  ),
);
